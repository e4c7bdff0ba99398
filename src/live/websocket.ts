import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { asGuichetError, ERRORS } from '../domain/errors.ts';
import { BODY_MAX_BYTES, CLOSE } from '../protocol/limits.ts';
import { type Connection, Session, type SessionContext } from './session.ts';
import { encodeTextFrames } from './text-frames.ts';

export const SOCKET_PATH = '/api/v1/socket';

/** Unsent bytes past which a connection gets no more live frames. */
const CONGESTED_BYTES = 1024 * 1024;
/** A connection that has not read its backlog in this time is closed. */
const STUCK_MS = 30_000;
/** Frames of a visitor that are read at once, and in the long run. */
const FRAMES_BURST = 200;
const FRAMES_PER_SECOND = 10;
const PACE_MS = 500;
/** A connection that has not signed in by then is closed. */
const HELLO_MS = 10_000;
/** Delivery is asked for at most this often, so that it costs a busy connection nothing to speak of. */
const PROBE_EVERY_MS = 250;
/** A silent peer is asked for a sign of life at this pace, and given up after two unanswered. */
const HEARTBEAT_MS = 30_000;

export interface SocketOptions {
  /** The session's context for one request, and what gives its room back; throws the error to refuse it with. */
  readonly admit: (request: IncomingMessage) => { readonly context: SessionContext; readonly leave: () => void };
}

