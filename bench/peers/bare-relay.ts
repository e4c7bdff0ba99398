import { WebSocketServer } from 'ws';

/**
 * The reference of the relay bench: a relay over `ws` as one writes it first. It stores nothing, checks nothing, and
 * sends each frame by itself: one to the other of the pair, one back to the sender.
 */
const sockets = new Map<string, import('ws').WebSocket>();
const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
server.on('connection', (socket, request) => {
  const name = (request.url ?? '/').slice(1);
  const other = name.startsWith('a') ? `b${name.slice(1)}` : `a${name.slice(1)}`;
  sockets.set(name, socket);
  socket.on('message', (data) => {
    const frame = JSON.parse((data as Buffer).toString()) as { ref: number; content: string };
    sockets.get(other)?.send(JSON.stringify({ type: 'message', message: frame }));
    socket.send(JSON.stringify({ type: 'posted', ref: frame.ref }));
  });
});
server.on('listening', () => {
  process.send?.({ url: `ws://127.0.0.1:${(server.address() as { port: number }).port}` });
});
process.on('message', (text) => {
  if (text === 'cpu') process.send?.({ cpu: process.cpuUsage() });
});
process.on('disconnect', () => process.exit(0));
