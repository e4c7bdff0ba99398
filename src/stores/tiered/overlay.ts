import { isPublic } from '../../domain/model/message.ts';
import { conversationOf, entityKey, type LogRecord, makeRecord } from '../../domain/model/record.ts';
import { cursorBehind, mergeByActivity } from '../../domain/state/conversation-index.ts';
import { LogState } from '../../domain/state/log-state.ts';
import { isCounted, pageOf } from '../../domain/state/message-page.ts';
import { comparePlaces, hitsOf, placeOf, planSearch } from '../../domain/state/message-search.ts';
import { MessageTimeline } from '../../domain/state/message-timeline.ts';
import type * as Port from '../../domain/store.ts';

/** The reads that an overlay adds to: those of a store that stands still at `position`. */
export type Base = Port.Reads;

type Known<T> = ReadonlyMap<string, T>;

/** What lies over one conversation. */
interface Thread {
  /** How many messages are below what lies over it, of all kinds and of those a visitor may see. */
  baseSeq: number;
  basePublicSeq: number;
  /** Messages behind these, in order of seq. */
  readonly added: LogRecord<'message'>[];
  /** Messages of the base that were redacted, by seq. */
  readonly replaced: Map<number, LogRecord<'message'>>;
}

/**
 * The newest records of a log laid over a store that does not hold them: reads answer as one store that held both
 * would. The base stands somewhere between its head at first and the last record laid over it, and may move meanwhile: a
 * write that was given up may land late, and the tail is given to it page by page. Hence nothing here counts on the
 * base lacking what lies over it.
 */
export class Overlay implements Base {
  readonly #base: Base;
  readonly #below: number;
  readonly #state = new LogState();
  readonly #threads = new Map<string, Thread>();
  readonly #messages = new Map<string, LogRecord<'message'>>();
  readonly #timeline = new MessageTimeline();
  readonly #records: LogRecord[] = [];
  readonly #changed = new Set<string>();
  #head: Port.LogHead;

  /** @param head of the base */
  constructor(base: Base, head: Port.LogHead) {
    this.#base = base;
    this.#head = head;
    this.#below = head.position;
  }

  /** Of the last record laid over. */
  get position(): number {
    return this.#head.position;
  }

  /** Records laid over so far. */
  get count(): number {
    return this.#records.length;
  }

  /** Lays records over, in order. Rejects, and adds nothing, when the base does not answer for what they touch. */
  async add(records: readonly LogRecord[]): Promise<void> {
    for (const record of records) {
      const id = conversationOf(record);
      if (id !== undefined) await this.#touch(id);
      if (record.is('conversation')) await this.#bringContact(record.value.userId);
      if (record.is('contact')) await this.#touchAllOf(record.value.id);
    }
    for (const record of records) {
      this.#records.push(record);
      this.#changed.add(entityKey(record));
      this.#state.apply(record);
      if (record.is('message')) this.#addMessage(record);
      this.#head = {
        ...this.#head,
        position: record.position,
        time: Math.max(this.#head.time, record.time),
      };
    }
  }

  /** Brings in what the base knows of a conversation before the first record changes it. */
  async #touch(id: string): Promise<void> {
    if (this.#threads.has(id)) return;
    const head = await this.#base.conversation(id);
    if (head !== undefined) {
      await this.#bringContact(head.conversation.userId);
      this.#state.conversations.set(head);
    }
    const baseSeq = head?.lastSeq ?? 0;
    this.#threads.set(id, { baseSeq, basePublicSeq: head?.lastPublicSeq ?? 0, added: [], replaced: new Map() });
  }

