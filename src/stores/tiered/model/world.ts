/** What the model of a chain is about: tiers and what they hold, a process and what it knows, and how the world decides. */

/** A record: a message by its name, or the record of a set: `=` and the numbers of its tiers. */
export type Rec = string;

/**
 * What becomes of a write that a tier is given. Only `refused` tells the process that it was not done: when a tier is
 * `down`, `cut off` or `undecided`, or `hangs`, nothing is heard of it, and it was not done, was done, or may be done
 * yet. While it hangs the tier can be given nothing else.
 */
export type Fate = 'done' | 'refused' | 'down' | 'cut off' | 'undecided' | 'hangs';

export interface Disk {
  log: Rec[];
  epoch: number;
  /** A write that was begun and may still be done. */
  pending: { after: number; records: Rec[]; epoch: number } | null;
}

/** What the process knows of a tier. */
export interface TierView {
  open: boolean;
  isMember: boolean;
  position: number;
  epoch: number;
  /** A write is under way and nobody knows how it will end. */
  isBusy: boolean;
  uncertain: boolean;
}

export interface Process {
  proven: boolean;
  log: Rec[];
  durable: number;
  members: number[];
  recorded: number[] | null;
  /** Set while the newest records are in memory only: the sets that some of them name. */
  tail: { sets: number[][]; shown: boolean } | null;
  tiers: TierView[];
  /** A tier was met that holds what the log does not: there is one writer in the model, so this must never be. */
  broken: string | null;
}

/** What a client knows of its message. A durable one is never sent again. */
export type Told = { state: 'unsent' | 'refused' } | { state: 'soft' | 'durable'; at: number };

export interface State {
  disks: Disk[];
  process: Process | null;
  told: Record<string, Told>;
  /** What may still go wrong, so that a search ends. */
  faults: number;
  crashes: number;
}

/** How the world decides. */
export interface Oracle {
  /** What becomes of a write. */
  fate(tier: number): Fate;
  /** Whether a tier answers where it stands. */
  answers(tier: number): boolean;
  /** Whether a tier answers reads. */
  reads(tier: number): boolean;
  /** Whether a tier says of itself that it takes writes. */
  isWell(tier: number): boolean;
  /** Whether a write that was begun is done after all, now that the tier has to know. */
  lands(tier: number): boolean;
  /** Told when a tier is cut off. */
  cutOff?(tier: number): void;
  /** Whether the process ends, asked before each write that is done and behind those that go out together. */
  crashes(when: 'before a write' | 'behind writes'): boolean;
}

/** A part of the protocol left out, to see that it is needed. */
export type Omission =
  | 'the record that a member left'
  | 'asking all members at the start'
  | 'keeping numbers of open batches'
  | 'former members first'
  | 'asking before writing'
  | 'waiting for who may lead';

export interface Rules {
  /** Whether memory is the last tier. */
  readonly volatile: boolean;
  /** Records the tail may hold; the batch it begins with and records of sets are kept beyond. */
  readonly tailBound: number;
  /** Records that are given at a time to a tier that is behind. */
  readonly page: number;
  readonly without?: Omission;
}

export const isSetRecord = (record: Rec): boolean => record.startsWith('=');

export const newState = (tiers: number, messages: readonly string[], faults: number, crashes: number): State => ({
  disks: Array.from({ length: tiers }, () => ({ log: [], epoch: 0, pending: null })),
  process: null,
  told: Object.fromEntries(messages.map((message): [string, Told] => [message, { state: 'unsent' }])),
  faults,
  crashes,
});
