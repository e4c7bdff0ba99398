import { asGuichetError, GuichetError, isOutage } from '../../domain/errors.ts';
import type { Batch, LogHead, Store, StoreKind } from '../../domain/store.ts';
import type { Clock } from './clock.ts';

/** `member`: of the in-sync set and answering. `behind`: answers, and has to be filled. `down`: does not answer. */
export type TierState = 'member' | 'behind' | 'down';

/** Makes a store that was not opened yet, the same place each time: a store is opened once, a tier may try again. */
export type MakeStore = () => Store;

const NOTHING = { conversations: [], messages: [], entries: [], agentEmails: [] };

/** Pause before a tier that came back is the best again, and how far it grows while the tier flaps. */
const SETTLE_MS = 3_000;
const SETTLE_MAX_MS = 60_000;
/** A failure this soon after it was the best again is flapping. */
const FLAP_MS = 60_000;
/** Opening may upgrade or recover, so it is given more time than a call. What is on this machine is waited for. */
const OPEN_LIMITS = 5;
const LOCAL: ReadonlySet<StoreKind> = new Set<StoreKind>(['file', 'sqlite']);

/**
 * One durable store of a chain, with what the chain knows of it. Every call has a time limit. A write that ran out of
 * it is still under way as far as anybody knows, and no other write is given to the tier before it has ended.
 */
export class Tier {
  readonly name: string;
  readonly kind: StoreKind;
  readonly #make: MakeStore;
  readonly #timeoutMs: number;
  readonly #clock: Clock;
  #store: Store;
  #opening: Promise<LogHead> | undefined;
  #isWriting = false;
  #settleMs = SETTLE_MS;
  /** When it was a member again, by the clock that nobody sets. */
  #returnedAt = Number.NEGATIVE_INFINITY;
  #wasMember = false;
  state: TierState = 'down';
  /** Epoch ms since when. */
  since: number;
  /** Epoch ms since when it is no member, however often its state changed since; null while it is one. */
  outSince: number | null;
  /** Why it is out, as long as it is. */
  failure: GuichetError | undefined;
  /** Set once it was opened. */
  opened: LogHead | undefined;
  /** The last position it is known to hold. */
  position = 0;
  /** The last read was not answered: others are asked first. */
  isMute = false;
  /** A write failed in a way that may have left its records behind: only the tier itself knows where it stands. */
  uncertain = false;

  /** @param make makes another one like `store` when that could not be opened */
  constructor(store: Store, make: MakeStore, timeoutMs: number, clock: Clock) {
    this.#make = make;
    this.#store = store;
    this.name = store.name;
    this.kind = store.kind;
    this.#timeoutMs = timeoutMs;
    this.#clock = clock;
    this.since = clock.now();
    this.outSince = this.since;
  }

  /** The store it is now; another one after an opening that failed. */
  get store(): Store {
    return this.#store;
  }

  /** Which keeper it is, wherever it is moved; its name for stores that do not say. */
  get keeper(): string {
    return this.opened?.keeper ?? this.name;
  }

  /** Whether it is, and has been for long enough, fit to be the best. */
  get settled(): boolean {
    return this.state === 'member' && this.#clock.elapsed() - this.#returnedAt >= this.#settleMs;
  }

