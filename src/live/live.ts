import { randomBytes } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import { type Actor, authorize, authorizeOn } from '../domain/access.ts';
import type { Chat } from '../domain/chat.ts';
import { GuichetError } from '../domain/errors.ts';
import type { Committed } from '../domain/group-commit.ts';
import type { ConversationHead } from '../domain/model/conversation.ts';
import { type LogIdentity, logName } from '../domain/model/log-identity.ts';
import { isPublic } from '../domain/model/message.ts';
import type { LogRecord } from '../domain/model/record.ts';
import type { Commitment, ConversationQuery, MessageRange, MessageSearch } from '../domain/store.ts';
import type * as Wire from '../protocol/entities.ts';
import { PAGE_MAX } from '../protocol/limits.ts';
import { Cursors } from './cursors.ts';
import { DeliveryMarks } from './delivery-marks.ts';
import { Assigner } from './duties/assigner.ts';
import { SnoozeAlarm } from './duties/snooze-alarm.ts';
import { Feed } from './feed.ts';
import { Hub } from './hub.ts';
import { InboxPage } from './inbox-page.ts';
import { LogFollower } from './log-follower.ts';
import { type ChangesQuery, Polling } from './polling.ts';
import { Presence } from './presence.ts';
import { ReadMarks } from './read-marks.ts';
import { type SessionContext, sayTyping } from './session.ts';
import { StorageWatch } from './storage-watch.ts';
import { SocketServer } from './websocket.ts';
import { audienceFor, conversationView, messageView, storedView } from './wire.ts';

export interface LiveOptions {
  readonly chat: Chat;
  /** Default: no post may name files. */
  readonly attachments?: SessionContext['attachments'];
  readonly log: LogIdentity;
  /** Position of the log when this server began to read it. */
  readonly position: number;
  /** Seals visitors' cursors; the same over restarts, or visitors start again. Default: one for this process. */
  readonly secret?: string;
  readonly logError?: (error: unknown, what: string) => void;
  /** Throws `too_many_requests` when the caller's own budget is spent. */
  readonly spend?: (actor: Actor, on: 'post' | 'typing', of: { bytes: number; address: string }) => void;
}

/** Who may connect: what the HTTP side knows of tokens, cookies and origins. */
export interface Doors {
  /** The owner of the request's cookie, `null` when it has none that counts. */
  authenticate(request: IncomingMessage): Promise<Actor | null>;
  authenticateToken(token: string, address: string): Promise<Actor | null>;
  originAllowed(request: IncomingMessage): boolean;
  /** What stands for where a request comes from. */
  addressOf(request: IncomingMessage): string;
  /** Room for one more socket; both answer what gives it back, and throw `too_many_requests`. */
  enter(address: string): () => void;
  enterAs(visitorId: string): () => void;
}

/** Everything that reads the log on behalf of somebody who waits: sockets, polls, and the views they share. */
export class Live {
  readonly presence: Presence;
  readonly #options: LiveOptions;
  readonly #hub: Hub;
  /** Set while other processes write to this log too. */
  readonly #follower: LogFollower | undefined;
  readonly #feed: Feed;
  readonly #polling: Polling;
  readonly #inboxPage: InboxPage;
  readonly #deliveries: DeliveryMarks;
  readonly #readMarks: ReadMarks;
  readonly #storage: StorageWatch;
  readonly #alarm: SnoozeAlarm;
  readonly #assigner: Assigner;
  #sockets: SocketServer | undefined;

