import { isSetRecord, type Omission, type Oracle, type Process, type Rec, type Rules, type State } from './world.ts';

/**
 * The protocol of docs/spec/fallback.md as a small state machine, written apart from the store that implements it. It
 * knows nothing of time: whatever a tier, the network or the process may do is a choice, and a search makes all of them.
 */

class Crash extends Error {}
class Outage extends Error {}

const setOf = (record: Rec): number[] => Array.from(record.slice(1), Number);
const sameSet = (a: readonly number[], b: readonly number[] | null): boolean => a.join() === b?.join();

/** Moves of the world between two moves of the process. */
export type Action =
  | { readonly type: 'start' | 'crash' | 'record' }
  /** Messages that are sent in one batch. */
  | { readonly type: 'send'; readonly messages: readonly string[] }
  | { readonly type: 'look'; readonly tier: number }
  /** A write that was begun is done, or given up for good. */
  | { readonly type: 'settle'; readonly tier: number; readonly lands: boolean };

/** Everything that may happen next. */
export const actionsOf = (state: State): Action[] => {
  const actions: Action[] = [];
  const { process } = state;
  state.disks.forEach(({ pending }, tier) => {
    if (pending !== null) actions.push({ type: 'settle', tier, lands: true }, { type: 'settle', tier, lands: false });
  });
  if (process === null) return [...actions, { type: 'start' }];
  if (state.crashes > 0) actions.push({ type: 'crash' });
  for (const [message, told] of Object.entries(state.told)) {
    if (told.state !== 'durable') actions.push({ type: 'send', messages: [message] });
  }
  process.tiers.forEach(({ isMember }, tier) => {
    if (!isMember) actions.push({ type: 'look', tier });
  });
  actions.push({ type: 'record' });
  return actions;
};

/** Does one action, in place. */
export const act = (state: State, action: Action, oracle: Oracle, rules: Rules): void => {
  if (action.type === 'settle') settlePending(state, action.tier, action.lands);
  else {
    try {
      if (action.type === 'crash') throw new Crash();
      const chain = new ModelChain(state, oracle, rules);
      if (action.type === 'start') chain.start();
      if (action.type === 'record') chain.record();
      if (action.type === 'send') chain.send(action.messages);
      if (action.type === 'look') chain.look(action.tier);
    } catch (error) {
      if (error instanceof Crash) {
        state.crashes -= 1;
        state.process = null;
        for (const [message, { state: told }] of Object.entries(state.told)) {
          if (told === 'soft') state.told[message] = { state: 'unsent' };
        }
      } else if (!(error instanceof Outage)) throw error;
    }
  }
};

const settlePending = (state: State, tier: number, lands: boolean): void => {
  const disk = state.disks[tier]!;
  const { pending } = disk;
  disk.pending = null;
  const view = state.process?.tiers[tier];
  if (view !== undefined) view.isBusy = false;
  if (pending === null || !lands || pending.epoch !== disk.epoch || pending.after !== disk.log.length) return;
  disk.log.push(...pending.records);
  if (view?.open && view.epoch === pending.epoch) view.position = Math.max(view.position, disk.log.length);
};

class ModelChain {
  readonly #state: State;
  readonly #oracle: Oracle;
  readonly #rules: Rules;

  constructor(state: State, oracle: Oracle, rules: Rules) {
    this.#state = state;
    this.#oracle = oracle;
    this.#rules = rules;
  }

