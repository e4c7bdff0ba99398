import type { ClientFrame, ServerFrame } from '../protocol/frames.ts';
import { CLOSE } from '../protocol/limits.ts';
import { ClientError, networkError } from './client-error.ts';
import { toJson } from './json.ts';

type Welcome = Extract<ServerFrame, { type: 'welcome' }>;

/** The first frame; what there is none of is left out on the way. */
type Hello = {
  [K in keyof Extract<ClientFrame, { type: 'hello' }>]: Extract<ClientFrame, { type: 'hello' }>[K] | undefined;
};

export interface SocketOptions {
  url: string;
  WebSocket: typeof WebSocket;
  hello: Hello;
  /** From the attempt to the server's welcome. */
  openTimeoutMs: number;
  pingEveryMs: number;
  /** Silence after a ping that is taken for a dead connection. */
  pongWithinMs: number;
}

/** How a socket ended. */
export interface SocketEnd {
  /** Set when the token was refused. */
  refused?: ClientError;
  /** It was open and did not deliver: no pong came, or what came was no frame. */
  silent: boolean;
}

/** A socket that the server has welcomed. */
export interface OpenSocket {
  readonly welcome: Welcome;
  /** Takes every frame from now on; frames that came before it was set are handed over first. */
  listen(onFrame: (frame: ServerFrame) => void): void;
  send(frame: ClientFrame): void;
  /** Asks for a sign of life at once, and gives it this long when that is less than usual. */
  probe(withinMs?: number): void;
  /** Ends it; `silent` when what it should have delivered did not come. */
  close(silent?: boolean): void;
  /** Resolves when it has ended, whoever ended it. */
  readonly closed: Promise<SocketEnd>;
}

/** How often frames that do arrive buy time for a pong that does not. */
const EXTENSIONS = 2;

/** Opens a socket and says hello. Errors: `unauthorized`, else `network`. */
export const openSocket = (options: SocketOptions): Promise<OpenSocket> =>
  new Promise((resolve, reject) => {
    const socket = new options.WebSocket(options.url);
    const ended = Promise.withResolvers<SocketEnd>();
    const backlog: ServerFrame[] = [];
    let onFrame: ((frame: ServerFrame) => void) | undefined;
    let interval: ReturnType<typeof setInterval> | undefined;
    let deadline: ReturnType<typeof setTimeout> | undefined = setTimeout(() => end(), options.openTimeoutMs);
    let welcomed = false;
    let heard = false;
    let refused: ClientError | undefined;
    let over = false;

    const end = (silent = false): void => {
      if (over) return;
      over = true;
      clearInterval(interval);
      clearTimeout(deadline);
      // The handlers go first: a close that the network delays must not be waited for, nor heard afterwards.
      socket.onmessage = socket.onclose = socket.onerror = null;
      try {
        socket.close();
      } catch {
        // Not open yet, in browsers that mind.
      }
      reject(refused ?? networkError());
      ended.resolve({ silent, ...(refused && { refused }) });
    };

    const send = (frame: ClientFrame | Hello): void => {
      if (!over && socket.readyState === 1) socket.send(toJson(frame));
    };

    /**
     * Only a pong says that both directions deliver: frames that keep coming prove one of them. They buy some time,
     * for a pong stands in line behind a long backlog, and no more.
     */
    const expect = (ms: number, extensions: number): void => {
      heard = false;
      deadline = setTimeout(() => {
        if (heard && extensions > 0) expect(ms, extensions - 1);
        else end(true);
      }, ms);
    };

    const probe = (withinMs = options.pongWithinMs): void => {
      if (over || (deadline && withinMs >= options.pongWithinMs)) return;
      clearTimeout(deadline);
      send({ type: 'ping' });
      expect(withinMs, EXTENSIONS);
    };

    socket.onopen = () => send(options.hello);
    socket.onerror = () => end();
    socket.onclose = (event) => {
      if (event.code === CLOSE.unauthorized) refused = unauthorized();
      end();
    };
    socket.onmessage = ({ data }) => {
      let frame: ServerFrame;
      try {
        frame = JSON.parse(String(data));
      } catch {
        return end(true);
      }
      heard = true;
      if (frame.type === 'welcome' && !welcomed) {
        welcomed = true;
        clearTimeout(deadline);
        deadline = undefined;
        interval = setInterval(() => probe(), options.pingEveryMs);
        resolve({
          welcome: frame,
          send,
          probe,
          close: end,
          closed: ended.promise,
          listen: (listener) => {
            onFrame = listener;
            for (const early of backlog.splice(0)) listener(early);
          },
        });
        return;
      }
      if (frame.type === 'pong' && welcomed) {
        clearTimeout(deadline);
        deadline = undefined;
      }
      if (frame.type === 'error' && frame.code === 'unauthorized' && frame.ref === undefined) refused = unauthorized();
      if (onFrame) onFrame(frame);
      else backlog.push(frame);
    };
  });

const unauthorized = (): ClientError =>
  new ClientError('unauthorized', 'The server refused this token.', 'never', { status: 401 });
