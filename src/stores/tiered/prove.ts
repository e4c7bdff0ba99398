import { GuichetError, isOutage } from '../../domain/errors.ts';
import type { ChainEntry } from '../../domain/model/directory.ts';
import type { Tier } from './tier.ts';

/** What a start found (FB-6, FB-7). */
export interface Proof {
  /** Members of the in-sync set that answered, in order of preference. */
  readonly members: readonly Tier[];
  /** Names of tiers that may hold more and did not answer: while there are any, the start is not proven. */
  readonly missing: readonly string[];
  /** The tier with the highest head among those that may be believed. */
  readonly best: Tier;
  /** Keepers of the set as it is written down; `undefined` when no tier knows one. */
  readonly recorded: readonly string[] | undefined;
}

/**
 * Finds the in-sync set from the tiers that answered.
 *
 * The newest `chain` record among them names a set. If all of it answered, it is the set: a later one would have been
 * written to a member of this one before it counted. The argument is in docs/adr/0006.
 * @param tiers those that answered have `opened`
 * @throws GuichetError `unavailable` when no tier answered, or none that did knows of the log
 */
export const prove = async (tiers: readonly Tier[], leaveBehind: readonly string[]): Promise<Proof> => {
  const asked = await Promise.all(
    tiers.map(async (tier) => {
      if (tier.opened === undefined) return undefined;
      try {
        return { tier, entry: await tier.read(() => tier.store.entry('chain', 'chain')) };
      } catch (error) {
        if (!isOutage(error)) throw error;
        return undefined;
      }
    }),
  );
  const answers = asked.filter((answer) => answer !== undefined);
  const answered = answers.map(({ tier }) => tier);
  const known = answers.map(({ entry }) => entry).filter((entry) => entry !== undefined);
  if (known.length === 0) return withoutRecord(tiers, answered, leaveBehind);
  const newest = known.reduce((a, b) => (b.position > a.position ? b : a));
  return fromRecord(newest, answered, leaveBehind);
};

const fromRecord = (entry: ChainEntry, answered: readonly Tier[], leaveBehind: readonly string[]): Proof => {
  const members = answered.filter((tier) => entry.members.some(({ keeper }) => keeper === tier.keeper));
  const away = entry.members.filter(({ keeper }) => !answered.some((tier) => tier.keeper === keeper));
  const missing = away.map(({ name }) => name).filter((name) => !leaveBehind.includes(name));
  const recorded = entry.members.map(({ keeper }) => keeper);
  if (members.length > 0) return { members, missing, best: highest(members), recorded };
  const best = highest(answered);
  // Every member was given up by the owner: what is left begins a new set.
  return { members: missing.length === 0 ? [best] : [], missing, best, recorded };
};

/** Stores that were never part of a chain. The log is where most of it is; none may be asked for and not answer. */
const withoutRecord = (tiers: readonly Tier[], answered: readonly Tier[], leaveBehind: readonly string[]): Proof => {
  const best = highest(answered);
  const silent = tiers.filter((tier) => !answered.includes(tier) && !leaveBehind.includes(tier.name));
  const missing = silent.map((tier) => tier.name);
  if (best.position === 0 && missing.length > 0) {
    throw mayHoldTheLog(missing);
  }
  const members = answered.filter((tier) => tier.position === best.position);
  return { members, missing, best, recorded: undefined };
};

/** Why nothing can begin; which stores these are is for their owner. */
export const mayHoldTheLog = (names: readonly string[]): GuichetError =>
  new GuichetError('unavailable', undefined, {
    cause: new Error(`${names.join(', ') || 'Each store of the list'} may hold the log and does not answer.`),
  });

const highest = (tiers: readonly Tier[]): Tier => {
  const [first, ...others] = tiers;
  if (first === undefined) throw mayHoldTheLog([]);
  return others.reduce((best, tier) => (tier.position > best.position ? tier : best), first);
};
