import { GuichetError, isOutage } from '../../domain/errors.ts';
import { agrees, FILL_PAGE, fill, type Source } from '../../domain/fill.ts';
import type { LogIdentity } from '../../domain/model/log-identity.ts';
import { checkBatch } from '../../domain/state/check-batch.ts';
import type { Batch, Commitment, LogHead, Store } from '../../domain/store.ts';
import { Mutex } from '../../lib/mutex.ts';
import type { ChainOptions } from './chain-events.ts';
import { ChainLog } from './chain-log.ts';
import type { Base } from './overlay.ts';
import { prove } from './prove.ts';
import { heldBack, incomplete, readFrom } from './reading.ts';
import type { Tail } from './tail.ts';
import type { Tier } from './tier.ts';

/**
 * The protocol of docs/spec/fallback.md: how a chain starts, who must hold a batch before it is acknowledged, how a
 * tier comes back. Everything that writes takes turns; reads do not wait for them, except where they would show a
 * batch that is not acknowledged yet.
 */
export class Chain {
  readonly #log: ChainLog;
  readonly #options: ChainOptions;
  readonly #turn = new Mutex();
  readonly #busy = new Set<Tier>();
  readonly #incomplete: Base;
  /** Reads of the log as it is shown: with the tail over it, unless its senders were refused. */
  readonly shown: Base;
  /** The append in hand: the head it follows, and when it was answered. */
  #appending: { readonly before: number; readonly ended: Promise<void> } | undefined;

  constructor(tiers: readonly Tier[], volatile: Store | undefined, options: ChainOptions) {
    this.#log = new ChainLog(tiers, volatile, options);
    this.#options = options;
    this.#incomplete = incomplete(this.#log.base);
    this.shown = heldBack(
      () => this.#current,
      () => this.#acknowledged(),
    );
  }

  get head(): LogHead {
    return this.#log.head;
  }

  get durable(): number {
    return this.#log.durable;
  }

  /** Up to where the log is shown: without what was refused to its senders and may be held all the same. */
  get visible(): number {
    return this.#log.isTailHidden ? this.#log.durable : this.#log.head.position;
  }

  get missing(): readonly string[] {
    return this.#log.missing;
  }

  get fence(): GuichetError | undefined {
    return this.#log.fence;
  }

  get tail(): Tail | undefined {
    return this.#log.tail;
  }

  get best(): Tier | undefined {
    return this.#log.best;
  }

  /** What a write would be now. */
  get writes(): 'durable' | 'volatile' | 'none' {
    const { missing, fence, tail, isTailShown, answering, volatile } = this.#log;
    if (missing.length > 0 || fence !== undefined) return 'none';
    if (tail !== undefined) return isTailShown && tail.hasRoom ? 'volatile' : 'none';
    if (answering.length > 0) return 'durable';
    return volatile === undefined ? 'none' : 'volatile';
  }

  holder(position: number): Commitment {
    return this.#log.holder(position);
  }

