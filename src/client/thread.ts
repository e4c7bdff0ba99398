import type { Attachment, Conversation, Message, ReadMark } from '../protocol/entities.ts';
import type { ServerFrame, Side } from '../protocol/frames.ts';
import type { Api } from './api.ts';
import { asClientError, type ClientError } from './client-error.ts';
import { Emitter } from './emitter.ts';
import { forAgents } from './for-agents.ts';
import { MessageList } from './message-list.ts';
import { type MessageState, type Progress, stateOfEntry, stateOfMessage } from './message-state.ts';
import type { OutboxEntry } from './outbox-storage.ts';

/** A file of a line: one the server has, or one still on its way there with its content. */
export type ItemFile = Omit<Attachment, 'id'> & ({ id: string; blob?: undefined } | { id?: undefined; blob: Blob });

/** One line of a conversation as its reader sees it: a message of the server, or one still on its way there. */
export interface ThreadItem {
  readonly id: string;
  readonly message: Message | undefined;
  /** Set while the outbox holds it. */
  readonly entry: OutboxEntry | undefined;
  readonly kind: Message['kind'];
  readonly content: string;
  readonly files: readonly ItemFile[];
  readonly createdAt: string;
  /** Of the reader's side. */
  readonly own: boolean;
  /** Only for own messages and notes. */
  readonly state: MessageState | undefined;
}

export interface Typist {
  side: Side;
  senderId: string;
}

/** Somebody who stopped without saying so is taken to have stopped after this. */
const TYPING_LASTS_MS = 8_000;
const PAGE = 50;
const NO_FILES: readonly never[] = [];

/**
 * One conversation as one side sees it: its messages in order, how far the other side is, who is writing.
 * Fed by the connection; loads its own pages.
 */
export class Thread extends Emitter<{ change: undefined }> {
  readonly id: string;
  readonly #api: Api;
  readonly #side: Side;
  readonly #waiting: () => OutboxEntry[];
  #list = new MessageList();
  /** While the latest page is on its way: what arrives meanwhile, so that the page can replace all else. */
  #next: MessageList | undefined;
  #loading: Promise<void> | undefined;
  #loadingOlder = false;
  /** Made when somebody looks, for as long as nothing changes: a long thread is looked at with every scroll. */
  #items: ThreadItem[] | undefined;
  /** One item a message for as long as it says the same, so that a view can tell what has changed. */
  readonly #itemOf = new WeakMap<Message, ThreadItem>();
  #olderLoaded: Promise<void> = Promise.resolve();
  #error: ClientError | undefined;
  #ready = false;
  #progress: Progress = { delivered: 0, read: 0 };
  /** How often all that was known became void. */
  #past = 0;
  readonly #typists = new Map<string, Typist & { timer: ReturnType<typeof setTimeout> }>();
  #otherOnline: boolean | undefined;

  constructor(id: string, side: Side, api: Api, waiting: () => OutboxEntry[]) {
    super();
    this.id = id;
    this.#side = side;
    this.#api = api;
    this.#waiting = waiting;
  }

  /** Whether the latest page is here; until then `items` holds only what arrived by itself. */
  get ready(): boolean {
    return this.#ready;
  }

  get error(): ClientError | undefined {
    return this.#error;
  }

  get hasOlder(): boolean {
    return this.#ready && this.#list.hasOlder;
  }

  get loadingOlder(): boolean {
    return this.#loadingOlder;
  }

  get lastSeq(): number {
    return this.#list.lastSeq;
  }

  get messages(): readonly Message[] {
    return this.#list.all;
  }

