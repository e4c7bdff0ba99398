import type { Change, Done } from './change.ts';
import { asGuichetError, GuichetError } from './errors.ts';
import type { ConversationHead } from './model/conversation.ts';
import type { LogRecord } from './model/record.ts';
import { type Resolution, resolve, viewRequestOf } from './resolve.ts';
import type { Commitment, LogHead, Store } from './store.ts';

/** Told to the sender of a change once it is decided and, if it wrote anything, held by the store. Must not throw. */
export type Settled = (error: GuichetError | undefined, done?: Done, commitment?: Commitment) => void;

/** A batch that the store holds now. */
export interface Committed {
  readonly records: readonly LogRecord[];
  /** Conversations touched by the batch, as they are after it. */
  readonly heads: ReadonlyMap<string, ConversationHead>;
  /** Ids of attachments that a message of before no longer names. */
  readonly released: ReadonlySet<string>;
  readonly commitment: Commitment;
}

export interface GroupCommitOptions {
  /** Called after the senders were told, for each batch, in order. */
  readonly onCommitted?: (batch: Committed) => void;
  /** Epoch ms. */
  readonly now?: () => number;
  /** Changes that may wait; past it `overloaded`. */
  readonly maxWaiting?: number;
  /** Bytes of text that may wait; past it `overloaded`. */
  readonly maxWaitingBytes?: number;
}

interface Waiting {
  readonly change: Change;
  readonly weight: number;
  readonly settled: Settled;
}

/** Bounds of one batch: what one failure takes with it, and how long the loop is busy resolving. */
const BATCH_MAX = 4096;
const BATCH_MAX_BYTES = 4 * 1024 * 1024;
/** A store may write records of its own between a view and an append: then the changes are decided again. */
const ATTEMPTS = 4;

/**
 * The queue in front of a store. While one batch is being made durable arrivals wait, and everything that waits is
 * the next batch: an idle system pays one sync a message, a busy one shares it. There is no timer.
 *
 * Order of work: view, resolve, make durable (the store applies), acknowledge, broadcast.
 */
export class GroupCommit {
  readonly #keeper: Store;
  readonly #onCommitted: (batch: Committed) => void;
  readonly #now: () => number;
  readonly #maxWaiting: number;
  readonly #maxWaitingBytes: number;
  readonly #epoch: number;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #running = false;
  #closed = false;
  #idle: (() => void)[] = [];

  constructor(store: Store, opened: LogHead, options: GroupCommitOptions = {}) {
    this.#keeper = store;
    this.#epoch = opened.epoch;
    this.#onCommitted = options.onCommitted ?? (() => {});
    this.#now = options.now ?? Date.now;
    this.#maxWaiting = options.maxWaiting ?? 50_000;
    this.#maxWaitingBytes = options.maxWaitingBytes ?? 64 * 1024 * 1024;
  }

  /** Changes waiting, without those of the batch in hand: for metrics. */
  get depth(): number {
    return this.#waiting.length;
  }

  /** Queues a change. `settled` is called exactly once: when the queue is full or closed at once. */
  submit(change: Change, settled: Settled): void {
    const weight = weightOf(change);
    if (this.#closed) {
      settled(new GuichetError('closing'));
      return;
    }
    if (this.#waiting.length >= this.#maxWaiting || this.#waitingBytes + weight > this.#maxWaitingBytes) {
      settled(new GuichetError('overloaded'));
      return;
    }
    this.#waiting.push({ change, weight, settled });
    this.#waitingBytes += weight;
    if (!this.#running) {
      this.#running = true;
      // One turn later, so that everything that arrived in this one shares the first batch.
      setImmediate(() => void this.#run());
    }
  }

  /** The same as a promise; rejects with the error of the change. */
  commit(change: Change): Promise<{ done: Done; commitment: Commitment }> {
    return new Promise((resolved, rejected) => {
      this.submit(change, (error, done, commitment) => {
        if (error !== undefined) rejected(error);
        else resolved({ done: done!, commitment: commitment! });
      });
    });
  }

  /** Takes no more changes and resolves when those accepted are settled. */
  async close(): Promise<void> {
    this.#closed = true;
    if (!this.#running) return;
    await new Promise<void>((resolved) => this.#idle.push(resolved));
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) await this.#commitBatch(this.#take());
    this.#running = false;
    for (const resolved of this.#idle.splice(0)) resolved();
  }

  /** Everything that waits, up to the bounds of a batch; at least one. */
  #take(): Waiting[] {
    let count = 0;
    let bytes = 0;
    while (count < this.#waiting.length && count < BATCH_MAX && bytes < BATCH_MAX_BYTES) {
      bytes += this.#waiting[count]!.weight;
      count += 1;
    }
    this.#waitingBytes -= bytes;
    return this.#waiting.splice(0, count);
  }

  async #commitBatch(batch: readonly Waiting[]): Promise<void> {
    let result: Resolution & { commitment: Commitment };
    try {
      result = await this.#store(batch.map((waiting) => waiting.change));
    } catch (cause) {
      // Nothing of the batch is held, or nobody can say: whoever sent it may send it again under the same ids.
      const error = asGuichetError(cause);
      for (const { settled } of batch) settled(error);
      return;
    }
    const { records, outcomes, heads, released, commitment } = result;
    batch.forEach(({ settled }, i) => {
      const outcome = outcomes[i]!;
      if (outcome.ok) settled(undefined, outcome, this.#holderOf(outcome) ?? commitment);
      else settled(outcome.error);
    });
    if (records.length > 0) this.#onCommitted({ records, heads, released, commitment });
  }

  /** A repeat is acknowledged as its message is held now, whatever became of the batch it came in. */
  #holderOf({ repeated, message }: Done): Commitment | undefined {
    return repeated && message !== undefined ? this.#keeper.holder(message.position) : undefined;
  }

  /** Where several processes write, the batch has the log to itself from its view on. */
  #store(changes: readonly Change[]): Promise<Resolution & { commitment: Commitment }> {
    const { shared } = this.#keeper;
    return shared === undefined
      ? this.#decide(this.#keeper, changes)
      : shared.turn((store) => this.#decide(store, changes));
  }

  async #decide(
    keeper: Pick<Store, 'view' | 'append'>,
    changes: readonly Change[],
  ): Promise<Resolution & { commitment: Commitment }> {
    let fence: { readonly after: number; readonly error: unknown } | undefined;
    for (let attempt = 1; ; attempt += 1) {
      const view = await keeper.view(viewRequestOf(changes));
      const { log, position: after } = view.head;
      // Fenced where it belongs: somebody else writes, and trying again would not help.
      if (fence?.after === after) throw fence.error;
      const resolution = resolve(changes, view, this.#now());
      const { records } = resolution;
      const batch = { log, epoch: this.#epoch, after, through: after + records.length, records };
      try {
        return { ...resolution, commitment: await keeper.append(batch) };
      } catch (error) {
        if (attempt === ATTEMPTS || asGuichetError(error).code !== 'fenced') throw error;
        fence = { after, error };
      }
    }
  }
}

/** About how many bytes a waiting change holds on to. */
const weightOf = (change: Change): number => {
  if (change.type === 'postMessage') {
    return 200 + 2 * change.content.length + 400 * (change.attachments?.length ?? 0);
  }
  if (change.type === 'startConversation') return 400 + 2 * (change.message?.content.length ?? 0);
  if (change.type === 'import') {
    return change.items.reduce((sum, item) => sum + 200 + (item.type === 'message' ? 2 * item.content.length : 0), 0);
  }
  return 300;
};
