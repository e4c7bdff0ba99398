import { type Action, act, actionsOf } from './chain-model.ts';
import { type Fate, newState, type Oracle, type Rec, type Rules, type State } from './world.ts';

/** How large a search is. */
export interface Size {
  readonly tiers: number;
  readonly messages: readonly string[];
  /** Things that may go wrong in one history. */
  readonly faults: number;
  readonly crashes: number;
  /** States after which it gives up. */
  readonly limit: number;
}

export interface Found {
  readonly states: number;
  /** The first history that breaks a rule, shortest in actions; `undefined` when there is none. */
  readonly counterexample?: { readonly problem: string; readonly actions: readonly string[] };
}

/** Choices in the order in which they are asked for: those given, then always the first. */
class Choices {
  readonly taken: number[] = [];
  readonly widths: number[] = [];
  readonly labels: string[] = [];
  readonly #given: readonly number[];

  constructor(given: readonly number[]) {
    this.#given = given;
  }

  pick<T>(options: readonly T[], label: string): T {
    const choice = this.#given[this.taken.length] ?? 0;
    this.taken.push(choice);
    this.widths.push(options.length);
    if (options.length > 1) this.labels.push(`${label} ${String(options[choice])}`);
    return options[choice]!;
  }

  /** The choices that come next, depth first; `undefined` when all were made. */
  next(): readonly number[] | undefined {
    for (let i = this.taken.length - 1; i >= 0; i -= 1) {
      if (this.taken[i]! + 1 < this.widths[i]!) return [...this.taken.slice(0, i), this.taken[i]! + 1];
    }
    return undefined;
  }
}

const FATES: readonly Fate[] = ['done', 'refused', 'down', 'cut off', 'hangs'];
/** Messages sent in one batch at most. */
export const BATCH = 3;
/** In a search, what a tier holds can be read whenever the tier is open: then nothing is left out for want of it. */
const READABLE = { reads: () => true, isWell: () => true };

/** Whatever can happen, as far as the state still allows for it. */
const chooser = (state: State, choices: Choices): Oracle => ({
  ...READABLE,
  fate(tier) {
    const fate = choices.pick(state.faults > 0 ? FATES : FATES.slice(0, 1), `write to ${tier}`);
    if (fate !== 'done') state.faults -= 1;
    return fate;
  },
  answers(tier) {
    const answer = choices.pick(state.faults > 0 ? [true, false] : [true], `${tier} answers`);
    if (!answer) state.faults -= 1;
    return answer;
  },
  lands: (tier) => choices.pick([true, false], `lands on ${tier}`),
  // Every choice of who was reached is made by fates: a crash behind them is as good as one between them.
  crashes: (when) => when === 'behind writes' && choices.pick(state.crashes > 0 ? [false, true] : [false], 'crash'),
});

/** Nothing goes wrong any more; what was open is done, or is not. */
const calm = (lands: boolean): Oracle => ({
  ...READABLE,
  fate: () => 'done',
  answers: () => true,
  lands: () => lands,
  crashes: () => false,
});

/** Plain data, and this way is three times as fast as `structuredClone`. */
const copyOf = (state: State): State => JSON.parse(JSON.stringify(state)) as State;
const isPrefix = (a: readonly Rec[], b: readonly Rec[]): boolean => a.every((record, i) => record === b[i]);

/** Tries every history of this size, shortest first, until one breaks a rule of docs/spec/fallback.md. */
export const search = (size: Size, rules: Rules): Found => {
  const first = newState(size.tiers, size.messages, size.faults, size.crashes);
  const seen = new Map<string, { readonly before: string | undefined; readonly by: string }>();
  const keyOf = (state: State): string => JSON.stringify(state);
  const firstKey = keyOf(first);
  seen.set(firstKey, { before: undefined, by: '' });
  let layer: State[] = [first];
  while (layer.length > 0) {
    const next: State[] = [];
    for (const state of layer) {
      const before = keyOf(state);
      for (const { by, after } of successors(state, rules)) {
        const key = keyOf(after);
        if (seen.has(key)) continue;
        seen.set(key, { before, by });
        const problem = problemOf(after, rules);
        if (problem !== undefined) return { states: seen.size, counterexample: { problem, actions: way(seen, key) } };
        if (seen.size >= size.limit) return { states: seen.size };
        next.push(after);
      }
    }
    layer = next;
  }
  return { states: seen.size };
};

const way = (seen: ReadonlyMap<string, { readonly before: string | undefined; readonly by: string }>, to: string) => {
  const actions: string[] = [];
  for (let key: string | undefined = to; key !== undefined; key = seen.get(key)!.before)
    actions.unshift(seen.get(key)!.by);
  return actions.slice(1);
};

/** Every state that one action can lead to. */
function* successors(state: State, rules: Rules): Generator<{ by: string; after: State }> {
  for (const action of actionsOf(state)) {
    let given: readonly number[] | undefined = [];
    while (given !== undefined) {
      const after = copyOf(state);
      const choices = new Choices(given);
      act(after, action, chooser(after, choices), rules);
      yield { by: [describe(action), ...choices.labels].join(', '), after };
      given = choices.next();
    }
  }
}