/** Serves WebSockets on an HTTP server's upgrade event and keeps count of them. */
export class SocketServer {
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: BODY_MAX_BYTES, perMessageDeflate: false });
  readonly #options: SocketOptions;
  readonly #open = new Set<SocketConnection>();

  constructor(options: SocketOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#open.size;
  }

  attach(server: Server): void {
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on('error', () => socket.destroy());
      if (new URL(request.url ?? '/', 'http://server').pathname !== SOCKET_PATH) {
        refuse(socket, '404 Not Found');
        return;
      }
      let admitted: ReturnType<SocketOptions['admit']>;
      try {
        admitted = this.#options.admit(request);
      } catch (cause) {
        const { status } = ERRORS[asGuichetError(cause).code];
        refuse(socket, `${status} ${STATUS_CODES[status]}`);
        return;
      }
      const { context, leave } = admitted;
      // However it ends, also when it never becomes a WebSocket.
      socket.once('close', leave);
      this.#server.handleUpgrade(request, socket, head, (ws) => {
        const connection = new SocketConnection(ws, socket, context);
        this.#open.add(connection);
        ws.on('close', () => this.#open.delete(connection));
      });
    });
  }

  /** Those of these people whose right to be here has ended are closed. */
  recheck(whom: ReadonlySet<string>): void {
    for (const connection of this.#open) connection.recheck(whom);
  }

  /** Says goodbye to everybody; those that do not answer are cut off. */
  async close(): Promise<void> {
    const open = [...this.#open];
    await Promise.all(open.map((connection) => connection.shutDown()));
    this.#server.close();
  }
}

const refuse = (socket: Duplex, status: string): void => {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
};

/** One WebSocket: carries a session, and joins the frames of one turn into one write. */
class SocketConnection implements Connection {
  readonly #ws: WebSocket;
  readonly #socket: Duplex;
  readonly #session: Session;
  /** Frames of this turn. */
  #outgoing: string[] = [];
  #outgoingChars = 0;
  #waitingForDrain: (() => void)[] = [];
  #stuck: NodeJS.Timeout | undefined;
  #probeTimer: NodeJS.Timeout | undefined;
  #lastProbe = 0;
  #unanswered = 0;
  #allowance = FRAMES_BURST;
  #paceAt = Date.now();
  #paced: NodeJS.Timeout | undefined;
  /** Frames that came faster; no more than one read of the socket brings. */
  readonly #waiting: string[] = [];
  readonly #heartbeat: NodeJS.Timeout;
  readonly #late: NodeJS.Timeout;

  constructor(ws: WebSocket, socket: Duplex, context: SessionContext) {
    this.#ws = ws;
    this.#socket = socket;
    this.#session = new Session(context, this);
    ws.on('message', (data, isBinary) => {
      this.#take(isBinary ? '' : (data as Buffer).toString());
      this.#holdBackReader();
    });
    ws.on('pong', (payload: Buffer) => {
      this.#unanswered = 0;
      if (payload.length > 0) this.#session.confirmed();
    });
    ws.on('error', () => ws.terminate());
    ws.on('close', () => this.#end());
    socket.on('drain', () => this.#drain());
    this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT_MS).unref();
    this.#late = setTimeout(() => {
      if (!this.#session.signedIn) this.close(CLOSE.unauthorized, 'unauthorized');
    }, HELLO_MS).unref();
  }

  get congested(): boolean {
    return this.#socket.writableLength + this.#outgoingChars > CONGESTED_BYTES;
  }

  get closed(): boolean {
    return this.#ws.readyState !== this.#ws.OPEN;
  }

  send(frame: string): void {
    if (this.closed) return;
    if (this.#outgoing.length === 0) process.nextTick(() => this.#flush());
    this.#outgoing.push(frame);
    this.#outgoingChars += frame.length;
  }

  /** Everything of this turn in one write; `ws` itself only ever writes control frames, behind it. */
  #flush(): void {
    if (this.#outgoing.length === 0) return;
    const frames = this.#outgoing;
    this.#outgoing = [];
    this.#outgoingChars = 0;
    if (!this.closed) this.#socket.write(encodeTextFrames(frames));
    // What the kernel took at once is followed by no `drain` event.
    if (!this.congested) this.#drain();
    this.#probeLater();
  }

  /** Resolves when a reader has caught up with its backlog; one that never does is closed. */
  async drained(): Promise<void> {
    if (!this.congested || this.closed) return;
    this.#stuck ??= setTimeout(() => this.close(CLOSE.tooSlow, 'too_slow'), STUCK_MS).unref();
    await new Promise<void>((resolved) => this.#waitingForDrain.push(resolved));
  }

  #drain(): void {
    clearTimeout(this.#stuck);
    this.#stuck = undefined;
    if (this.#socket.isPaused() && this.#paced === undefined) this.#socket.resume();
    for (const resolved of this.#waitingForDrain.splice(0)) resolved();
  }

  /** Whoever does not read its answers asks no more questions until it does. */
  #holdBackReader(): void {
    if (!this.congested || this.#socket.isPaused()) return;
    this.#socket.pause();
    this.#stuck ??= setTimeout(() => this.close(CLOSE.tooSlow, 'too_slow'), STUCK_MS).unref();
  }

  /**
   * A visitor's frames are read at the pace at which people write, after a burst for a page that comes back. What comes
   * faster waits: what the last read brought here, all behind it in the sender's own buffers, where it costs nobody
   * else anything. Agents and programs are not held.
   */
  #take(text: string): void {
    if (this.#session.isTrusted) {
      this.#session.receive(text);
      return;
    }
    this.#waiting.push(text);
    this.#readOn();
  }

  #readOn(): void {
    const now = Date.now();
    const earned = (Math.max(0, now - this.#paceAt) * FRAMES_PER_SECOND) / 1000;
    this.#allowance = Math.min(FRAMES_BURST, this.#allowance + earned);
    this.#paceAt = now;
    while (this.#allowance >= 1 && this.#waiting.length > 0) {
      this.#allowance -= 1;
      this.#session.receive(this.#waiting.shift()!);
    }
    if (this.#waiting.length === 0) {
      if (this.#paced === undefined) return;
      this.#paced = undefined;
      if (!(this.congested || this.closed)) this.#socket.resume();
      return;
    }
    this.#socket.pause();
    clearTimeout(this.#paced);
    this.#paced = setTimeout(() => this.#readOn(), PACE_MS).unref();
  }

  probe(): void {
    this.#lastProbe = performance.now();
    this.#flush();
    if (!this.closed) this.#ws.ping('delivered');
  }

  #probeLater(): void {
    if (this.#probeTimer !== undefined || !this.#session.wantsProbe) return;
    const wait = Math.max(0, this.#lastProbe + PROBE_EVERY_MS - performance.now());
    this.#probeTimer = setTimeout(() => {
      this.#probeTimer = undefined;
      this.#session.probeIfDue();
    }, wait).unref();
  }

  #beat(): void {
    this.#unanswered += 1;
    if (this.#unanswered > 2) this.#ws.terminate();
    else if (!this.closed) this.#ws.ping();
  }

  close(code: number, reason: string): void {
    this.#flush();
    this.#ws.close(code, reason);
  }

  recheck(whom: ReadonlySet<string>): void {
    void this.#session.recheck(whom);
  }

  async shutDown(): Promise<void> {
    const gone = new Promise<void>((resolved) => this.#ws.once('close', () => resolved()));
    this.close(1001, 'stopping');
    const cut = setTimeout(() => this.#ws.terminate(), 1000);
    await gone;
    clearTimeout(cut);
  }

  #end(): void {
    clearInterval(this.#heartbeat);
    clearTimeout(this.#late);
    clearTimeout(this.#stuck);
    clearTimeout(this.#probeTimer);
    clearTimeout(this.#paced);
    this.#session.end();
    this.#drain();
  }
}
