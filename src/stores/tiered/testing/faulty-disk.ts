import { GuichetError } from '../../../domain/errors.ts';
import type { LogIdentity } from '../../../domain/model/log-identity.ts';
import type { LogRecord } from '../../../domain/model/record.ts';
import type { Batch, LogHead, OpenOptions, Store, StoreKind } from '../../../domain/store.ts';

/**
 * How a tier behaves, until told otherwise.
 * - `full`: writes are refused with `storage_full`, and leave nothing.
 * - `readOnly`: writes are refused with `unavailable`, and leave nothing.
 * - `forgetful`: a write is done, but its answer is lost; the next question is answered.
 * - `cutOff`: a write is done, its answer is lost, and nothing is answered any more.
 * - `down`: everything is refused at once, and nothing is done.
 * - `undecided`: like `down`, but a write may still be done later: see {@link FaultyDisk.settle}.
 * - `hanging`: a write is not answered before it is settled; reads are.
 * - `silent`: nothing is answered before it is settled.
 */
export type Condition =
  | 'well'
  | 'full'
  | 'readOnly'
  | 'forgetful'
  | 'cutOff'
  | 'down'
  | 'undecided'
  | 'hanging'
  | 'silent';

export interface Pending {
  readonly batch: Batch;
  /** What the process that began it had open. */
  readonly by: Store | undefined;
  readonly answer: PromiseWithResolvers<void>;
}

/** Lets a process write so many times, on whatever disk, and ends it before the next one. */
export class Power {
  readonly #off = Promise.withResolvers<void>();
  #left: number;

  constructor(writes: number) {
    this.#left = writes;
  }

  /** Resolves when it is used up. */
  get off(): Promise<void> {
    return this.#off.promise;
  }

  spend(): Promise<void> | undefined {
    this.#left -= 1;
    if (this.#left >= 0) return undefined;
    this.#off.resolve();
    return new Promise(() => {});
  }
}

/** What a store keeps beyond the life of a process, and how it fails. Where it is kept is for others to say. */
export abstract class FaultyDisk {
  readonly name: string;
  readonly kind: StoreKind = 'postgres';
  condition: Condition = 'well';
  abstract readonly keeper: string;
  /** What becomes of undecided writes when the store has to know. */
  lands = true;
  /** The store that the process has open. */
  inner: Store | undefined;
  /** Set when the process that writes is to end; writes of that process are not answered from then on. */
  power: Power | undefined;
  #pending: Pending[] = [];
  #silent = Promise.withResolvers<void>();
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(name: string) {
    this.name = name;
  }

  abstract identity(): Promise<LogIdentity | undefined>;
  /** Opens what is kept for another process; what an older one began is done no more. */
  abstract mount(options: OpenOptions): Promise<{ store: Store; head: LogHead }>;
  /** The process has closed its store. */
  abstract unmount(store: Store): void;
  /** The process is gone, without a word to anybody. */
  abstract crash(): void;
  /** @throws GuichetError `fenced` when another process opened it since */
  protected abstract requireCurrent(batch: Batch): void;
  /** Keeps a batch. @param by what the process that began it had open */
  protected abstract keep(batch: Batch, by: Store | undefined): Promise<void>;
  /** Everything that is kept, record by record. */
  abstract held(): Promise<readonly LogRecord[]>;

  /** What is left to pretend: a disk may do some of it in earnest. */
  get feigned(): Condition {
    return this.condition;
  }

  async become(condition: Condition): Promise<void> {
    this.condition = condition;
  }

  /** Writes that were begun and neither done nor given up. */
  get undecided(): number {
    return this.#pending.length;
  }

  /** Does a write, if it still may be done. */
  async take(batch: Batch, by = this.inner): Promise<void> {
    this.requireCurrent(batch);
    await this.power?.spend();
    await this.during(this.keep(batch, by));
  }

  /** Begins a write; it is answered when it is settled. */
  begin(batch: Batch): Promise<void> {
    const answer = Promise.withResolvers<void>();
    answer.promise.catch(() => {});
    this.#pending.push({ batch, by: this.inner, answer });
    return answer.promise;
  }

  /** Ends what was begun: does it, or gives it up for good. Whoever still waits is answered. */
  async settle(lands = this.lands): Promise<void> {
    for (const { batch, by, answer } of this.#pending.splice(0)) {
      const done = lands ? this.take(batch, by) : Promise.reject(new GuichetError('unavailable'));
      await done.then(answer.resolve, answer.reject);
    }
    const { resolve } = this.#silent;
    this.#silent = Promise.withResolvers();
    resolve();
  }

  /** What was begun will not be done any more, for this reason. @returns all of it */
  protected giveUp(reason: GuichetError): readonly Pending[] {
    const given = this.#pending.splice(0);
    for (const { answer } of given) answer.reject(reason);
    return given;
  }

  /** Resolves when silence ends. */
  get speaks(): Promise<void> {
    return this.#silent.promise;
  }

  /** Counts work as under way: no time is to pass meanwhile. */
  during<T>(work: Promise<T>): Promise<T> {
    const over: Promise<unknown> = work.catch(() => {}).then(() => this.#underWay.delete(over));
    this.#underWay.add(over);
    return work;
  }

  /** Resolves when something of what is under way is over; `undefined` when nothing is. */
  get moves(): Promise<unknown> | undefined {
    return this.#underWay.size === 0 ? undefined : Promise.race(this.#underWay);
  }
}