  get #p(): Process {
    return this.#state.process!;
  }

  get #answering(): number[] {
    return this.#p.members.filter((tier) => this.#p.tiers[tier]!.isMember);
  }

  #lacks(part: Omission): boolean {
    return this.#rules.without === part;
  }

  // The start.

  start(): void {
    const { disks } = this.#state;
    const tiers = disks.map(() => {
      return { open: false, isMember: false, position: 0, epoch: 0, isBusy: false, uncertain: false };
    });
    this.#state.process = {
      ...{ proven: false, log: [], durable: 0, members: [], recorded: null, tail: null, tiers, broken: null },
    };
    disks.forEach((_, tier) => {
      if (this.#oracle.answers(tier)) this.#open(tier);
    });
    if (!this.#settle()) this.#state.process = null;
  }

  #open(tier: number): void {
    const disk = this.#state.disks[tier]!;
    disk.epoch += 1;
    const view = this.#p.tiers[tier]!;
    Object.assign(view, { open: true, position: disk.log.length, epoch: disk.epoch });
    // Fenced: it will never be done.
    if (disk.pending !== null && disk.pending.epoch !== disk.epoch) disk.pending = null;
  }

  /** @returns false when nothing can begin */
  #settle(): boolean {
    const p = this.#p;
    const { disks } = this.#state;
    const answered = [...disks.keys()].filter((tier) => p.tiers[tier]!.open && this.#oracle.reads(tier));
    if (answered.length === 0) return false;
    const records = answered.flatMap((tier) => {
      const at = disks[tier]!.log.findLastIndex(isSetRecord);
      return at < 0 ? [] : [{ at, set: setOf(disks[tier]!.log[at]!) }];
    });
    const newest = records.toSorted((a, b) => b.at - a.at)[0];
    const highest = (tiers: number[]) =>
      tiers.reduce((best, tier) => (disks[tier]!.log.length > disks[best]!.log.length ? tier : best));
    let members: number[];
    let missing: number[];
    if (newest === undefined) {
      const top = disks[highest(answered)]!.log.length;
      missing = [...disks.keys()].filter((tier) => !answered.includes(tier));
      members = answered.filter((tier) => disks[tier]!.log.length === top);
      if (missing.length > 0 && top === 0) return false;
    } else {
      missing = newest.set.filter((tier) => !answered.includes(tier));
      members = newest.set.filter((tier) => answered.includes(tier));
    }
    if (this.#lacks('asking all members at the start')) missing = [];
    const best = highest(members.length > 0 ? members : answered);
    const { log } = disks[best]!;
    Object.assign(p, { log: [...log], durable: log.length, recorded: newest?.set ?? null });
    if (missing.length > 0) {
      Object.assign(p, { proven: false, members: [] });
      return true;
    }
    const level = (members.length > 0 ? members : [best]).filter((tier) => tier === best || this.#fill(tier, log));
    for (const tier of level) p.tiers[tier]!.isMember = true;
    Object.assign(p, { proven: true, members: members.length > 0 ? members : [best] });
    if (newest !== undefined) this.#setMembers(this.#answering);
    return true;
  }

  // Writing.

  send(messages: readonly string[]): void {
    const p = this.#p;
    if (!p.proven || p.broken !== null || !this.#canRead) {
      this.#refuse(messages);
      return;
    }
    const shown = p.tail === null || p.tail.shown ? p.log : p.log.slice(0, p.durable);
    const fresh = messages.filter((message) => !shown.includes(message));
    if (fresh.length > 0 && !this.#append(fresh)) this.#refuse(messages);
    else for (const message of messages) this.#tell(message, p.log.indexOf(message));
  }

  /** Whether some tier that holds all that is durable can be read: without it nothing can be numbered. */
  get #canRead(): boolean {
    const { members, tiers, durable } = this.#p;
    return members.some((tier) => tiers[tier]!.position >= durable && tiers[tier]!.open && this.#oracle.reads(tier));
  }

  #tell(message: string, at: number): void {
    this.#state.told[message] = { state: at < this.#p.durable ? 'durable' : 'soft', at };
  }

  #refuse(messages: readonly string[]): void {
    for (const message of messages) {
      if (this.#state.told[message]!.state === 'unsent') this.#state.told[message] = { state: 'refused' };
    }
  }

  /** @returns false when the senders are refused, whatever becomes of the records */
  #append(records: readonly Rec[]): boolean {
    const p = this.#p;
    if (p.tail !== null) {
      const isFull = p.log.length - p.durable + records.length > this.#rules.tailBound;
      if (!p.tail.shown || isFull) return false;
      p.log.push(...records);
      return true;
    }
    const targets = this.#answering;
    const held = this.#give(targets, records);
    if (p.broken !== null) return false;
    if (held.length > 0) {
      p.log.push(...records);
      p.durable = p.log.length;
      if (held.length === p.members.length) return true;
      if (this.#lacks('the record that a member left')) p.members = held;
      else this.#setMembers(held);
      return true;
    }
    const isOpen = p.tiers.length > 1 ? targets.length > 0 : targets.some((tier) => p.tiers[tier]!.uncertain);
    const shown = this.#rules.volatile && this.#canRead;
    if (!(isOpen || shown) || this.#lacks('keeping numbers of open batches')) return false;
    p.log.push(...records);
    p.tail = { sets: [], shown };
    return shown;
  }

  /** Gives records that follow `after` to tiers at once; those that do not take them are out. */
  #give(tiers: readonly number[], records: readonly Rec[], after = this.#p.durable): number[] {
    const held = tiers.filter((tier) => this.#giveOne(tier, records, after));
    if (this.#oracle.crashes('behind writes')) throw new Crash();
    return held;
  }

  #giveOne(tier: number, records: readonly Rec[], after: number): boolean {
    const view = this.#p.tiers[tier]!;
    const disk = this.#state.disks[tier]!;
    const fate = view.isBusy ? 'refused' : this.#oracle.fate(tier);
    const isSame = disk.log.slice(after, after + records.length).join() === records.join();
    if ((fate === 'done' || fate === 'cut off') && this.#oracle.crashes('before a write')) throw new Crash();
    if (fate === 'hangs' || fate === 'undecided') {
      disk.pending = { after, records: [...records], epoch: view.epoch };
    }
    if (fate === 'hangs') view.isBusy = true;
    if (fate === 'done' || fate === 'cut off') {
      if (disk.log.length === after) disk.log.push(...records);
      else if (!isSame) this.#p.broken = `tier ${tier} holds something else behind ${after}`;
    }
    if (fate === 'done' && this.#p.broken === null) {
      view.position = after + records.length;
      view.uncertain = false;
      return true;
    }
    if (fate === 'cut off') this.#oracle.cutOff?.(tier);
    view.uncertain = fate !== 'refused';
    view.isMember = false;
    return false;
  }

  /** Makes these the set of members: the record of it is on a former member before it counts. */
  #setMembers(members: readonly number[]): void {
    const p = this.#p;
    let next = [...members];
    while (next.length > 0 && !sameSet(next, p.recorded) && p.broken === null) {
      const record = `=${next.join('')}`;
      const isFormer = (tier: number): boolean => p.members.includes(tier);
      const together = this.#lacks('former members first');
      const former = this.#give(together ? next : next.filter(isFormer), [record]);
      if (p.broken !== null) return;
      if (former.length === 0) {
        p.log.push(record);
        p.tail ??= { sets: [], shown: this.#rules.volatile };
        p.tail.sets.push(next);
        return;
      }
      const others = together ? [] : next.filter((tier) => !isFormer(tier));
      const joined = together ? former : this.#give(others, [record]);
      for (const tier of joined) p.tiers[tier]!.isMember = true;
      p.log.push(record);
      p.durable = p.log.length;
      p.members = next;
      p.recorded = next;
      next = this.#answering;
    }
  }

  record(): void {
    const p = this.#p;
    const isPlain = p.recorded === null && p.members.length > 1 && p.durable > 0;
    if (p.proven && isPlain && p.tail === null) this.#setMembers(this.#answering);
  }

  // Coming back.

  /** Where a tier stands, by its own word. */
  #ask(tier: number): number {
    const view = this.#p.tiers[tier]!;
    if (view.isBusy || !this.#oracle.answers(tier)) throw new Outage();
    if (this.#state.disks[tier]!.pending !== null) settlePending(this.#state, tier, this.#oracle.lands(tier));
    view.uncertain = false;
    const { log } = this.#state.disks[tier]!;
    view.position = log.length;
    if (log.join() !== this.#p.log.slice(0, log.length).join()) {
      this.#p.broken = `tier ${tier} is another branch`;
      throw new Outage();
    }
    return view.position;
  }

  look(tier: number): void {
    const p = this.#p;
    const view = p.tiers[tier]!;
    if (p.broken !== null) return;
    if (!view.open) {
      if (!this.#oracle.answers(tier)) return;
      this.#open(tier);
    }
    if (!p.proven) this.#settle();
    else if (this.#lacks('asking before writing')) {
      view.isMember = true;
      if (!p.members.includes(tier)) this.#setMembers([...p.members, tier].toSorted((a, b) => a - b));
    } else if (p.tail !== null) this.#drainTo(tier);
    else this.#join(tier);
  }

  #drainTo(tier: number): void {
    const p = this.#p;
    const tail = p.tail!;
    const at = this.#ask(tier);
    const mayLead = [p.members, ...tail.sets].every((set) => set.includes(tier));
    if (!mayLead && !this.#lacks('waiting for who may lead')) return;
    const rest = p.log.slice(at);
    if (at < p.durable) p.broken = `tier ${tier} lacks what it was promised to hold`;
    if (p.broken !== null || (rest.length > 0 && this.#give([tier], rest, at).length === 0)) return;
    p.tiers[tier]!.isMember = true;
    p.durable = p.log.length;
    p.tail = null;
    const newest = tail.sets.at(-1);
    if (newest !== undefined) {
      p.members = newest;
      p.recorded = newest;
    }
    if (p.recorded !== null || p.members.length > 1) this.#setMembers([tier]);
    for (const [message, told] of Object.entries(this.#state.told)) {
      if (told.state === 'soft' && p.log[told.at] === message && told.at < p.durable) this.#tell(message, told.at);
    }
  }

  #join(tier: number): void {
    const p = this.#p;
    const view = p.tiers[tier]!;
    const at = this.#ask(tier);
    if (p.members.includes(tier) && at === p.durable) {
      if (this.#oracle.isWell(tier)) view.isMember = true;
      return;
    }
    if (this.#answering.length === 0 || !this.#canRead) return;
    if (!this.#fill(tier, p.log)) return;
    if (p.members.includes(tier)) view.isMember = true;
    const isMember = (other: number): boolean => other === tier || this.#answering.includes(other);
    this.#setMembers([...p.tiers.keys()].filter(isMember));
  }

  /** Brings a tier to the end of `log`, page by page. */
  #fill(tier: number, log: readonly Rec[]): boolean {
    const { page } = this.#rules;
    for (let at = this.#p.tiers[tier]!.position; at < log.length; at += page) {
      if (this.#give([tier], log.slice(at, at + page), at).length === 0) return false;
    }
    return true;
  }
}
