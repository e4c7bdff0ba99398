import type { Change, Conversation, Me, Message } from '../protocol/entities.ts';
import type { ClientFrame, ServerFrame, Side } from '../protocol/frames.ts';
import { type Api, createApi, type Posted } from './api.ts';
import { backoffMs } from './backoff.ts';
import { ClientError, networkError } from './client-error.ts';
import { Connection, type ConnectionTimes } from './connection.ts';
import { Emitter } from './emitter.ts';
import { Files, type UploadRef } from './files.ts';
import { forAgents } from './for-agents.ts';
import { createCall } from './http.ts';
import { checkPosted, Outbox } from './outbox.ts';
import type { OutboxEntry, OutboxFile, OutboxStorage, PostTerms } from './outbox-storage.ts';
import { Thread } from './thread.ts';
import { uuidv7 } from './uuid.ts';

export interface ClientOptions {
  /** Origin of the server; empty for the page's own. */
  baseUrl: string;
  side: Side;
  /** Whom the cookie must belong to: a page that outlives a change of agents must not act as the next one. */
  as?: string | undefined;
  /** None: the page's cookie serves, or `identify` gets one when the first message is to be sent. */
  token?: string | undefined;
  /** Makes the caller known to the server and returns the token. Called until it succeeds. */
  identify?: ((api: Api) => Promise<string>) | undefined;
  storage: OutboxStorage;
  /** Whose outbox it is, apart from the server: `visitor`, or an agent's id. */
  owner: string;
  fetch?: typeof fetch;
  WebSocket?: typeof WebSocket | undefined;
  times?: Partial<ConnectionTimes>;
  random?: () => number;
  /** How long an answer to a message is waited for on the socket, in milliseconds. */
  answerWithinMs?: number;
}

export interface ClientEvents {
  /** One entry of the feed, after the open threads have taken it. */
  change: Change;
  /** Load the lists (again). Threads that are open do so by themselves. */
  fresh: { log: string };
  /** A conversation that this client began is on the server. */
  started: Conversation;
  unauthorized: ClientError;
}

/** What could not be done is tried again about every five seconds. */
const AGAIN_ATTEMPT = 9;

/** The typed HTTP calls alone, for a page that is not signed in yet. */
export const connectApi = (baseUrl: string, token: () => string | undefined = () => undefined): Api =>
  createApi(createCall({ baseUrl, token, fetch: (...args) => fetch(...args) }));

/** One person's view of a Guichet server: calls, one live connection, the outbox, and the threads that are open. */
export class GuichetClient extends Emitter<ClientEvents> {
  readonly api: Api;
  readonly connection: Connection;
  readonly outbox: Outbox;
  readonly files: Files;
  readonly side: Side;
  readonly #options: ClientOptions;
  readonly #threads = new Map<string, Thread>();
  readonly #answers = new Map<string, { resolve: (posted: Posted) => void; reject: (error: ClientError) => void }>();
  /** Read marks that the feed has not confirmed: said again after a reconnect, and when the server could not. */
  readonly #reads = new Map<string, number>();
  readonly #typing = new Map<string, number>();
  #again: ReturnType<typeof setTimeout> | undefined;
  #identifying: Promise<void> | undefined;
  #token: string | undefined;
  #me: Me | undefined;

