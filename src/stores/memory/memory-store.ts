import { GuichetError } from '../../domain/errors.ts';
import { newLogIdentity } from '../../domain/model/log-identity.ts';
import { isPublic } from '../../domain/model/message.ts';
import type { LogRecord } from '../../domain/model/record.ts';
import { checkBatch } from '../../domain/state/check-batch.ts';
import { LogState } from '../../domain/state/log-state.ts';
import { isCounted, pageOf } from '../../domain/state/message-page.ts';
import { hitsOf, planSearch } from '../../domain/state/message-search.ts';
import { MessageTimeline } from '../../domain/state/message-timeline.ts';
import { StoreLifecycle } from '../../domain/state/store-lifecycle.ts';
import type * as Port from '../../domain/store.ts';

export interface MemoryStoreOptions {
  /** Records kept one by one for `recordsSince`; older ones are answered from state. */
  readonly history?: number;
}

/**
 * The log in memory: the reference implementation of the store contract, in the plainest form that is right.
 * Records are immutable and shared by reference with whoever made them.
 */
export class MemoryStore implements Port.Store {
  readonly name = 'memory:';
  readonly kind = 'memory';
  readonly capabilities = { durable: false, reopens: false };
  readonly #lifecycle = new StoreLifecycle();
  readonly #historySize: number;
  readonly #state = new LogState();
  readonly #threads = new Map<string, LogRecord<'message'>[]>();
  readonly #messages = new Map<string, LogRecord<'message'>>();
  readonly #timeline = new MessageTimeline();
  #history: LogRecord[] = [];
  #floor = 0;
  /** The batch it took last: the one whose answer may have been lost, so the one that may come again. */
  #last: readonly LogRecord[] = [];
  #head: Port.LogHead = { log: { id: '', rewinds: 0 }, epoch: 0, position: 0, time: 0 };

  constructor(options: MemoryStoreOptions = {}) {
    this.#historySize = options.history ?? 100_000;
  }

