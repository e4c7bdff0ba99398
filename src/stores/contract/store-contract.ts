import { describe } from 'node:test';
import { anyLog } from './any-log.ts';
import { appendAndFences } from './append-and-fences.ts';
import { concurrency } from './concurrency.ts';
import { conversations } from './conversations.ts';
import { directory } from './directory.ts';
import type { Harness } from './harness.ts';
import { hostileContent } from './hostile-content.ts';
import { lifecycle } from './lifecycle.ts';
import { messagePages } from './message-pages.ts';
import { messageSearch } from './message-search.ts';
import { ordering } from './ordering.ts';
import { readingAlong } from './reading-along.ts';
import { recordsSince } from './records-since.ts';
import { forgetting, reopen } from './reopen.ts';
import { repeats } from './repeats.ts';

export type { Harness, Place } from './harness.ts';

/**
 * The contract of the store port as tests: docs/spec/log.md, rule by rule. Every store, and every chain of stores,
 * passes all of it; one that forgets what it held is asked to say so instead of being opened again.
 */
export const storeContract = (name: string, harness: Harness): void => {
  const subjects = {
    lifecycle,
    'append and fences': appendAndFences,
    repeats,
    ordering,
    'any log': anyLog,
    conversations,
    'message pages': messagePages,
    'message search': messageSearch,
    directory,
    'records since': recordsSince,
    'reading along': readingAlong,
    concurrency,
    ...(harness.forgets ? { forgetting } : { reopen }),
    'hostile content': hostileContent,
  };
  for (const [subject, tests] of Object.entries(subjects)) describe(`${name}: ${subject}`, () => tests(harness));
};
