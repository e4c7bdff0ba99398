import { type Action, act } from './chain-model.ts';
import { BATCH, problemOf } from './search.ts';
import { newState, type Oracle, type Process, type Rules, type State, type Told } from './world.ts';

/** How a tier behaves until told otherwise; the fake store of the tests knows the same words. */
export type Condition = 'well' | 'full' | 'readOnly' | 'forgetful' | 'cutOff' | 'down' | 'undecided' | 'hanging';

const CONDITIONS: readonly Condition[] = [
  ...(['well', 'full', 'readOnly', 'forgetful', 'cutOff', 'down', 'undecided', 'hanging'] as const),
];

/** One move of a walk, the same for the model and for the store. */
export type Step = (
  | { readonly type: 'start' | 'crash' }
  | { readonly type: 'probe' }
  | { readonly type: 'post'; readonly messages: readonly string[] }
  | { readonly type: 'settle'; readonly tier: number; readonly lands: boolean }
  | { readonly type: 'condition'; readonly tier: number; readonly condition: Condition }
) & {
  /** The process ends before the write that follows this many which are done. */
  readonly writes?: number;
};

/** What both must agree on. */
export interface Picture {
  /** Of each tier, the names of the records it holds. */
  readonly disks: readonly (readonly string[])[];
  /** What each client knows. */
  readonly told: Readonly<Record<string, Told>>;
  /** Of the process: whether it may write, up to where it shows and holds, who takes part; `null` when there is none. */
  readonly process: (Pick<Process, 'proven' | 'durable'> & { head: number; taking: readonly boolean[] }) | null;
}

/** The model with tiers that behave as they are told, instead of making every choice. */
export class ModelWorld {
  readonly state: State;
  readonly conditions: Condition[];
  readonly rules: Rules;
  #writesLeft = Number.POSITIVE_INFINITY;

  constructor(tiers: number, messages: readonly string[], rules: Rules) {
    this.state = newState(tiers, messages, 0, Number.POSITIVE_INFINITY);
    this.conditions = Array.from({ length: tiers }, () => 'well');
    this.rules = rules;
  }

  do(step: Step): void {
    this.#writesLeft = step.writes ?? Number.POSITIVE_INFINITY;
    if (step.type === 'condition') this.conditions[step.tier] = step.condition;
    else if (step.type === 'post') this.#act({ type: 'send', messages: step.messages });
    else if (step.type === 'probe') this.#probe();
    else this.#act(step);
  }

  #probe(): void {
    const { process } = this.state;
    for (const [tier, view] of process?.tiers.entries() ?? []) {
      if (this.state.process === process && !view.isMember) this.#act({ type: 'look', tier });
    }
    if (this.state.process === process && process !== null) this.#act({ type: 'record' });
  }

  #act(action: Action): void {
    act(this.state, action, this.#oracle, this.rules);
  }

  readonly #oracle: Oracle = {
    fate: (tier) => {
      const condition = this.conditions[tier]!;
      if (condition === 'full' || condition === 'readOnly') return 'refused';
      if (condition === 'hanging') return 'hangs';
      if (condition === 'down' || condition === 'undecided') return condition;
      return condition === 'cutOff' ? 'cut off' : 'done';
    },
    answers: (tier) => this.#isReached(tier),
    reads: (tier) => this.#isReached(tier),
    isWell: (tier) => this.conditions[tier] === 'well',
    lands: () => false,
    crashes: (when) => {
      if (when === 'behind writes') return false;
      this.#writesLeft -= 1;
      return this.#writesLeft < 0;
    },
    cutOff: (tier) => {
      this.conditions[tier] = 'down';
    },
  };

  #isReached(tier: number): boolean {
    return this.conditions[tier] !== 'down' && this.conditions[tier] !== 'undecided';
  }

  get picture(): Picture {
    const { disks, told, process } = this.state;
    return {
      disks: disks.map(({ log }) => [...log]),
      told: structuredClone(told),
      process: process && {
        ...{ proven: process.proven, durable: process.durable },
        head: process.tail === null || process.tail.shown ? process.log.length : process.durable,
        taking: process.tiers.map(({ isMember }) => isMember),
      },
    };
  }

  /** The rule that it breaks now, in words. */
  get problem(): string | undefined {
    return problemOf(this.state, this.rules);
  }
}

/** The next step of a random walk, given where the model is. */
export const randomStep = ({ state, conditions }: ModelWorld, random: () => number): Step => {
  const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)]!;
  const open = [...state.disks.keys()].filter((tier) => state.disks[tier]!.pending !== null);
  const roll = random();
  const writes = random() < 0.06 ? { writes: Math.floor(random() * 4) } : {};
  if (open.length > 0 && roll < 0.15) return { type: 'settle', tier: pick(open), lands: random() < 0.5 };
  if (roll < 0.4) {
    // What was begun is settled first: the model has no tier that is well and still undecided.
    const free = [...conditions.keys()].filter((tier) => !open.includes(tier));
    const condition = random() < 0.45 ? 'well' : pick(CONDITIONS);
    if (free.length > 0) return { type: 'condition', tier: pick(free), condition };
  }
  if (state.process === null) return { type: 'start', ...writes };
  if (roll < 0.43) return { type: 'crash' };
  if (roll < 0.65) return { type: 'probe', ...writes };
  const unsaved = Object.keys(state.told).filter((message) => state.told[message]!.state !== 'durable');
  if (unsaved.length === 0) return { type: 'probe', ...writes };
  const count = 1 + Math.floor(random() * BATCH);
  const first = Math.floor(random() * Math.min(unsaved.length, 4));
  return { type: 'post', messages: unsaved.slice(first, first + count), ...writes };
};
