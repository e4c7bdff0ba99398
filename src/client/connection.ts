import type { Change, StorageState } from '../protocol/entities.ts';
import type { ClientFrame, ServerFrame } from '../protocol/frames.ts';
import type { Api } from './api.ts';
import { backoffMs } from './backoff.ts';
import { asClientError, type ClientError, networkError } from './client-error.ts';
import { Emitter } from './emitter.ts';
import { forAgents } from './for-agents.ts';
import { type OpenSocket, openSocket } from './socket.ts';
import { listenForWakeUps, Pause } from './waiting.ts';

/** `live`: a socket, caught up. `polling`: messages still come, a little later. `offline`: nothing can be reached. */
export type ConnectionState = 'connecting' | 'live' | 'polling' | 'offline';

export interface ConnectionEvents {
  state: ConnectionState;
  /** There is a cursor, the first or after a resync: what was loaded before it is void. Load the lists now. */
  fresh: { log: string };
  /** One entry of the feed, in order, each once per connection. */
  change: Change;
  /** The storage is not what it was; agents are told. */
  storage: StorageState;
  /** Any other frame of the socket. */
  frame: ServerFrame;
  /** The token is not accepted; the connection has stopped until {@link Connection.start} is called again. */
  unauthorized: ClientError;
}

export interface ConnectionTimes {
  openTimeoutMs: number;
  pingEveryMs: number;
  pongWithinMs: number;
  /** Between two polls where held requests do not get through. */
  pollEveryMs: number;
  /** How long a held request is asked to wait, in seconds. */
  waitSeconds: number;
  /** Between attempts to get a socket while polling works: from this to twice as long. */
  socketRetryMs: number;
  /** The same after a socket that did not deliver; four times as long for each in a row, up to ten minutes. */
  silentRetryMs: number;
  /** How long a socket may take to prove itself after a moment in which it may have died unnoticed. */
  wakePongMs: number;
  backoffCapMs: number;
}

export interface ConnectionOptions {
  api: Api;
  socketUrl: string;
  WebSocket: typeof WebSocket | undefined;
  token: () => string | undefined;
  /** See {@link HttpOptions.as}. */
  as?: string | undefined;
  times?: Partial<ConnectionTimes> | undefined;
  random?: (() => number) | undefined;
}

const TIMES: ConnectionTimes = {
  openTimeoutMs: 5_000,
  pingEveryMs: 20_000,
  pongWithinMs: 10_000,
  pollEveryMs: 3_000,
  waitSeconds: 25,
  socketRetryMs: 30_000,
  silentRetryMs: 4_000,
  wakePongMs: 3_000,
  backoffCapMs: 10_000,
};

/** Polls at the floor before a held one is tried again: about a minute of them, doubled each time it fails. */
const SHORT_POLLS = 20;
const SHORT_POLLS_MAX = 320;
const SILENT_RETRY_CAP_MS = 10 * 60_000;
/** Pongs ahead of us, in a row, before the feed is asked for again, and before the socket is left for good. */
const BEHIND_ASK = 2;
const BEHIND_LEAVE = 4;
/** Pongs in a row that agree with us before a socket is trusted again: more than half a minute of it. */
const AGREED = 3;

/**
 * The one live connection: a socket when it can be had, a held request (long poll) when not, a request every three
 * seconds when that is cut short as well; it goes back to the better road by itself and never gives up.
 * One cursor serves all three, so changing the road neither loses nor repeats a change.
 */
export class Connection extends Emitter<ConnectionEvents> {
  readonly #options: ConnectionOptions;
  readonly #times: ConnectionTimes;
  readonly #pause = new Pause();
  #state: ConnectionState = 'connecting';
  #socket: OpenSocket | undefined;
  #cursor: string | undefined;
  #log: string | undefined;
  /** Mark of the storage's state that was told last. */
  #storage: string | undefined;
  #run: AbortController | undefined;
  #attempt = 0;
  /** Sockets in a row that opened and did not deliver. */
  #silent = 0;
  /** Pongs in a row that were ahead of us while nothing moved here; and where that was. */
  #behind = 0;
  #behindAt = '';
  #agreed = 0;
  /** Ends the poll under way, to be made again at once. */
  #woken = new AbortController();
  readonly #retryPause = new Pause();

