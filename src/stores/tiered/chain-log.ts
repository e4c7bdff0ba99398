import { GuichetError, isOutage } from '../../domain/errors.ts';
import { type LogRecord, makeRecord } from '../../domain/model/record.ts';
import type { Batch, Commitment, LogHead, Store } from '../../domain/store.ts';
import type { ChainEvent, ChainOptions } from './chain-events.ts';
import type { Base } from './overlay.ts';
import { readFrom } from './reading.ts';
import { Tail } from './tail.ts';
import type { Tier } from './tier.ts';

/** A batch before a tier gives it its epoch. */
export type Unsent = Omit<Batch, 'epoch'>;

/**
 * The log of a chain: how far it goes, who holds it, and what is in memory only; with the steps that all changes of it
 * are made of. It does nothing by itself, and whoever writes has the turn: see {@link Chain}.
 */
export class ChainLog {
  readonly tiers: readonly Tier[];
  readonly volatile: Store | undefined;
  readonly options: ChainOptions;
  /** Reads of what is durable. */
  readonly base: Base;
  /** The end of the whole log, tail included. */
  head: LogHead = { log: { id: '', rewinds: 0 }, epoch: 0, position: 0, time: 0 };
  /** Up to here a member of the in-sync set holds everything, and every one that answers does. */
  durable = 0;
  /** The in-sync set as its last record says, answering or not; without those the owner gave up. */
  members: readonly Tier[] = [];
  /** Keepers named by the newest record of the set; `undefined` while there is none. */
  recorded: readonly string[] | undefined;
  /** Names of tiers that may hold more: while there are any nothing is written. */
  missing: readonly string[] = [];
  /** Where reads go while the start is not proven. */
  believed: Tier | undefined;
  tail: Tail | undefined;
  /** What came last: the one batch that may come again because its answer was lost. */
  last: Pick<Batch, 'after' | 'through' | 'records'> | undefined;
  /** Set for good once another writer was met; says where. */
  fence: GuichetError | undefined;

  constructor(tiers: readonly Tier[], volatile: Store | undefined, options: ChainOptions) {
    this.tiers = tiers;
    this.volatile = volatile;
    this.options = options;
    this.base = readFrom(() => this.#level());
  }

  /** Members that answer: what is written is given to all of them. */
  get answering(): readonly Tier[] {
    return this.members.filter((tier) => tier.state === 'member');
  }

  /** The tier that is named and read from first. */
  get best(): Tier | undefined {
    const { answering } = this;
    return answering.find((tier) => tier.settled) ?? answering[0] ?? this.members[0] ?? this.believed;
  }

  /** Tiers that hold everything that is durable, the best first; those that did not answer lately last. */
  #level(): readonly Tier[] {
    if (this.missing.length > 0) return this.believed === undefined ? [] : [this.believed];
    const { answering } = this;
    const settled = answering.filter((tier) => tier.settled);
    const known = [...new Set([...settled, ...answering, ...this.members])];
    const level = known.filter((tier) => tier.opened !== undefined && tier.position >= this.durable);
    return [...level.filter((tier) => !tier.isMute), ...level.filter((tier) => tier.isMute)];
  }

  /** The tail was acknowledged, and is in every answer. */
  get isTailShown(): boolean {
    return this.volatile !== undefined && this.tail?.complete === true;
  }

  /** The senders of the tail were refused, and what it holds may be held all the same. */
  get isTailHidden(): boolean {
    return this.tail !== undefined && !this.isTailShown;
  }

  holder(position: number): Commitment {
    if (Math.min(position, this.head.position) > this.durable) return { tier: 'memory', durable: false };
    // A database may hold everything and sync nothing, and says so.
    const durable = this.members.some((tier) => tier.store.holder(position).durable);
    return { tier: this.best?.kind ?? 'memory', durable };
  }

  /** Why no member takes a write, in words for anybody. */
  get failure(): GuichetError {
    const cause = this.members.find((tier) => tier.failure)?.failure;
    return new GuichetError(cause !== undefined && isOutage(cause) ? cause.code : 'unavailable', undefined, { cause });
  }

