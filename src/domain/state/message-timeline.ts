import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LogRecord } from '../model/record.ts';
import { comparePlaces, hasTerms, isBehind, placeOf, type SearchPlace, type SearchPlan } from './message-search.ts';

interface Entry extends SearchPlace {
  readonly record: LogRecord<'message'>;
}

/** Longest time a search keeps the event loop to itself, in milliseconds. */
const SLICE_MS = 5;

/**
 * Messages in memory in the order in which a search finds them. What is posted comes at the end of it; imported
 * messages come with old times, and then the order is made anew, once, when somebody asks.
 */
export class MessageTimeline {
  /** Oldest first. Never altered in place but at its end, for a search may be reading it. */
  #entries: Entry[] = [];
  #sorted = true;

  /** Takes in a message. One that is redacted is no longer found: it has no words. */
  add(record: LogRecord<'message'>): void {
    const entry = { ...placeOf(record), record };
    const last = this.#entries.at(-1);
    if (last !== undefined && comparePlaces(last, entry) < 0) this.#sorted = false;
    this.#entries.push(entry);
  }

  /**
   * Looks through all of it, newest first, and lets others work in between.
   * @param isCurrent whether a message is still what it was when it was added
   * @returns one more than `plan.limit` when there is more
   */
  async search(
    plan: SearchPlan,
    isCurrent: (record: LogRecord<'message'>) => boolean,
  ): Promise<LogRecord<'message'>[]> {
    if (!this.#sorted) {
      this.#entries = this.#entries.toSorted((a, b) => comparePlaces(b, a));
      this.#sorted = true;
    }
    const entries = this.#entries;
    const found: LogRecord<'message'>[] = [];
    let turnBegan = performance.now();
    for (let i = entries.length - 1; i >= 0 && found.length <= plan.limit; i -= 1) {
      const entry = entries[i]!;
      if (!isBehind(entry, plan)) continue;
      if (hasTerms(entry.record.value.content, plan.terms) && isCurrent(entry.record)) found.push(entry.record);
      if (i % 64 === 0 && performance.now() - turnBegan > SLICE_MS) {
        await nextTurn();
        turnBegan = performance.now();
      }
    }
    // What was redacted meanwhile is not shown any more.
    return found.filter(isCurrent);
  }
}