  get typists(): Typist[] {
    return [...this.#typists.values()].map(({ side, senderId }) => ({ side, senderId }));
  }

  /** Whether the other side has this conversation open; undefined when nobody said. */
  get otherOnline(): boolean | undefined {
    return this.#otherOnline;
  }

  get items(): readonly ThreadItem[] {
    this.#items ??= this.#makeItems();
    return this.#items;
  }

  #makeItems(): ThreadItem[] {
    // Whoever answers has read what is above: the log says so with the answer itself, and keeps no mark beside it.
    const answer = this.#list.all.findLast(({ kind, senderType }) => kind === 'message' && senderType === this.#other);
    const progress = { ...this.#progress, read: Math.max(this.#progress.read, answer?.seq ?? 0) };
    const sent = this.#list.all.map((message): ThreadItem => {
      const own = isOwn(message, this.#side);
      const { id, kind, content, createdAt, attachments: files = NO_FILES } = message;
      const state = own && (!forAgents || kind !== 'event') ? stateOf(message, progress) : undefined;
      // Only a console has threads so long that it matters.
      const known = forAgents && this.#itemOf.get(message);
      if (known && known.state === state) return known;
      const item = { id, message, entry: undefined, kind, content, files, createdAt, own, state };
      if (forAgents) this.#itemOf.set(message, item);
      return item;
    });
    const waiting = this.#waiting()
      .filter(({ id }) => !this.#list.get(id))
      .map((entry): ThreadItem => {
        const { id, kind, content, createdAt, files = NO_FILES } = entry;
        return {
          id,
          message: undefined,
          entry,
          kind,
          content,
          files,
          createdAt,
          own: true,
          state: stateOfEntry(entry),
        };
      });
    return [...sent, ...waiting];
  }

  /** Loads the latest page. Failures are told by `error`, not thrown. */
  load(): Promise<void> {
    const past = this.#past;
    this.#loading ??= this.#loadLatest(past).finally(() => {
      if (past === this.#past) this.#loading = undefined;
    });
    return this.#loading;
  }

  /**
   * Loads it again after a resync: another log, or one that was rewound. What is known of the former, an answer that is
   * on its way included, is not carried over.
   */
  reload(): Promise<void> {
    this.#past += 1;
    this.#progress = { delivered: 0, read: 0 };
    this.#loading = undefined;
    return this.load();
  }

  /** Changes when what was read must be said again. */
  get past(): number {
    return this.#past;
  }