  get #current(): Base {
    const { tail, isTailShown, missing, base } = this.#log;
    if (tail !== undefined && isTailShown) return tail.overlay;
    return missing.length > 0 ? this.#incomplete : base;
  }

  /** What to wait for before an answer is given, where something can be read that its sender was not told of yet. */
  #acknowledged(): Promise<void> | undefined {
    if (this.#appending === undefined) return undefined;
    const { before, ended } = this.#appending;
    const { tiers, tail } = this.#log;
    const isAhead = tiers.some((tier) => tier.position > before) || (tail?.overlay.position ?? 0) > before;
    return isAhead ? ended : undefined;
  }

  // Starting.

  /**
   * Finds out where the log stands from the tiers that are open, and brings their members level (FB-6, FB-7).
   * @throws GuichetError `unavailable` when that cannot be told, `refused` when members hold different logs
   */
  settle(log: LogIdentity): Promise<void> {
    return this.#turn.run(() => this.#settle(log));
  }

  async #settle(identity: LogIdentity): Promise<void> {
    const log = this.#log;
    const { members, missing, best, recorded } = await prove(log.tiers, this.#options.leaveBehind);
    const { position, time } = await best.standing();
    const wasProven = log.missing.length === 0;
    const before = log.head;
    const epoch = before.epoch || Math.max(...log.tiers.map((tier) => tier.opened?.epoch ?? 0));
    const head = { log: identity, epoch, position, time };
    if (missing.length > 0) {
      if (wasProven) log.tell('not proven', missing.join(', '));
      Object.assign(log, { head, durable: position, members: [], missing, recorded, believed: best });
      return;
    }
    best.to('member');
    for (const tier of members) if (tier !== best) await this.#bringLevel(tier, best, head);
    Object.assign(log, { head, durable: position, members, missing, recorded, believed: best });
    // Without a record it is written by the first look; a log that is empty stays so.
    if (recorded !== undefined) await log.setMembers(log.answering);
    if (wasProven) return;
    log.tell('proven', best.name);
    await this.#tellNews(before.position);
  }

  /** A member that is behind at the start is filled before anything is acknowledged. */
  async #bringLevel(tier: Tier, best: Tier, head: LogHead): Promise<void> {
    const source = readFrom(() => [best]);
    try {
      if (!(await holdsBeginning(tier, source))) throw disagreement(tier);
      await fill(tier, source, head.log, head.position);
      tier.to('member');
    } catch (error) {
      if (!isOutage(error)) throw error;
      this.#log.failed(tier, error);
    }
  }

  /** What a start that was not proven could not show. */
  async #tellNews(after: number): Promise<void> {
    let position = after;
    while (position < this.#log.durable) {
      const { records, through } = await this.#log.base.recordsSince(position, FILL_PAGE);
      this.#options.madeDurable({ records, shown: false, commitment: this.holder(through) });
      position = through;
    }
  }

  // Writing.

  append(batch: Batch): Promise<Commitment> {
    const appending = this.#turn.run(() => {
      this.#appending = { before: this.#log.head.position, ended: appending.then(nothing, nothing) };
      return this.#append(batch).finally(() => {
        this.#appending = undefined;
      });
    });
    return appending;
  }

  async #append(batch: Batch): Promise<Commitment> {
    const log = this.#log;
    log.requireLease();
    if (log.missing.length > 0) throw new GuichetError('unavailable', NOT_PROVEN);
    const { records, after, through, compacted } = batch;
    // Nothing new before the fate of what was refused is known; and a repeat of that is no surer than the first time.
    if (log.isTailHidden && (records.length > 0 || after > log.durable)) throw log.failure;
    const verdict = checkBatch(batch, log.head);
    if (records.length === 0 && through === after) return log.holder(after);
    if (verdict === 'again') return this.#again(batch);
    if (log.tail === undefined) return this.#appendToMembers(batch);
    if (compacted) throw log.failure;
    log.tail.requireRoom(records);
    await log.tail.add(records);
    log.follow(batch);
    return log.holder(through);
  }

  async #again({ after, through, records }: Batch): Promise<Commitment> {
    const { last } = this.#log;
    const isLast = last?.after === after && last.through === through;
    const held = isLast ? last.records : (await this.shown.recordsSince(after, records.length)).records;
    const isSame = records.every((record, i) => record.kind === held[i]?.kind && record.json === held[i].json);
    if (!isSame || held.length !== records.length) throw new GuichetError('fenced');
    return this.holder(through);
  }

  async #appendToMembers(batch: Batch): Promise<Commitment> {
    const log = this.#log;
    const targets = log.answering;
    const held = await log.give(targets, batch);
    if (held.length > 0) {
      log.hold(batch);
      if (held.length < log.members.length) await log.setMembers(held);
      return log.holder(batch.through);
    }
    const { failure, volatile } = log;
    // A tier that refused may find the batch again after a crash, and that must not be another branch then: numbers are
    // free again only where one tier decides alone, for its next batch takes the place of the one it refused.
    const isOpen = log.tiers.length > 1 ? targets.length > 0 : targets.some((tier) => tier.uncertain);
    if (isOpen) await log.keep(batch);
    else {
      if (volatile === undefined || batch.compacted) throw failure;
      const tail = log.newTail();
      await tail.add(batch.records);
      log.tail = tail;
      log.follow(batch);
    }
    if (volatile === undefined || !log.isTailShown) throw failure;
    log.tell('memory', volatile.name, failure.cause);
    return log.holder(batch.through);
  }

  // Coming back.

  /** One look at a tier that is out: opens it, and brings it back as far as that goes. */
  async look(tier: Tier): Promise<void> {
    if (this.#log.fence !== undefined || this.#busy.has(tier)) return;
    this.#busy.add(tier);
    try {
      await this.#bringBack(tier);
    } catch (error) {
      this.#log.failed(tier, error);
    } finally {
      this.#busy.delete(tier);
    }
  }

  async #bringBack(tier: Tier): Promise<void> {
    const { head, missing, tail } = this.#log;
    await tier.open(head.log);
    if (missing.length > 0) await this.settle(head.log);
    else if (tail !== undefined) await this.#turn.run(() => this.#drainTo(tier));
    else if (!(await this.#turn.run(() => this.#resume(tier)))) await this.#join(tier);
  }

  /** Asks a member that did not answer a read whether it is there again. */
  async listenTo(tier: Tier): Promise<void> {
    await this.#turn.run(() => tier.standing()).catch(() => {});
  }

  /** Writes down who is in the set of a log that never said it, once there is a log. */
  async record(): Promise<void> {
    const log = this.#log;
    const isDue = (): boolean =>
      log.recorded === undefined && log.members.length > 1 && log.durable > 0 && log.tail === undefined;
    if (isDue()) await this.#turn.run(async () => (isDue() ? log.setMembers(log.answering) : undefined));
  }

  /** A member that surely holds what it should, and no more, takes part again as soon as it is well. */
  async #resume(tier: Tier): Promise<boolean> {
    const { members, tail } = this.#log;
    if (!members.includes(tier) || tail !== undefined) return false;
    if ((await tier.standing()).position !== this.#log.durable) return false;
    if (tier.store.health().state === 'open') tier.to('member');
    return true;
  }

  /** A last attempt to leave nothing in memory only. */
  async drain(): Promise<void> {
    for (const tier of this.#log.members) {
      await this.#turn.run(() => this.#drainTo(tier)).catch((error: unknown) => this.#log.failed(tier, error));
    }
  }

  /** The tail goes to the first member that takes writes again, under its own numbers, and the set goes on with it. */
  async #drainTo(tier: Tier): Promise<void> {
    const log = this.#log;
    const { tail } = log;
    if (tail === undefined || log.fence !== undefined) return;
    const at = (await tier.standing()).position;
    const mayLead = [log.members, ...tail.sets].every((set) => set.includes(tier));
    // It lacks what another member was promised to hold, or that one may have gone on without it by what was written
    // down: then that one has to come back first.
    if (!mayLead || at < log.durable) {
      tier.to('behind');
      return;
    }
    if (!(await this.#holdsBeginningOf(tier, tail, at))) throw this.#disagreement(tier);
    const rest = tail.records.filter((record) => record.position > at);
    for (let i = 0; i < rest.length; i += FILL_PAGE) {
      const records = rest.slice(i, i + FILL_PAGE);
      const page = { log: log.head.log, after: tier.position, through: records.at(-1)!.position, records };
      if ((await log.give([tier], page)).length === 0) return;
    }
    tier.to('member');
    const shown = log.isTailShown;
    log.settleTail(tail);
    if (log.recorded !== undefined || log.members.length > 1) await log.setMembers([tier]);
    log.tell('durable', tier.name);
    this.#options.madeDurable({ records: tail.records, shown, commitment: log.holder(log.durable) });
  }

  async #holdsBeginningOf(tier: Tier, { records }: Tail, at: number): Promise<boolean> {
    if (at > this.#log.head.position) return false;
    const landed = records.filter((record) => record.position <= at);
    if (landed.length === 0) return true;
    const own = await tier.read(() => tier.store.recordsSince(this.#log.durable, landed.length));
    const held = new Map(own.records.map((record) => [record.position, record.json]));
    return landed.every(({ position, json }) => held.get(position) === json || (own.compacted && !held.has(position)));
  }

  /** Fills a tier while the chat goes on; only for its last page and the record that it is a member writing pauses. */
  async #join(tier: Tier): Promise<void> {
    const log = this.#log;
    await tier.standing();
    if (log.answering.length === 0) return;
    if (tier.position > log.durable || !(await holdsBeginning(tier, log.base))) throw this.#disagreement(tier);
    tier.to('behind');
    while (log.durable - tier.position > FILL_PAGE) await fill(tier, log.base, log.head.log, log.durable);
    await this.#turn.run(async () => {
      if (log.tail !== undefined || log.fence !== undefined || log.answering.length === 0) return;
      await fill(tier, log.base, log.head.log, log.durable);
      if (log.members.includes(tier)) tier.to('member');
      const { answering } = log;
      await log.setMembers(log.tiers.filter((other) => other === tier || answering.includes(other)));
      if (tier.state === 'member') log.tell('joined', tier.name);
    });
  }

  #disagreement(tier: Tier): GuichetError {
    const error = disagreement(tier);
    if (tier.failure?.message !== error.message) this.#log.tell('disagrees', tier.name, error);
    return error;
  }
}

const NOT_PROVEN = 'A store that may hold newer messages does not answer yet. Nothing was stored. Try again.';

const nothing = (): void => {};

const holdsBeginning = (tier: Tier, source: Source): Promise<boolean> =>
  agrees(tier.position, (after, limit) => tier.read(() => tier.store.recordsSince(after, limit)), source);

const disagreement = (tier: Tier): GuichetError =>
  new GuichetError(
    'refused',
    `${tier.name} holds records that the chain does not know. It stays out; move it away to have it filled anew.`,
  );