  open(options: Port.OpenOptions = {}): Promise<Port.LogHead> {
    return this.#lifecycle.open(async () => {
      this.#head = { log: options.log ?? newLogIdentity(), epoch: 1, position: 0, time: 0 };
      this.#lifecycle.opened();
      return this.#head;
    });
  }

  async identity(): Promise<undefined> {}

  holder(): Port.Commitment {
    return { tier: 'memory', durable: false };
  }

  health(): Port.StoreHealth {
    const { state, since } = this.#lifecycle;
    const position = this.#head.position;
    return {
      state,
      since,
      position,
      floor: this.#floor,
      lastError: null,
      lastSnapshot: null,
    };
  }

  /** There is no older copy of anything. */
  async takeSnapshot(): Promise<boolean> {
    return false;
  }

  async close(): Promise<void> {
    await this.#lifecycle.whenOpened();
    this.#lifecycle.closed();
  }

  async append(batch: Port.Batch): Promise<Port.Commitment> {
    this.#lifecycle.requireOpen();
    const verdict = checkBatch(batch, this.#head);
    if (verdict === 'again') {
      if (!this.#holds(batch)) throw new GuichetError('fenced');
      return this.holder();
    }
    for (const record of batch.records) this.#apply(record);
    this.#head = {
      ...this.#head,
      position: batch.through,
      time: Math.max(this.#head.time, batch.records.at(-1)?.time ?? 0),
    };
    if (batch.records.length > 0) this.#last = batch.records;
    if (batch.compacted) this.#dropHistory(batch.through);
    else if (this.#history.length > 2 * this.#historySize) {
      const kept = this.#history.length - this.#historySize;
      this.#floor = this.#history[kept - 1]!.position;
      this.#history = this.#history.slice(kept);
    }
    return this.holder();
  }

  #holds({ after, through, records }: Port.Batch): boolean {
    const held = after < this.#floor ? this.#last : this.#history.slice(after - this.#floor, through - this.#floor);
    return held.length === records.length && held.every((record, i) => isSame(record, records[i]!));
  }

  #apply(record: LogRecord): void {
    this.#history.push(record);
    this.#state.apply(record);
    if (!record.is('message')) return;
    const { conversationId, seq, id } = record.value;
    const thread = this.#threads.get(conversationId);
    if (thread === undefined) this.#threads.set(conversationId, sparse(seq, record));
    else thread[seq - 1] = record;
    this.#messages.set(id, record);
    this.#timeline.add(record);
  }

  /** A compacted page has no history of its own: what is older than its end can only be answered from state. */
  #dropHistory(through: number): void {
    this.#history = [];
    this.#floor = through;
  }

  async view(request: Port.ViewRequest): Promise<Port.View> {
    this.#lifecycle.requireOpen();
    const messages = new Map<string, LogRecord<'message'>>();
    for (const id of request.messages) {
      const message = this.#messages.get(id);
      if (message !== undefined) messages.set(id, message);
    }
    return { head: this.#head, messages, ...this.#state.view(request) };
  }

  async recordsSince(position: number, limit: number, filter: Port.RecordFilter = {}): Promise<Port.RecordPage> {
    this.#lifecycle.requireOpen();
    const head = this.#head.position;
    if (filter.userId !== undefined) return page(this.#publicRecords(filter.userId, position), limit, head, true);
    if (position < this.#floor) return page([...this.#allRecords(position)], limit, head, true);
    const start = Math.max(0, position - this.#floor);
    return page(this.#history.slice(start, start + limit + 1), limit, head, false);
  }

  *#allRecords(after: number): Generator<LogRecord> {
    yield* this.#state.recordsBetween(after, this.#head.position, this.#head);
    for (const record of this.#messages.values()) if (record.position > after) yield record;
  }

  #publicRecords(userId: string, after: number): LogRecord[] {
    const records = [...this.#state.publicRecords(userId, after, this.#head)];
    for (const { conversation } of this.#state.conversations.ofUser(userId)) {
      const thread = this.#threads.get(conversation.id) ?? [];
      records.push(...thread.filter((record) => record.position > after && isPublic(record.value)));
    }
    return records;
  }

  async conversation(id: string): ReturnType<Port.Store['conversation']> {
    this.#lifecycle.requireOpen();
    return this.#state.head(id);
  }

  async conversations(query: Port.ConversationQuery): Promise<Port.ConversationPage> {
    this.#lifecycle.requireOpen();
    return this.#state.conversations.page(query);
  }

  async messages(conversationId: string, range: Port.MessageRange): Promise<Port.MessagePage> {
    this.#lifecycle.requireOpen();
    const thread = this.#threads.get(conversationId) ?? [];
    const shown = range.public ? thread.filter((record) => isPublic(record.value)) : thread;
    const span = pageOf(shown.length, range);
    return {
      // A keeper that is being filled may not have them all yet.
      messages: shown.slice(span.from, span.to).filter((record) => record !== undefined),
      lastSeq: shown.length,
      hasMore: span.hasMore,
    };
  }

  async countMessages(requests: readonly Port.MessageCount[]): Promise<number[]> {
    this.#lifecycle.requireOpen();
    return requests.map((request) => {
      const thread = this.#threads.get(request.conversationId) ?? [];
      return thread.filter(({ value }) => isCounted(value, request)).length;
    });
  }

  async search(query: Port.MessageSearch): Promise<Port.MessageHits> {
    this.#lifecycle.requireOpen();
    const plan = planSearch(query);
    const isCurrent = (record: LogRecord<'message'>) => this.#messages.get(record.value.id) === record;
    return hitsOf(await this.#timeline.search(plan, isCurrent), plan.limit);
  }

  async entry<K extends Parameters<Port.Store['entry']>[0]>(kind: K, id: string) {
    this.#lifecycle.requireOpen();
    return this.#state.directory.get(kind, id);
  }

  async entries<K extends Parameters<Port.Store['entry']>[0]>(kind: K, page?: { after?: string; limit?: number }) {
    this.#lifecycle.requireOpen();
    return this.#state.directory.list(kind, page);
  }

  async agentByEmail(email: string): ReturnType<Port.Store['agentByEmail']> {
    this.#lifecycle.requireOpen();
    return this.#state.directory.agentByEmail(email);
  }
}

/** A thread that begins with this message; while a keeper is filled, seqs may come out of order. */
const sparse = (seq: number, record: LogRecord<'message'>): LogRecord<'message'>[] => {
  const thread: LogRecord<'message'>[] = [];
  thread[seq - 1] = record;
  return thread;
};

const isSame = (a: LogRecord, b: LogRecord): boolean =>
  a.position === b.position && a.kind === b.kind && a.json === b.json;

const page = (found: LogRecord[], limit: number, head: number, compacted: boolean): Port.RecordPage => {
  if (compacted) found.sort((a, b) => a.position - b.position);
  const more = found.length > limit;
  const records = more ? found.slice(0, limit) : found;
  return { records, through: more ? records.at(-1)!.position : head, more, compacted };
};
