import { setTimeout as pause } from 'node:timers/promises';
import { isOutage } from '../src/domain/errors.ts';
import type { GroupCommit } from '../src/domain/group-commit.ts';
import type { Store } from '../src/domain/store.ts';
import { importedConversation, importedMessage, importOf } from '../src/domain/testing/changes.ts';
import { CONTENT } from './appender.ts';
import { type MakeDriver, onEachDatabase, opened } from './databases.ts';
import { median } from './report.ts';

/** Reads on each database at growing sizes. */
export const benchReads = ({ on, large }: { on: string | undefined; large: boolean }): Promise<void> =>
  onEachDatabase(on, (name, make) => benchOne(name, make, [1_000, 100_000, ...(large ? [1_000_000] : [])]));

/**
 * Ten messages a conversation. One message in twenty has a word that is looked for: the smallest log has a page of it;
 * one in a thousand has another.
 */
const fill = async (log: GroupCommit, from: number, to: number): Promise<void> => {
  for (let i = from; i < to; i += 1_000) {
    const items = Array.from({ length: 100 }, (_, c) => {
      const id = `c${i / 10 + c}`;
      const messages = Array.from({ length: 10 }, (_unused, m) => {
        const number = i / 10 + c;
        const word = number % 2 === 0 && m === 0 ? 'needle' : number % 100 === 0 && m === 1 ? 'straw' : 'hay';
        const createdAt = new Date(1.7e12 + i * 1000 + c * 10 + m).toISOString();
        return importedMessage(id, `${id}-${m}`, { content: `${CONTENT} ${word}`, createdAt });
      });
      return [
        importedConversation(id, 'v1', { createdAt: new Date(1.7e12 + i * 1000 + c).toISOString() }),
        ...messages,
      ];
    });
    await log.commit(importOf(...items.flat()));
  }
};

/** The index follows at a distance and says so; what is measured is a search, not its making. */
const untilIndexed = async (store: Store): Promise<void> => {
  for (;;) {
    try {
      await store.search({ q: 'needle', limit: 10 });
      return;
    } catch (error) {
      if (!isOutage(error)) throw error;
      await pause(200);
    }
  }
};

const benchOne = async (name: string, make: MakeDriver, sizes: readonly number[]): Promise<void> => {
  const { store, log } = await opened(await make());
  console.log(`\n${name}: reads, median of 200, by number of messages; x is against ${sizes[0]!.toLocaleString('en')}`);
  const first = new Map<string, number>();
  let filled = 0;
  for (const size of sizes) {
    await fill(log, filled, size);
    filled = size;
    await untilIndexed(store);
    const random = () => `c${Math.floor(Math.random() * (size / 10))}`;
    const reads: Record<string, () => Promise<unknown>> = {
      'page of a conversation': () => store.messages(random(), { limit: 50 }),
      'inbox, first page': () => store.conversations({ limit: 50 }),
      'inbox of one status': () => store.conversations({ limit: 50, status: 'ACTIVE' }),
      'search, 10 of the newest': () => store.search({ q: 'needle', limit: 10 }),
      'search for a rare word': () => store.search({ q: 'straw', limit: 10 }),
      'search for what is not there': () => store.search({ q: 'nowhere', limit: 10 }),
    };
    for (const [what, read] of Object.entries(reads)) {
      const times: number[] = [];
      for (let i = 0; i < 200; i += 1) {
        const at = performance.now();
        await read();
        times.push(performance.now() - at);
      }
      const time = median(times);
      const reference = first.get(what) ?? time;
      first.set(what, reference);
      const at = `${size.toLocaleString('en')} messages`;
      console.log(
        `  ${what.padEnd(28)} ${at.padStart(18)}  ${time.toFixed(2).padStart(8)} ms  x ${(time / reference).toFixed(2)}`,
      );
    }
  }
  await log.close();
  await store.close();
};