  constructor(options: ConnectionOptions) {
    super();
    this.#options = options;
    this.#times = { ...TIMES, ...options.times };
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get cursor(): string | undefined {
    return this.#cursor;
  }

  /** Begins, or begins again after {@link stop} or `unauthorized`. */
  start(): void {
    if (this.#run) return;
    const run = new AbortController();
    this.#run = run;
    this.#setState('connecting');
    const ends = listenForWakeUps((slept) => this.wake(slept));
    void this.#supervise(run.signal).finally(() => {
      ends();
      if (this.#run === run) this.#run = undefined;
    });
  }

  /** Ends it and forgets the cursor. */
  stop(): void {
    this.#run?.abort();
    this.#run = undefined;
    this.#socket?.close();
    this.#socket = undefined;
    this.#cursor = undefined;
    this.#wakeWaiting();
    this.#setState('offline');
  }

  /**
   * Tries at once instead of waiting out a back-off, and asks an open socket whether it still lives; one that was open
   * before the machine slept is replaced without asking.
   */
  wake(slept = false): void {
    this.#attempt = 0;
    if (slept) this.#socket?.close();
    else this.probe();
    this.#wakeWaiting();
  }

  /** Asks an open socket for a sign of life, soon: something that it should have brought has not come. */
  probe(): void {
    this.#socket?.probe(this.#times.wakePongMs);
  }

  #wakeWaiting(): void {
    this.#woken.abort();
    this.#woken = new AbortController();
    this.#pause.wake();
    this.#retryPause.wake();
  }

  /** Sends a frame when there is a socket; false when there is none. */
  send(frame: ClientFrame): boolean {
    if (!this.#socket) return false;
    this.#socket.send(frame);
    return true;
  }

  /** Resolves when the present socket has ended; undefined without one. */
  get socketClosed(): Promise<unknown> | undefined {
    return this.#socket?.closed;
  }

  async #supervise(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      let retryAfterMs = 0;
      try {
        // After a socket that opened and did not deliver, polling has to show first that it is only the socket.
        const found = this.#silent === 0 ? await this.#trySocket(signal) : undefined;
        const socket = found ?? (await this.#poll(signal));
        if (socket) await this.#serve(socket, signal);
        // A socket that ended is replaced at once, most often: only when that fails as well is it called offline.
        if (!signal.aborted) this.#setState('connecting');
      } catch (cause) {
        if (signal.aborted) return;
        const error = asClientError(cause);
        if (error.code === 'unauthorized') return this.#refused(error);
        // Nothing gets through: that says nothing about sockets.
        this.#silent = 0;
        this.#setState('offline');
        retryAfterMs = error.retryAfterMs ?? 0;
      }
      if (signal.aborted) return;
      await this.#pause.wait(Math.max(retryAfterMs, backoffMs(this.#attempt++, this.#backoff())));
    }
  }