  constructor(options: ClientOptions) {
    super();
    this.#options = options;
    this.side = options.side;
    this.#token = options.token;
    const token = (): string | undefined => this.#token;
    const { baseUrl, as } = options;
    const call = createCall({ baseUrl, token, as, fetch: options.fetch ?? ((...a) => fetch(...a)) });
    this.api = createApi(call);
    this.files = new Files(call, ({ conversationId }) => this.#threads.get(conversationId)?.refresh());
    this.connection = new Connection({
      api: this.api,
      socketUrl: socketUrl(baseUrl),
      WebSocket: 'WebSocket' in options ? options.WebSocket : globalThis.WebSocket,
      token,
      as,
      times: options.times,
      random: options.random,
    });
    this.outbox = new Outbox({
      storage: options.storage,
      scope: `${baseUrl}|${options.owner}`,
      deliver: (entry, attempt) => this.#deliver(entry, attempt),
      random: options.random,
    });
    this.#wire();
  }

  get me(): Me | undefined {
    return this.#me;
  }

  get token(): string | undefined {
    return this.#token;
  }

  /** Sends what an earlier page left behind, and connects as soon as there is somebody to connect as. */
  async start(): Promise<void> {
    if (this.#token !== undefined || !this.#options.identify) this.connection.start();
    await this.outbox.resume();
  }

  /** Another page of this browser has made the caller known. */
  useToken(token: string): void {
    if (this.#token !== undefined) return;
    this.#token = token;
    this.connection.start();
  }

  /** Makes the caller known now, unless they are, instead of with the first message. Rejects as `identify` does. */
  async makeKnown(): Promise<void> {
    if (this.#token !== undefined || !this.#options.identify) return;
    this.#identifying ??= this.#identify(this.#options.identify);
    await this.#identifying;
  }

  /** The token is void: what waits to be sent gets a new one by `identify`. */
  forgetToken(): void {
    this.#token = undefined;
    this.connection.stop();
    void this.outbox.resume();
  }

  stop(): void {
    clearTimeout(this.#again);
    this.outbox.close();
    this.connection.stop();
    for (const thread of this.#threads.values()) thread.forgetPresence();
    // What is being loaded for them is nobody's any more, and not asked for again.
    this.#threads.clear();
  }

  /** The thread of a conversation, loaded and followed from now on, until {@link close}. */
  open(conversationId: string): Thread {
    const open = this.#threads.get(conversationId);
    if (open) return open;
    const thread = new Thread(conversationId, this.side, this.api, () => this.outbox.entries(conversationId));
    this.#threads.set(conversationId, thread);
    void this.#load(thread);
    return thread;
  }

  close(conversationId: string): void {
    if (this.#threads.delete(conversationId)) this.connection.send({ type: 'unfollow', conversationId });
  }

  /** Hands a message to the outbox; it is shown as being sent at once. Returns its id. */
  async send(
    conversationId: string,
    content: string,
    kind: 'message' | 'note' = 'message',
    files: readonly OutboxFile[] = [],
    terms?: PostTerms,
  ): Promise<string> {
    this.typing(conversationId, false);
    return this.#enqueue({ conversationId, content, kind, ...(forAgents && terms && { terms }) }, files);
  }

  /** Begins a conversation with its first message; the same way, and as safe to repeat. Returns its id at once. */
  startConversation(content: string, subject?: string, files: readonly OutboxFile[] = []): string {
    const conversationId = uuidv7();
    const start = subject === undefined ? {} : { subject };
    void this.#enqueue({ conversationId, content, kind: 'message', start }, files);
    return conversationId;
  }

  /** Says how far the conversation has been read; coalesced, and repeated until the feed confirms it. */
  read(conversationId: string, seq: number): void {
    if (seq <= (this.#reads.get(conversationId) ?? 0)) return;
    this.#reads.set(conversationId, seq);
    this.#sendRead(conversationId, seq);
  }

  /** Says that the person writes, at most every three seconds, or has stopped. Nothing without a socket. */
  typing(conversationId: string, typing: boolean): void {
    const last = this.#typing.get(conversationId);
    if (typing ? last !== undefined && Date.now() - last < 3_000 : last === undefined) return;
    if (typing) this.#typing.set(conversationId, Date.now());
    else this.#typing.delete(conversationId);
    this.connection.send({ type: 'typing', conversationId, typing });
  }

  #wire(): void {
    this.outbox.on('change', ({ conversationId }) => {
      const thread = this.#threads.get(conversationId);
      thread?.refresh();
      // Its first message has arrived: by the answer, or by the feed when that was faster.
      if (thread && !thread.ready) void this.#load(thread);
    });
    this.outbox.on('posted', (message) => {
      this.#threads.get(message.conversationId)?.apply(message);
      // By another tab, which is known to the server by now: its answers are to be heard here as well.
      this.makeKnown().catch(() => {});
    });
    this.connection.on('fresh', (fresh) => {
      this.#reads.clear();
      this.emit('fresh', fresh);
      for (const thread of this.#threads.values()) void this.#load(thread, true);
    });
    this.connection.on('change', (change) => this.#onChange(change));
    this.connection.on('frame', (frame) => this.#onFrame(frame));
    this.connection.on('unauthorized', (error) => this.emit('unauthorized', error));
    this.connection.on('state', (state) => {
      if (state === 'live' || state === 'polling') {
        void this.outbox.resume();
        this.#tryAgain();
      } else for (const thread of this.#threads.values()) thread.forgetPresence();
    });
  }

  #onChange(change: Change): void {
    const { message, read, conversation } = change;
    if (message) this.#onMessage(message);
    if (read) {
      this.#threads.get(read.conversationId)?.applyRead(read);
      if (read.readerId === this.#me?.id && read.seq >= (this.#reads.get(read.conversationId) ?? 0)) {
        this.#reads.delete(read.conversationId);
      }
    }
    if (conversation) this.#threads.get(conversation.id)?.applyConversation(conversation);
    this.emit('change', change);
  }

  #onMessage(message: Message): void {
    const entry = this.outbox.get(message.id);
    // The feed carries what is stored: as good as the acknowledgement that may have been lost on the way.
    if (entry?.content === message.content && message.durable) void this.outbox.settle([message.id], message);
    this.#threads.get(message.conversationId)?.apply(message);
  }

  #onFrame(frame: ServerFrame): void {
    if (frame.type === 'welcome') {
      this.#me = frame.me;
      for (const thread of this.#threads.values()) if (thread.ready) this.#follow(thread);
    } else if (frame.type === 'message') this.#onMessage(frame.message);
    else if (frame.type === 'posted') this.#answers.get(String(frame.ref))?.resolve(frame);
    else if (frame.type === 'error') {
      this.#answers.get(String(frame.ref))?.reject(new ClientError(frame.code, frame.title, frame.retry));
      if (frame.retry !== 'never') this.#tryLater();
    } else if ('conversationId' in frame) this.#onThreadFrame(frame, this.#threads.get(frame.conversationId));
  }

  #onThreadFrame(frame: Extract<ServerFrame, { conversationId: string }>, thread: Thread | undefined): void {
    if (frame.type === 'stored') {
      if (frame.stored.durable) void this.outbox.settle(frame.messages.map(({ id }) => id));
      thread?.applyStored(frame.messages);
    } else if (frame.type === 'caughtUp') void thread?.fillGaps(frame.lastSeq);
    else if (frame.type === 'read') thread?.applyRead(frame);
    // Our own other tab is no news.
    else if (frame.type !== 'typing' || frame.senderId !== this.#me?.id) thread?.applyFrame(frame);
  }

  async #load(thread: Thread, again = false): Promise<void> {
    // Not on the server yet, so there is nothing to load; or no cursor yet, and `fresh` will load it.
    if (this.outbox.entries(thread.id).some((entry) => entry.start) || this.connection.cursor === undefined) return;
    await (again ? thread.reload() : thread.load());
    if (this.#threads.get(thread.id) !== thread) return;
    if (thread.ready) this.#follow(thread);
    if (thread.error && thread.error.retry !== 'never') {
      this.#tryLater();
    }
  }

  /** The server may be there and its storage not: the connection alone would not tell when that is over. */
  #tryLater(): void {
    clearTimeout(this.#again);
    this.#again = setTimeout(() => this.#tryAgain(), backoffMs(AGAIN_ATTEMPT));
  }

  /** What the server could not do, or did not hear of: read marks that are not confirmed, threads that did not load. */
  #tryAgain(): void {
    for (const [conversationId, seq] of this.#reads) this.#sendRead(conversationId, seq);
    for (const thread of this.#threads.values()) if (thread.error) void this.#load(thread);
  }

  #follow(thread: Thread): void {
    this.connection.send({ type: 'follow', conversationId: thread.id, after: thread.lastSeq });
  }

  #sendRead(conversationId: string, seq: number): void {
    if (this.connection.send({ type: 'read', conversationId, seq })) return;
    if (this.connection.state === 'polling') this.api.read(conversationId, seq).catch(() => this.#tryLater());
  }

  async #enqueue(
    entry: Pick<OutboxEntry, 'conversationId' | 'content' | 'kind' | 'start' | 'terms'>,
    files: readonly OutboxFile[],
  ): Promise<string> {
    const id = uuidv7();
    const content = entry.content.normalize('NFC');
    const kept = files.length > 0 ? { files: [...files] } : {};
    await this.outbox.add({ ...entry, ...kept, content, id, createdAt: new Date().toISOString() });
    return id;
  }

  async #deliver(entry: OutboxEntry, attempt: number): Promise<Posted> {
    await this.makeKnown();
    const { id, content, conversationId, start, files } = entry;
    if (start) {
      // Files are uploaded to a conversation, so with files it has to be there before its first message.
      const message = files ? {} : { message: { id, content } };
      const started = await this.api.startConversation({ id: conversationId, ...start, ...message });
      const posted = files ? undefined : checkPosted(entry, started);
      this.emit('started', started.conversation);
      if (posted) return posted;
    }
    const attachments = files && { attachments: await this.files.upload(entry) };
    try {
      const posted = await this.#post(entry, attempt, attachments);
      this.files.settled(id);
      return posted;
    } catch (error) {
      this.files.settled(id, error);
      throw error;
    }
  }

  /** Posts on the entry's terms. What stands behind what the writer saw may be the writer's own: that is no news. */
  async #post(entry: OutboxEntry, attempt: number, attachments: Attached): Promise<Posted> {
    const { id, content, kind, conversationId } = entry;
    const terms = forAgents ? entry.terms : undefined;
    try {
      // A socket on which it has failed may be one that takes messages and delivers none: the next attempt takes the
      // road beside it.
      if (this.connection.state === 'live' && attempt % 2 === 0) return await this.#postBySocket(entry, attachments);
      return checkPosted(entry, await this.api.post(conversationId, { id, content, kind, ...terms, ...attachments }));
    } catch (error) {
      const ifLastSeq = forAgents && error instanceof ClientError && error.code === 'stale' && terms?.ifLastSeq;
      if (!forAgents || typeof ifLastSeq !== 'number') throw error;
      const { messages, hasMore } = await this.api.messages(conversationId, { after: ifLastSeq, limit: 50 });
      for (const message of messages) this.#threads.get(conversationId)?.apply(message);
      const isOwn = (message: Message): boolean => message.kind === 'event' || message.senderId === this.#me?.id;
      if (hasMore || messages.length === 0 || !messages.every(isOwn)) throw error;
      return this.#post({ ...entry, terms: { ...terms, ifLastSeq: messages.at(-1)!.seq } }, attempt, attachments);
    }
  }

  async #identify(identify: (api: Api) => Promise<string>): Promise<void> {
    try {
      this.#token = await identify(this.api);
      this.connection.start();
    } finally {
      this.#identifying = undefined;
    }
  }

  async #postBySocket(entry: OutboxEntry, attachments: Attached): Promise<Posted> {
    const { id, content, kind, conversationId, terms } = entry;
    const { promise, resolve, reject } = Promise.withResolvers<Posted>();
    const { answerWithinMs = 15_000 } = this.#options;
    const doubt = setTimeout(() => this.connection.probe(), answerWithinMs / 4);
    const timer = setTimeout(() => reject(networkError()), answerWithinMs);
    this.#answers.set(id, { resolve, reject });
    void this.connection.socketClosed?.then(() => reject(networkError()));
    try {
      const told = { ...(forAgents && frameTerms(terms)), ...attachments };
      const frame: ClientFrame = { type: 'post', ref: id, conversationId, id, content, kind, ...told };
      if (!this.connection.send(frame)) throw networkError();
      return checkPosted(entry, await promise);
    } finally {
      clearTimeout(doubt);
      clearTimeout(timer);
      this.#answers.delete(id);
    }
  }
}

/** Files of a message that the server has by now. */
type Attached = { attachments: UploadRef[] } | undefined;

const frameTerms = ({ mentions, ...terms }: PostTerms = {}) => ({
  ...terms,
  ...(mentions && { mentions: [...mentions] }),
});

const socketUrl = (baseUrl: string): string => {
  const url = new URL('/api/v1/socket', baseUrl || globalThis.location?.href || 'http://localhost');
  url.protocol = url.protocol.replace('http', 'ws');
  return url.href;
};