  /**
   * Gives a batch to each of these at once; those that do not take it are out.
   * @returns those that hold it
   * @throws GuichetError `fenced` when one of them belongs to another writer by now
   */
  async give(tiers: readonly Tier[], batch: Unsent): Promise<readonly Tier[]> {
    const held = await Promise.all(
      tiers.map(async (tier) => {
        try {
          await tier.append(batch);
          return [tier];
        } catch (error) {
          if (error instanceof GuichetError && error.code === 'fenced') this.#stop(tier, error);
          this.failed(tier, error);
          return [];
        }
      }),
    );
    this.requireLease();
    return held.flat();
  }

  /** Throws `fenced` once somebody else writes: every number given now could be theirs. */
  requireLease(): void {
    if (this.fence !== undefined) throw new GuichetError('fenced', undefined, { cause: this.fence });
  }

  #stop(tier: Tier, cause: unknown): void {
    const detail = `Another writer holds ${tier.name}. Nothing is stored any more until this server is started again.`;
    this.fence ??= new GuichetError('fenced', detail, { cause });
    this.tell('fenced', tier.name, cause);
  }

  /**
   * Makes these the in-sync set: the record that says so is on one of the members there were before it counts, and on
   * all of the new ones before anything more is acknowledged (FB-2). Those that fail meanwhile leave too. When no
   * former member takes it, its fate is open: the set stays what was written down, and the record is in the tail.
   */
  async setMembers(members: readonly Tier[]): Promise<void> {
    let next = members;
    while (next.length > 0 && !isNamed(next, this.recorded)) {
      const record = this.#setRecord(next);
      const batch = { log: this.head.log, after: this.durable, through: record.position, records: [record] };
      const isFormer = (tier: Tier): boolean => this.members.includes(tier);
      const former = await this.give(next.filter(isFormer), batch);
      if (former.length === 0) {
        (await this.keep(batch)).sets.push(next);
        return;
      }
      // Last: one that joins could be the only one to take it, and go on alone while the others start without it.
      const joined = await this.give(
        next.filter((tier) => !isFormer(tier)),
        batch,
      );
      this.hold(batch);
      for (const tier of joined) tier.to('member');
      for (const tier of this.members) if (!next.includes(tier)) this.tell('left', tier.name);
      this.#setIs(next);
      next = this.answering;
    }
  }

  #setRecord(members: readonly Tier[]): LogRecord<'chain'> {
    const position = this.head.position + 1;
    const time = Math.max(this.options.clock.now(), this.head.time);
    const named = members.map((tier) => ({ keeper: tier.keeper, name: tier.name }));
    return makeRecord(position, time, 'chain', { id: 'chain', members: named, position });
  }

  #setIs(members: readonly Tier[]): void {
    this.members = members;
    this.recorded = members.map((tier) => tier.keeper);
  }

  /** A member holds the batch: it is durable. */
  hold(batch: Unsent): void {
    this.follow(batch);
    this.durable = batch.through;
  }

  /** The log goes on to the end of this batch. */
  follow(batch: Unsent): void {
    const { time } = this.head;
    this.last = batch;
    this.head = { ...this.head, position: batch.through, time: Math.max(time, batch.records.at(-1)?.time ?? 0) };
  }

  newTail(): Tail {
    const { clock, tail } = this.options;
    const base = readFrom(() => this.#level());
    return new Tail(base, { ...this.head, position: this.durable }, tail, clock.now());
  }

  /** Keeps records whose fate is open: their numbers are theirs from now on. */
  async keep(batch: Unsent): Promise<Tail> {
    this.tail ??= this.newTail();
    this.follow(batch);
    try {
      await this.tail.keep(batch.records);
    } catch (error) {
      // What lies below cannot be read: then nothing of the tail is shown before a tier is back.
      if (!isOutage(error)) throw error;
    }
    return this.tail;
  }

  /** All of the tail is on a member. */
  settleTail({ sets }: Tail): void {
    this.durable = this.head.position;
    this.tail = undefined;
    const newest = sets.at(-1);
    if (newest !== undefined) this.#setIs(newest);
  }

  failed(tier: Tier, error: unknown): void {
    if (tier.state === 'member' || tier.failure === undefined) this.tell('failed', tier.name, error);
    tier.to('down', error);
  }

  tell(event: ChainEvent['event'], tier: string, error?: unknown): void {
    this.options.tell({ event, tier, ...(error !== undefined && { error }) });
  }
}

const isNamed = (tiers: readonly Tier[], keepers: readonly string[] | undefined): boolean =>
  keepers?.length === tiers.length && tiers.every((tier) => keepers.includes(tier.keeper));