  /** One attempt at a socket. Undefined when it cannot be had now; throws only when the token is refused. */
  async #trySocket(signal: AbortSignal): Promise<OpenSocket | undefined> {
    const { WebSocket, socketUrl, token, as } = this.#options;
    if (!WebSocket || signal.aborted) return undefined;
    const bearer = token();
    try {
      return await openSocket({
        url: socketUrl,
        WebSocket,
        hello: {
          type: 'hello',
          token: bearer,
          log: this.#log,
          ...(forAgents && { as }),
        },
        ...this.#times,
      });
    } catch (error) {
      if (asClientError(error).code === 'unauthorized') throw error;
      return undefined;
    }
  }

  /** Lives on one socket until it ends. Throws when it ends for want of a valid token. */
  async #serve(socket: OpenSocket, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return socket.close();
    this.#socket = socket;
    const { cursor, log } = socket.welcome;
    const known = this.#cursor !== undefined && this.#log === log;
    this.#log = log;
    if (!known) this.#cursor = cursor;
    socket.listen((frame) => this.#onFrame(frame));
    this.#behind = this.#agreed = 0;
    socket.send({ type: 'followInbox', after: this.#cursor ?? cursor });
    // A socket that lets the welcome through and nothing after it is found out now, not at the first regular ping.
    socket.probe();
    if (!known) this.emit('fresh', { log });
    this.emit('frame', socket.welcome);
    const { refused, silent } = await socket.closed;
    if (this.#socket === socket) this.#socket = undefined;
    if (silent) this.#silent += 1;
    if (refused) throw refused;
  }

  #onFrame(frame: ServerFrame): void {
    if (frame.type === 'change' || frame.type === 'resync' || (frame.type === 'caughtUp' && 'cursor' in frame)) {
      this.#cursor = frame.cursor;
      if (frame.type === 'change') this.emit('change', frame);
      else {
        if (frame.type === 'resync') this.emit('fresh', { log: this.#log ?? '' });
        this.#attempt = 0;
        this.#setState('live');
      }
    } else if (frame.type === 'pong') this.#compare(frame.cursor);
    else if (forAgents && frame.type === 'storage') this.#tellStorage(frame);
    else this.emit('frame', frame);
  }

  #tellStorage(state: StorageState): void {
    if (!forAgents || state.mark === this.#storage) return;
    this.#storage = state.mark;
    this.emit('storage', state);
  }

  /**
   * A server that is ahead of us at two pings in a row, while nothing moved here, has sent something that did not
   * arrive. Asking again from our cursor is cheap and heals it; a socket that still does not bring it is left.
   */
  #compare(cursor: string): void {
    if (cursor === this.#cursor) {
      this.#behind = 0;
      if (++this.#agreed >= AGREED) this.#silent = 0;
      return;
    }
    this.#agreed = 0;
    this.#behind = this.#behindAt === this.#cursor ? this.#behind + 1 : 1;
    this.#behindAt = this.#cursor ?? '';
    if (this.#behind >= BEHIND_LEAVE) this.#socket?.close(true);
    else if (this.#behind === BEHIND_ASK) this.send({ type: 'followInbox', after: this.#behindAt });
  }

  /** Polls until that fails, or until a socket can be had after all: then returns it. */
  async #poll(signal: AbortSignal): Promise<OpenSocket | undefined> {
    const ends = new AbortController();
    const either = AbortSignal.any([signal, ends.signal]);
    let socket: OpenSocket | undefined;
    const retry = this.#retrySocket(either, (found) => {
      socket = found;
      ends.abort();
      this.#pause.wake();
    });
    try {
      await this.#pollWhileItWorks(either);
    } catch (error) {
      if (!socket) throw error;
    } finally {
      ends.abort();
      await retry;
    }
    return socket;
  }

  async #retrySocket(signal: AbortSignal, found: (socket: OpenSocket) => void): Promise<void> {
    const { random = Math.random } = this.#options;
    const { socketRetryMs, silentRetryMs } = this.#times;
    signal.addEventListener('abort', () => this.#retryPause.wake());
    while (!signal.aborted) {
      const pause = this.#silent > 0 ? silentRetryMs * 4 ** (this.#silent - 1) : socketRetryMs;
      await this.#retryPause.wait(Math.min(pause, SILENT_RETRY_CAP_MS) * (1 + random()));
      if (signal.aborted) return;
      const socket = await this.#trySocket(signal).catch(() => undefined);
      if (!socket) continue;
      if (signal.aborted) socket.close();
      else found(socket);
    }
  }

  async #pollWhileItWorks(signal: AbortSignal): Promise<void> {
    // Polls that were not held, still to be made before the next attempt at a held one.
    let short = 0;
    let shortAfterFailure = SHORT_POLLS;
    while (!signal.aborted) {
      const held = this.#cursor !== undefined && this.#state === 'polling' && short === 0;
      const began = performance.now();
      const { signal: woken } = this.#woken;
      const either = AbortSignal.any([signal, woken]);
      try {
        const news = await this.#pollOnce(held ? this.#times.waitSeconds : 0, either);
        this.#attempt = 0;
        if (held && (news || performance.now() - began >= 1000)) shortAfterFailure = SHORT_POLLS;
        // Not held although asked to be: holding on to that would be a busy loop.
        else if (held) short = SHORT_POLLS;
        else if (short > 0) short -= 1;
        this.#setState('polling');
        if (short > 0 && !news) await this.#pause.wait(this.#times.pollEveryMs);
      } catch (error) {
        if (signal.aborted) return;
        if (woken.aborted) continue;
        if (!held || asClientError(error).code === 'unauthorized') throw error;
        short = shortAfterFailure;
        shortAfterFailure = Math.min(2 * short, SHORT_POLLS_MAX);
      }
    }
  }

  /** Returns whether it brought anything. */
  async #pollOnce(wait: number, signal: AbortSignal): Promise<boolean> {
    const after = this.#cursor;
    try {
      const query =
        after === undefined ? {} : { after, limit: 500, wait, ...(forAgents && { storage: this.#storage }) };
      const page = await this.#options.api.changes(query, signal);
      if (!Array.isArray(page?.changes) || signal.aborted) throw networkError();
      const known = after !== undefined && this.#log === page.log;
      this.#log = page.log;
      this.#cursor = page.cursor;
      if (forAgents && page.storage) this.#tellStorage(page.storage);
      if (known) for (const change of page.changes) this.emit('change', change);
      else this.emit('fresh', { log: page.log });
      return !known || page.changes.length > 0 || !page.caughtUp;
    } catch (error) {
      if (asClientError(error).code !== 'resync') throw error;
      this.#cursor = undefined;
      return true;
    }
  }

  #refused(error: ClientError): void {
    this.stop();
    this.emit('unauthorized', error);
  }

  #backoff(): { capMs: number; random: (() => number) | undefined } {
    // Nobody looks at a hidden page: it may take its time, and is woken when it is shown.
    const hidden = globalThis.document?.visibilityState === 'hidden';
    return { capMs: this.#times.backoffCapMs * (hidden ? 6 : 1), random: this.#options.random };
  }

  #setState(state: ConnectionState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.emit('state', state);
  }
}