  /** Searches go by what a contact is called now. */
  async #touchAllOf(userId: string): Promise<void> {
    let cursor: string | null = null;
    do {
      const page: Port.ConversationPage = await this.#base.conversations({
        userId,
        limit: 500,
        ...(cursor !== null && { cursor }),
      });
      for (const head of page.conversations) await this.#touch(head.conversation.id);
      cursor = page.nextCursor;
    } while (cursor !== null);
  }

  async #bringContact(id: string): Promise<void> {
    if (this.#state.directory.get('contact', id) !== undefined) return;
    const contact = await this.#base.entry('contact', id);
    if (contact !== undefined) this.#state.apply(makeRecord(this.#below, 0, 'contact', contact));
  }

  #addMessage(record: LogRecord<'message'>): void {
    const { conversationId, seq, publicSeq, id } = record.value;
    const thread = this.#threads.get(conversationId)!;
    // The first one that is new tells where the base ends, also when the base has it by now.
    if (thread.added.length === 0 && !record.value.redacted) {
      thread.baseSeq = seq - 1;
      thread.basePublicSeq = isPublic(record.value) ? publicSeq - 1 : publicSeq;
    }
    if (seq <= thread.baseSeq) thread.replaced.set(seq, record);
    else thread.added[seq - thread.baseSeq - 1] = record;
    this.#messages.set(id, record);
    this.#timeline.add(record);
  }

  async view(request: Port.ViewRequest): Promise<Port.View> {
    const base = await this.#base.view(request);
    const over = this.#state.view(request);
    const overOrBase = <T>(keys: readonly string[], newer: (key: string) => T | undefined, below: Known<T>) =>
      new Map(
        keys.flatMap((key): [string, T][] => {
          const found = newer(key) ?? below.get(key);
          return found === undefined ? [] : [[key, found]];
        }),
      );
    const keptAddresses = new Map([...base.agentsByEmail].filter(this.#keepsAddress));
    return {
      head: this.#head,
      messages: overOrBase(request.messages, (id) => this.#messages.get(id), base.messages),
      conversations: overOrBase(request.conversations, (id) => over.conversations.get(id), base.conversations),
      entries: overOrBase(
        request.entries.map(({ kind, id }) => `${kind} ${id}`),
        (key) => over.entries.get(key),
        base.entries,
      ),
      agentsByEmail: overOrBase(request.agentEmails, (email) => over.agentsByEmail.get(email), keptAddresses),
    };
  }

  async recordsSince(position: number, limit: number, filter: Port.RecordFilter = {}): Promise<Port.RecordPage> {
    const page = await this.#base.recordsSince(position, limit, filter);
    const isCut = page.more && page.through < this.#below;
    const upTo = isCut ? page.through : this.#head.position;
    const { userId } = filter;
    const below = page.records.filter(
      (record) => record.position <= this.#below && !this.#isSuperseded(record, page.compacted, userId),
    );
    const over = userId === undefined ? this.#records : this.#publicRecords(userId, position);
    const behind = over.filter((record) => record.position > position && record.position <= upTo);
    const found = [...below, ...behind].sort((a, b) => a.position - b.position);
    const records = found.slice(0, limit);
    if (found.length > limit) return { ...page, records, through: records.at(-1)!.position, more: true };
    return { ...page, records, through: upTo, more: isCut };
  }

  /** Whether a record of the base must not be in a feed, because what lies over it has a newer one in its place. */
  #isSuperseded(record: LogRecord, compacted: boolean, userId: string | undefined): boolean {
    if (!compacted) return false;
    if (userId === undefined || record.is('message')) return this.#changed.has(entityKey(record));
    return this.#threads.has(conversationOf(record) ?? '');
  }

  /** What lies over the base of what a contact may see, and all but the messages of the conversations it touches. */
  #publicRecords(userId: string, after: number): LogRecord[] {
    const own = new Set(this.#state.conversations.ofUser(userId).map((head) => head.conversation.id));
    const messages = [...this.#messages.values()].filter(
      ({ value }) => own.has(value.conversationId) && isPublic(value),
    );
    return [...this.#state.publicRecords(userId, after, this.#head), ...messages];
  }

  async conversation(id: string): ReturnType<Base['conversation']> {
    return this.#state.head(id) ?? this.#base.conversation(id);
  }

  async conversations(query: Port.ConversationQuery): Promise<Port.ConversationPage> {
    const touched = this.#state.conversations.page(query);
    const untouched: Awaited<ReturnType<Base['conversations']>>['conversations'][number][] = [];
    let cursor: string | null = query.cursor ?? null;
    do {
      const page: Port.ConversationPage = await this.#base.conversations({
        ...query,
        ...(cursor !== null && { cursor }),
      });
      untouched.push(...page.conversations.filter((head) => !this.#threads.has(head.conversation.id)));
      cursor = page.nextCursor;
    } while (cursor !== null && untouched.length < query.limit);
    const merged = mergeByActivity(touched.conversations, untouched, query);
    const conversations = merged.slice(0, query.limit);
    const more = merged.length > query.limit || cursor !== null || touched.nextCursor !== null;
    return { conversations, nextCursor: more ? cursorBehind(conversations.at(-1)!, query) : null };
  }

  async messages(conversationId: string, range: Port.MessageRange): Promise<Port.MessagePage> {
    const thread = this.#threads.get(conversationId);
    const head = this.#state.head(conversationId);
    if (thread === undefined || head === undefined) return this.#base.messages(conversationId, range);
    const shown = range.public ? thread.added.filter((record) => isPublic(record.value)) : thread.added;
    const held = range.public ? thread.basePublicSeq : thread.baseSeq;
    const lastSeq = range.public ? head.lastPublicSeq : head.lastSeq;
    const { from, to, hasMore } = pageOf(lastSeq, range);
    const messages =
      from < held ? await this.#baseMessages(conversationId, thread, from, Math.min(to, held), range) : [];
    return {
      messages: [...messages, ...shown.slice(Math.max(0, from - held), Math.max(0, to - held))],
      lastSeq,
      hasMore,
    };
  }

  async #baseMessages(
    conversationId: string,
    { replaced }: Thread,
    from: number,
    to: number,
    range: Port.MessageRange,
  ): Promise<LogRecord<'message'>[]> {
    const shown = range.public === undefined ? {} : { public: range.public };
    const page = await this.#base.messages(conversationId, { after: from, before: to + 1, limit: to - from, ...shown });
    return page.messages.map((record) => replaced.get(record.value.seq) ?? record);
  }

  async countMessages(requests: readonly Port.MessageCount[]): Promise<number[]> {
    const threads = requests.map(({ conversationId }) => this.#threads.get(conversationId));
    // Less what the base may have by now of what lies over it.
    const behind = requests.map((request, i) => {
      return { ...request, after: Math.max(request.after, threads[i]?.baseSeq ?? request.after) };
    });
    const counts = await this.#base.countMessages([...requests, ...behind]);
    return requests.map((request, i) => {
      const thread = threads[i];
      if (thread === undefined) return counts[i]!;
      const counted = thread.added.filter(({ value }) => isCounted(value, request));
      return counts[i]! - counts[requests.length + i]! + counted.length;
    });
  }

  async search(query: Port.MessageSearch): Promise<Port.MessageHits> {
    const plan = planSearch(query);
    const over = await this.#timeline.search(plan, (record) => this.#messages.get(record.value.id) === record);
    const below: LogRecord<'message'>[] = [];
    let cursor: string | null = query.cursor ?? null;
    do {
      const page: Port.MessageHits = await this.#base.search({ ...query, ...(cursor !== null && { cursor }) });
      below.push(...page.messages.filter(({ value }) => !this.#messages.has(value.id)));
      cursor = page.nextCursor;
      // One more than the page tells that there is more.
    } while (cursor !== null && below.length <= plan.limit);
    const found = [...over, ...below].sort((a, b) => comparePlaces(placeOf(a), placeOf(b)));
    return hitsOf(found, plan.limit);
  }

  async entry<K extends Parameters<Base['entry']>[0]>(kind: K, id: string) {
    return this.#state.directory.get(kind, id) ?? this.#base.entry(kind, id);
  }

  async entries<K extends Parameters<Base['entry']>[0]>(kind: K, page: { after?: string; limit?: number } = {}) {
    const over = this.#state.directory.list(kind, page);
    const base = await this.#base.entries(kind, page);
    const byId = new Map([...base, ...over].map((entry) => [entry.id, entry]));
    const ids = [...byId.keys()].sort();
    return ids.slice(0, page.limit ?? ids.length).map((id) => byId.get(id)!);
  }

  async agentByEmail(email: string): ReturnType<Base['agentByEmail']> {
    const over = this.#state.directory.agentByEmail(email);
    if (over !== undefined) return over;
    const base = await this.#base.agentByEmail(email);
    return base !== undefined && this.#keepsAddress([email, base]) ? base : undefined;
  }

  /** Whether an agent of the base still has its address: what lies over it may have given it another. */
  #keepsAddress = ([, { id }]: readonly [string, { readonly id: string }]): boolean =>
    this.#state.directory.get('agent', id) === undefined;
}
