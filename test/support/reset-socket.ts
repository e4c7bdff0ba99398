import type { Socket } from 'node:net';

/**
 * Ends a connection by RST. One that is being closed in order already is only destroyed: libuv refuses to reset it
 * while its FIN is on the way, Node takes that for done, and the process then never ends.
 */
export const resetSocket = (socket: Socket): void => {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
};
