import { GuichetError, isOutage } from '../../domain/errors.ts';
import type { Base } from './overlay.ts';
import type { Tier } from './tier.ts';

/**
 * One set of reads over several tiers that hold the same: an outage of one is answered by the next.
 * @param candidates in order of preference, asked for anew by each read
 */
export const readFrom = (candidates: () => readonly Tier[]): Base => {
  const attempt = async <T>(work: (store: Base) => Promise<T>): Promise<T> => {
    let cause: unknown;
    for (const tier of candidates()) {
      try {
        return await tier.read(() => work(tier.store));
      } catch (error) {
        if (!isOutage(error)) throw error;
        cause = error;
      }
    }
    // What a tier says of itself is for its owner, not for whoever reads.
    throw new GuichetError('unavailable', undefined, { cause });
  };
  return allReads((read) => attempt(read));
};

/** Reads of what there is at the moment of each, answered once `shown` resolves. */
export const heldBack = (base: () => Base, shown: () => Promise<void> | undefined): Base =>
  allReads(async (read) => {
    const answer = await read(base());
    await shown();
    return answer;
  });

/** All reads of a store by way of one function. */
const allReads = (by: <T>(read: (base: Base) => Promise<T>) => Promise<T>): Base => ({
  view: (request) => by((base) => base.view(request)),
  recordsSince: (position, limit, filter) => by((base) => base.recordsSince(position, limit, filter)),
  conversation: (id) => by((base) => base.conversation(id)),
  conversations: (query) => by((base) => base.conversations(query)),
  messages: (id, range) => by((base) => base.messages(id, range)),
  countMessages: (requests) => by((base) => base.countMessages(requests)),
  search: (query) => by((base) => base.search(query)),
  entry: (kind, id) => by((base) => base.entry(kind, id)),
  entries: (kind, page) => by((base) => base.entries(kind, page)),
  agentByEmail: (email) => by((base) => base.agentByEmail(email)),
});

/** Reads of a log that may be missing something: what is not found may be on the tier that does not answer (FB-16). */
export const incomplete = (base: Base): Base => {
  const found = async <T>(asked: Promise<T | undefined>): Promise<T> => {
    const answer = await asked;
    if (answer === undefined) throw new GuichetError('unavailable');
    return answer;
  };
  return {
    ...base,
    conversation: (id) => found(base.conversation(id)),
    messages: async (id, range) => {
      await found(base.conversation(id));
      return base.messages(id, range);
    },
    entry: (kind, id) => found(base.entry(kind, id)),
    agentByEmail: (email) => found(base.agentByEmail(email)),
  };
};