  to(state: TierState, error?: unknown): void {
    if (error !== undefined) this.failure = asGuichetError(error);
    if (state === this.state) return;
    const [now, elapsed] = [this.#clock.now(), this.#clock.elapsed()];
    if (this.state === 'member') {
      const flapped = elapsed - this.#returnedAt - this.#settleMs < FLAP_MS;
      this.#settleMs = flapped ? Math.min(this.#settleMs * 2, SETTLE_MAX_MS) : SETTLE_MS;
      this.outSince = now;
    }
    if (state === 'member') {
      this.outSince = null;
      this.failure = undefined;
      // Whoever was there from the start did not come back.
      if (this.#wasMember) this.#returnedAt = elapsed;
      this.#wasMember = true;
    }
    this.state = state;
    this.since = now;
  }

  /**
   * Opens the store; one that takes too long is waited for by the next call. Leaves the tier `behind`.
   * @param shared it is the only one: where its kind can, other processes may write too
   */
  async open(log: LogHead['log'] | undefined, shared = false): Promise<void> {
    if (this.opened !== undefined) return;
    if (this.#opening === undefined) {
      this.#opening = this.#store
        .open({ ...(log !== undefined && { log }), ...(shared && { shared }) })
        .catch(async (error: unknown) => {
          await this.#store.close().catch(() => {});
          this.#store = this.#make();
          this.#opening = undefined;
          throw error;
        });
      // Nobody may be waiting any more when it fails.
      this.#opening.catch(() => {});
    }
    const opened = await this.#limited(this.#opening, this.#openLimitMs);
    this.opened = opened;
    this.position = opened.position;
    this.to('behind');
  }

  /** The log kept at its place, before it was opened. */
  identity(): Promise<LogHead['log'] | undefined> {
    return this.#limited(this.#store.identity(), LOCAL.has(this.kind) ? Number.POSITIVE_INFINITY : this.#timeoutMs);
  }

  get #openLimitMs(): number {
    return LOCAL.has(this.kind) ? Number.POSITIVE_INFINITY : OPEN_LIMITS * this.#timeoutMs;
  }

  /**
   * Resolves when the tier holds the batch. Otherwise `uncertain` says whether it may hold it all the same: where a
   * failed write left that open, the tier is asked at once.
   */
  async append(batch: Omit<Batch, 'epoch'>): Promise<void> {
    try {
      await this.#give(batch);
    } catch (error) {
      if (!this.uncertain || !isOutage(error)) throw error;
      if (!(await this.#hasLanded(batch))) throw error;
    }
  }

  async #give(batch: Omit<Batch, 'epoch'>): Promise<void> {
    await this.#write(() => {
      this.uncertain = true;
      const running = this.#store.append({ ...batch, epoch: this.opened!.epoch });
      // The first to hear of it: a read that shows the batch ends later than this, see `readFrom`.
      return running.then(() => {
        this.position = Math.max(this.position, batch.through);
      });
    }).catch((error: unknown) => {
      // Refused before anything counted as written.
      if (error instanceof GuichetError && (error.code === 'storage_full' || error.code === 'fenced')) {
        this.uncertain = false;
      }
      throw error;
    });
    this.uncertain = false;
  }

  async #hasLanded({ after, through, records, compacted }: Omit<Batch, 'epoch'>): Promise<boolean> {
    const at = await this.standing().catch(() => undefined);
    if (at === undefined || at.position < through) return false;
    if (compacted) return true;
    const held = await this.read(() => this.#store.recordsSince(after, records.length));
    if (held.records.every((record, i) => record.json === records[i]?.json)) return true;
    throw new GuichetError('fenced', `${this.name} holds records that somebody else wrote.`);
  }

  /** Asks the tier itself where it stands, once no write is under way. */
  async standing(): Promise<LogHead> {
    const { head } = await this.#write(() => this.#store.view(NOTHING));
    this.position = head.position;
    this.uncertain = false;
    this.isMute = false;
    return head;
  }

  /** A read, with the time limit; reads do not wait for each other. */
  async read<T>(work: () => Promise<T>): Promise<T> {
    try {
      const answer = await this.#limited(work(), this.#timeoutMs);
      this.isMute = false;
      return answer;
    } catch (error) {
      this.isMute ||= isOutage(error);
      throw error;
    }
  }

  /** Closes the store, but does not wait for one that does not answer. */
  async close(): Promise<void> {
    await this.#limited(this.#store.close(), this.#openLimitMs).catch(() => {});
  }

  async #write<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isWriting) throw new GuichetError('unavailable', `${this.name} has not answered an earlier call yet.`);
    this.#isWriting = true;
    const running = work();
    let isOver = false;
    const over = (): void => {
      isOver = true;
    };
    const ended = running.then(over, over);
    const free = (): void => {
      this.#isWriting = false;
    };
    try {
      return await this.#limited(running, this.#timeoutMs);
    } finally {
      if (isOver) free();
      else void ended.then(free);
    }
  }

  async #limited<T>(running: Promise<T>, ms: number): Promise<T> {
    if (ms === Number.POSITIVE_INFINITY) return running;
    let takeBack = (): void => {};
    const tooLate = new Promise<never>((_, reject) => {
      takeBack = this.#clock.after(ms, () => {
        reject(new GuichetError('unavailable', `${this.name} did not answer within ${ms} ms.`));
      });
    });
    try {
      return await Promise.race([running, tooLate]);
    } finally {
      takeBack();
    }
  }
}