const describe = (action: Action): string => Object.values(action).join(' ');

/** The rule that a state breaks, in words. */
export const problemOf = (state: State, rules: Rules): string | undefined =>
  problemOfDisks(state) ??
  problemOfProcess(state, rules) ??
  problemOfStarts(state, rules) ??
  problemOfHealing(state, rules);

const problemOfDisks = ({ disks }: State): string | undefined => {
  for (const { log } of disks) {
    const messages = log.filter((record) => !record.startsWith('='));
    if (new Set(messages).size < messages.length) return 'a message is there twice';
    if (disks.some((other) => !isPrefix(log, other.log) && !isPrefix(other.log, log)))
      return 'two tiers are two branches';
  }
  return undefined;
};

const problemOfProcess = ({ process, told, disks }: State, rules: Rules): string | undefined => {
  if (process === null || !process.proven) return undefined;
  const { log, durable, broken, tail } = process;
  if (broken !== null) return broken;
  for (const [message, { state, ...rest }] of Object.entries(told)) {
    if ((state === 'durable' || state === 'soft') && 'at' in rest && log[rest.at] !== message) {
      return `${message} was acknowledged (${state}) and is not where it was`;
    }
    if (log.filter((record) => record === message).length > 1) return `${message} is in the log twice`;
  }
  if (!disks.some((disk) => isPrefix(log.slice(0, durable), disk.log))) return 'no tier holds all that is durable';
  const inMemory = log.slice(durable).filter((record) => !record.startsWith('='));
  if (inMemory.length > Math.max(rules.tailBound, BATCH)) return 'more is in memory than its bound';
  if (tail === null && log.length > durable) return 'records are in memory and nobody knows';
  return undefined;
};

/** Whichever tiers answer at a start: it is not proven, or everything durable is there; and again the same. */
const problemOfStarts = (state: State, rules: Rules): string | undefined => {
  const count = state.disks.length;
  for (let mask = 1; mask < 1 << count; mask += 1) {
    const answers = (tier: number): boolean => (mask & (1 << tier)) !== 0;
    const once = started(state, answers, rules);
    const problem = problemOfStart(once, state, mask);
    if (problem !== undefined) return problem;
    if (once.process === null) continue;
    const again = started(once, answers, rules);
    if (again.process?.log.join() !== once.process.log.join())
      return `a second start with tiers ${mask} finds something else`;
    if (again.process.proven !== once.process.proven) return `a second start with tiers ${mask} is not as sure`;
  }
  return problemOfAvailability(state, rules);
};

const problemOfStart = ({ process }: State, { told }: State, mask: number): string | undefined => {
  if (process === null || !process.proven) return undefined;
  for (const [message, now] of Object.entries(told)) {
    if (now.state === 'durable' && process.log[now.at] !== message) {
      return `after a start with tiers ${mask.toString(2)}, ${message} is not where it was`;
    }
  }
  return undefined;
};

/** The tiers without which nothing is acknowledged are enough to start again with. */
const problemOfAvailability = (state: State, rules: Rules): string | undefined => {
  const { process } = state;
  if (process === null || !process.proven || process.tail !== null || process.recorded === null) return undefined;
  const { members, tiers } = process;
  if (!members.every((tier) => tiers[tier]!.isMember)) return undefined;
  const { process: again } = started(state, (tier) => members.includes(tier), rules);
  return again?.proven ? undefined : `tiers ${members.join()} acknowledge, and are not enough to start with`;
};

const started = (state: State, answers: (tier: number) => boolean, rules: Rules): State => {
  const after = copyOf(state);
  after.process = null;
  act(after, { type: 'start' }, { ...calm(false), answers }, rules);
  return after;
};

/** Once everything is well again, everything becomes durable and all tiers hold the same. */
const problemOfHealing = (state: State, rules: Rules): string | undefined => {
  for (const lands of [true, false]) {
    const healed = copyOf(state);
    const oracle = calm(lands);
    for (let tier = 0; tier < healed.disks.length; tier += 1)
      act(healed, { type: 'settle', tier, lands }, oracle, rules);
    for (let round = 0; round < healed.disks.length + 2; round += 1) {
      if (healed.process === null) act(healed, { type: 'start' }, oracle, rules);
      healed.process?.tiers.forEach(({ isMember }, tier) => {
        if (!isMember) act(healed, { type: 'look', tier }, oracle, rules);
      });
      act(healed, { type: 'record' }, oracle, rules);
    }
    for (const [message, { state: told }] of Object.entries(healed.told)) {
      if (told !== 'durable') act(healed, { type: 'send', messages: [message] }, oracle, rules);
    }
    const problem = problemOfDisks(healed) ?? problemOfProcess(healed, rules);
    if (problem !== undefined) return `when all is well again: ${problem}`;
    if (Object.values(healed.told).some(({ state: told }) => told !== 'durable'))
      return 'something never becomes durable';
    const [first, ...others] = healed.disks;
    if (others.some(({ log }) => log.join() !== first!.log.join())) return 'tiers stay different when all is well';
  }
  return undefined;
};