  /** Loads the page before the first message at hand, if there is one. */
  loadOlder(): Promise<void> {
    if (!this.#loadingOlder) this.#olderLoaded = this.#loadOlder();
    return this.#olderLoaded;
  }

  async #loadOlder(): Promise<void> {
    const first = this.#list.all[0];
    if (!first || !this.hasOlder || this.#loadingOlder) return;
    this.#loadingOlder = true;
    this.#changed();
    const list = this.#list;
    try {
      const { messages } = await this.#api.messages(this.id, { before: first.seq, limit: PAGE });
      if (list === this.#list) list.applyPage(messages, (messages[0]?.seq ?? 1) > 1);
    } catch (error) {
      this.#error = asClientError(error);
    } finally {
      this.#loadingOlder = false;
      this.#changed();
    }
  }

  /** Loads everything from some messages before `seq` to what is at hand, so that it can be looked at in its place. */
  async loadBackTo(seq: number): Promise<void> {
    if (!forAgents) return;
    await this.#olderLoaded;
    const list = this.#list;
    let after = Math.max(0, seq - PAGE / 2);
    const { seq: first = 0 } = list.all[0] ?? {};
    if (!this.#ready || first <= after + 1 || this.#loadingOlder) return;
    this.#loadingOlder = true;
    this.#changed();
    const pages: Message[] = [];
    try {
      while (after < first - 1) {
        const { messages } = await this.#api.messages(this.id, { after, before: first, limit: 500 });
        if (messages.length === 0) break;
        pages.push(...messages);
        after = messages.at(-1)!.seq;
      }
      if (list === this.#list) list.applyPage(pages, (pages[0]?.seq ?? 1) > 1);
    } catch (error) {
      this.#error = asClientError(error);
    } finally {
      this.#loadingOlder = false;
      this.#changed();
    }
  }

  /** Fetches what the numbers say is missing. Returns false when that failed and must be tried again. */
  async fillGaps(lastSeq: number = this.lastSeq): Promise<boolean> {
    const list = this.#list;
    for (let after = list.missingAfter(lastSeq); this.#ready && after !== undefined; ) {
      let page: Message[];
      try {
        page = (await this.#api.messages(this.id, { after, limit: 500 })).messages;
      } catch {
        return false;
      }
      if (list !== this.#list) return true;
      for (const message of page) list.apply(message);
      this.#changed();
      const next = list.missingAfter(lastSeq);
      if (next === undefined || next <= after) return next === undefined;
      after = next;
    }
    return true;
  }

  apply(message: Message): void {
    this.#next?.apply(message);
    if (this.#list.apply(message)) {
      this.#stopTyping(message.senderId);
      this.#changed();
    }
  }

  /** Takes the read marks that a conversation carries. */
  applyConversation({ reads }: Pick<Conversation, 'reads'>): void {
    for (const mark of reads ?? []) this.applyRead(mark);
  }

  applyRead(mark: ReadMark): void {
    if (mark.readerType !== this.#other || mark.seq <= this.#progress.read) return;
    this.#progress.read = mark.seq;
    this.#changed();
  }

  applyStored(messages: readonly { id: string; seq: number }[]): void {
    this.#next?.markDurable(messages);
    if (this.#list.markDurable(messages)) this.#changed();
  }

  /** Takes the frames that are about a conversation but are not in its log. */
  applyFrame(frame: ServerFrame): void {
    if (frame.type === 'delivered' && frame.seq > this.#progress.delivered) {
      this.#progress.delivered = frame.seq;
    } else if (frame.type === 'presence' && frame.side !== this.#side) {
      this.#otherOnline = frame.online;
    } else if (frame.type === 'typing') {
      this.#stopTyping(frame.senderId);
      const { side, senderId } = frame;
      const timer = setTimeout(() => this.#stopTyping(senderId), TYPING_LASTS_MS);
      if (frame.typing) this.#typists.set(senderId, { side, senderId, timer });
      else clearTimeout(timer);
    } else return;
    this.#changed();
  }

  /** Without a socket nobody tells who is there. */
  forgetPresence(): void {
    for (const senderId of [...this.#typists.keys()]) this.#stopTyping(senderId);
    this.#otherOnline = undefined;
    this.#changed();
  }

  /** The outbox changed. */
  refresh(): void {
    this.#changed();
  }

  async #loadLatest(past: number): Promise<void> {
    const next = new MessageList();
    this.#next = next;
    this.#error = undefined;
    this.#changed();
    try {
      const { messages } = await this.#api.messages(this.id, { limit: PAGE });
      if (past !== this.#past) return;
      next.applyPage(messages, (messages[0]?.seq ?? 1) > 1);
      this.#list = next;
      this.#ready = true;
    } catch (error) {
      if (past !== this.#past) return;
      this.#error = asClientError(error);
      // It is not there any more, as after a restore to a time before it.
      if (this.#error.code === 'not_found') this.#list = new MessageList();
    } finally {
      if (past === this.#past) this.#next = undefined;
      this.#changed();
    }
  }

  get #other(): 'AGENT' | 'USER' {
    return !forAgents || this.#side === 'visitor' ? 'AGENT' : 'USER';
  }

  #stopTyping(senderId: string): void {
    const typist = this.#typists.get(senderId);
    if (!typist) return;
    clearTimeout(typist.timer);
    this.#typists.delete(senderId);
    this.#changed();
  }

  #changed(): void {
    this.#items = undefined;
    this.emit('change', undefined);
  }
}

/** Visitors are shown no events and no notes, and nothing of the system's but events. */
const isOwn = ({ senderType }: Message, side: Side): boolean =>
  forAgents ? senderType !== 'SYSTEM' && (senderType === 'USER') === (side === 'visitor') : senderType === 'USER';

/** Nobody of the other side is ever shown a note: it is stored or not, and no more is said of it. */
const stateOf = (message: Message, progress: Progress): MessageState =>
  stateOfMessage(message, forAgents && message.kind === 'note' ? { delivered: 0, read: 0 } : progress);
