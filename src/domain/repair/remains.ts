import { GuichetError } from '../errors.ts';
import { type LogIdentity, sameLog } from '../model/log-identity.ts';
import type { LogRecord } from '../model/record.ts';
import type { Store } from '../store.ts';

/** Records that can still be read, in order; nothing was between `after` and the first of them but what is lost. */
export interface Remnant {
  readonly after: number;
  readonly through: number;
  readonly records: readonly LogRecord[];
}

/** How many messages a conversation had. */
export interface Counted {
  readonly seq: number;
  readonly publicSeq: number;
  /** UTC ISO: when it last changed. */
  readonly updatedAt: string;
}

/** What is left of the log in a store that is damaged. */
export interface Remains {
  /** The highest position that is known to have been there, whatever can be read. */
  readonly proven: number;
  /** Positions up to which a whole state can be had of the store itself, in any order. */
  readonly reach: readonly number[];
  /**
   * The store as it was at one of `reach`, opened for reading; closed by whoever asked.
   * @throws GuichetError when it is damaged after all
   */
  at(position: number): Promise<Store>;
  /** Everything behind a position that can still be read, in order, whatever is missing in between. */
  behind(position: number): AsyncIterable<Remnant>;
  /**
   * What conversations say of themselves, by id, where that is kept apart from their messages. Then what is missing in
   * front of the store's history shows in these numbers only.
   */
  readonly counted?: ReadonlyMap<string, Counted>;
  /**
   * How much is missing that the rest speaks of, and up to where only the newest of each entity is kept: what a store
   * from before that still has of it may have been changed, or erased, since.
   */
  readonly lacking?: { readonly entities: number; readonly through: number };
  /** Positions of which two places say different things that could both be true: what was taken may be the wrong one. */
  readonly doubtful?: readonly number[];
}

/**
 * Stores that can help to repair one: those that hold anything.
 * @throws GuichetError `refused` for one that keeps another log
 */
export const donorsFor = async (log: LogIdentity, others: readonly Store[]): Promise<Store[]> => {
  const donors = others.filter((other) => other.health().position > 0);
  for (const donor of donors) {
    const { head } = await donor.view({ conversations: [], messages: [], entries: [], agentEmails: [] });
    if (!sameLog(head.log, log)) {
      throw new GuichetError('refused', `${donor.name} keeps another log, so nothing can be taken from it.`);
    }
  }
  return donors;
};