  constructor(options: LiveOptions) {
    const { chat, log, position, secret = randomBytes(32).toString('hex') } = options;
    this.#options = options;
    this.#hub = new Hub(position);
    if (chat.store.shared !== undefined) {
      this.#follower = new LogFollower({
        ...{ store: chat.store, position },
        broadcast: (batch) => this.#broadcast(batch),
        readAgain: (to) => this.#hub.readAgain(to),
        logError: (error) => this.#logError(error, 'what other processes wrote'),
      });
    }
    this.#feed = new Feed(chat.store, new Cursors(secret, log));
    this.#deliveries = new DeliveryMarks(this.#hub);
    this.#storage = new StorageWatch(chat.store);
    this.#polling = new Polling({
      ...{ store: chat.store, hub: this.#hub, feed: this.#feed, deliveries: this.#deliveries },
      ...{ logName: logName(log), storage: this.#storage },
    });
    this.#inboxPage = new InboxPage(chat.store);
    this.#readMarks = new ReadMarks(chat, (error) => this.#logError(error, 'read mark'));
    this.presence = new Presence(this.#hub);
    this.#alarm = new SnoozeAlarm(chat, (error) => this.#logError(error, 'end of a snooze'));
    this.#assigner = new Assigner(chat, this.presence, (error) => this.#logError(error, 'assignment'));
    this.presence.arrived = () => this.#assigner.agentCame();
  }

  /** Fans out what the store holds now; to be called for each batch, in order. */
  broadcast(batch: Committed): void {
    if (this.#follower === undefined) this.#broadcast(batch);
    else this.#follower.committed(batch);
  }

  #broadcast(batch: Committed): void {
    this.#hub.broadcast(batch);
    this.#alarm.committed(batch);
    this.#assigner.committed(batch);
    const whom = new Set(batch.records.flatMap(whoseRightsChanged));
    if (whom.size > 0) this.#sockets?.recheck(whom);
  }

  /**
   * Records that stood in memory are durable now. Those who saw them are told so; what nobody was shown, because its
   * senders were refused at the time, is read from the store by whoever listens.
   */
  madeDurable(made: { records: readonly LogRecord[]; shown: boolean; commitment: Commitment }): void {
    if (!made.shown) {
      this.#hub.readAgain(made.records.at(-1)?.position ?? 0);
      void this.#alarm.start();
      return;
    }
    const byConversation = Map.groupBy(made.records.filter(isMessage), (record) => record.value.conversationId);
    for (const [id, records] of byConversation) void this.#tellStored(id, records, made.commitment);
  }

  /** To be called when the storage may not be what it was; what nobody says is found within a second. */
  storageChanged(): void {
    this.#storage.look();
  }

  async #tellStored(
    conversationId: string,
    records: readonly LogRecord<'message'>[],
    commitment: Commitment,
  ): Promise<void> {
    const { position } = records.at(-1)!;
    const head = await this.#options.chat.store.conversation(conversationId).catch(() => undefined);
    this.#hub.announce(conversationId, head?.conversation.userId ?? '', (audience) => {
      const shown = records.filter((record) => audience === 'agent' || isPublic(record.value));
      if (shown.length === 0) return undefined;
      const messages = shown.map(({ value }) => ({
        id: value.id,
        seq: audience === 'agent' ? value.seq : value.publicSeq,
      }));
      const stored = storedView(commitment, position, audience);
      return JSON.stringify({ type: 'stored', conversationId, messages, stored });
    });
  }

  /** Serves the WebSocket of the protocol on this server. */
  attach(server: Server, doors: Doors): void {
    const { chat, attachments, log, spend = () => {} } = this.#options;
    const shared = {
      chat,
      attachments,
      logName: logName(log),
      feed: this.#feed,
      hub: this.#hub,
      presence: this.presence,
      deliveries: this.#deliveries,
      readMarks: this.#readMarks,
      storage: this.#storage,
      logError: (error: unknown, what: string) => this.#logError(error, what),
    };
    this.#sockets = new SocketServer({
      admit: (request) => {
        if (!doors.originAllowed(request)) throw new GuichetError('origin_refused');
        const address = doors.addressOf(request);
        const leave = doors.enter(address);
        const authenticate = (token: string | undefined) =>
          token === undefined ? doors.authenticate(request) : doors.authenticateToken(token, address);
        const enter = (actor: Actor): (() => void) => {
          if (actor.type === 'visitor') return doors.enterAs(actor.id);
          // Who works here takes nobody's room.
          leave();
          return () => {};
        };
        return {
          leave,
          context: {
            ...shared,
            authenticate,
            enter,
            spend: (actor, on, bytes) => spend(actor, on, { bytes, address }),
          },
        };
      },
    });
    this.#sockets.attach(server);
    void this.#alarm.start();
  }

  /** Ends polls and sockets, and writes the read marks that wait. The log must still take changes. */
  async close(): Promise<void> {
    this.#alarm.close();
    this.#assigner.close();
    this.#polling.close();
    await this.#follower?.close();
    await this.#sockets?.close();
    await this.#readMarks.close();
  }

  get sockets(): number {
    return this.#sockets?.count ?? 0;
  }

  get polls(): number {
    return this.#polling.waiting;
  }

  /** JSON of GET /conversations/:id/messages. `wait` in seconds holds the answer until there is something. */
  threadPage(
    actor: Actor,
    conversationId: string,
    range: MessageRange & { wait?: number },
    signal: AbortSignal,
  ): Promise<string> {
    return this.#polling.thread(actor, conversationId, range, signal);
  }

  /** JSON of GET /changes. */
  changes(actor: Actor, query: ChangesQuery, signal: AbortSignal): Promise<string> {
    authorize(actor, 'changes.read');
    const answer = this.#polling.changes(actor, query, signal);
    // Whoever sits at a console is there on every road; a program with a key that looks in is nobody.
    const isPerson = actor.type === 'agent' && actor.key === undefined && actor.automation !== true;
    return isPerson ? answer.finally(this.presence.agentPolls(actor.id)) : answer;
  }

  /** One conversation with what a list shows of it; rejects with `not_found` for another's. */
  async conversation(actor: Actor, id: string): Promise<Wire.Conversation> {
    const head = authorizeOn(actor, 'conversation.read', await this.#options.chat.store.conversation(id));
    const [view] = await this.#inboxPage.views(actor, [head]);
    return view!;
  }

  /** Those of these conversations that there are, in this order, as a list shows them. */
  async someConversations(actor: Actor, ids: readonly string[]): Promise<{ conversations: Wire.Conversation[] }> {
    authorize(actor, 'conversations.list');
    const { conversations } = await this.#options.chat.store.view({
      ...{ conversations: ids, messages: [], entries: [], agentEmails: [] },
    });
    const heads = ids.map((id) => conversations.get(id)).filter((head) => head !== undefined);
    const shown = heads.filter(({ conversation }) => actor.type !== 'visitor' || conversation.userId === actor.id);
    return { conversations: await this.#inboxPage.views(actor, shown) };
  }

  /** Messages that a search finds, and the conversations they are in as a list shows them. */
  async search(
    actor: Actor,
    query: MessageSearch,
  ): Promise<{ messages: Wire.Message[]; conversations: Wire.Conversation[]; nextCursor: string | null }> {
    authorize(actor, 'messages.search');
    const { store } = this.#options.chat;
    const { messages, nextCursor } = await store.search(query);
    const ids = new Set(messages.map(({ value }) => value.conversationId));
    return {
      messages: messages.map((record) => this.messageView(actor, record, store.holder(record.position).durable)),
      ...(await this.someConversations(actor, [...ids])),
      nextCursor,
    };
  }

  /** A page of conversations; a visitor's query is always for their own. */
  async conversations(
    actor: Actor,
    query: ConversationQuery,
  ): Promise<{ conversations: Wire.Conversation[]; nextCursor: string | null }> {
    authorize(actor, 'conversations.list');
    const own = actor.type === 'visitor' ? { ...query, userId: actor.id } : query;
    const page = await this.#options.chat.store.conversations({ ...own, limit: Math.min(query.limit, PAGE_MAX) });
    return { conversations: await this.#inboxPage.views(actor, page.conversations), nextCursor: page.nextCursor };
  }

  /** A conversation as it just became, without asking the store. */
  conversationView(actor: Actor, head: ConversationHead): Wire.Conversation {
    return conversationView(head, audienceFor(actor));
  }

  messageView(actor: Actor, record: LogRecord<'message'>, durable: boolean): Wire.Message {
    return messageView(record, audienceFor(actor), durable);
  }

  stored(actor: Actor, commitment: Commitment, position: number): Wire.Stored {
    return storedView(commitment, position, audienceFor(actor));
  }

  async typing(actor: Actor, conversationId: string, typing: boolean): Promise<void> {
    authorizeOn(actor, 'typing.send', await this.#options.chat.store.conversation(conversationId));
    sayTyping(this.#hub, actor, conversationId, typing);
  }

  markRead(actor: Actor, conversationId: string, seq: number): Promise<void> {
    if (!Number.isSafeInteger(seq) || seq < 0) throw new GuichetError('invalid', 'seq must be a whole number.');
    return this.#readMarks.mark(actor, conversationId, seq);
  }

  #logError(error: unknown, what: string): void {
    this.#options.logError?.(error, what);
  }
}

const isMessage = (record: LogRecord): record is LogRecord<'message'> => record.is('message');

/** Whose tokens may be worth less since: somebody was signed out, or an agent or a visitor is not what it was. */
const whoseRightsChanged = (record: LogRecord): string[] => {
  if (record.is('agent')) return [record.value.id];
  if ((record.is('session') || record.is('apiKey')) && record.value.revoked) return [record.value.agentId];
  // A visitor who is new, or changed nothing but a name, has lost nothing.
  if (!record.is('contact')) return [];
  const { id, tokenGeneration, blocked } = record.value;
  return tokenGeneration !== undefined || blocked ? [id] : [];
};
