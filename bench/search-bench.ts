import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseStoreUrls } from '../src/config/store-url.ts';
import { GroupCommit } from '../src/domain/group-commit.ts';
import type { Store } from '../src/domain/store.ts';
import { contactEntry, importedConversation, importedMessage, importOf, put } from '../src/domain/testing/changes.ts';
import { createStore } from '../src/stores/open-store.ts';
import { type Engine, startDatabase } from '../test/support/databases/database-server.ts';
import { mariadb } from '../test/support/databases/mariadb-server.ts';
import { postgres } from '../test/support/databases/postgres-server.ts';
import { seededRandom } from '../test/support/random.ts';
import { type Scope, tempDir } from '../test/support/temp-dir.ts';
import { scope } from './scope.ts';

const BATCH = 1000;
const ASKED = 15;
const VOCABULARY = 20_000;

/** Searches of different kinds: what they find is everywhere, in few messages, in one, or in none. */
const QUERIES = {
  'common word': 'please',
  'two common words': 'please thanks',
  'one letter': 'p',
  'rare word': 'order77',
  'rare and common': 'please order77',
  nothing: 'nowhere',
};

const onDatabase = (engine: Engine | undefined) =>
  engine && (async (own: Scope) => (await startDatabase(own, engine)).database(own));

/** Places of every kind that this machine has. Memory has no index: it looks through all of it. */
const PLACES: Readonly<Record<string, ((own: Scope) => string | Promise<string>) | undefined>> = {
  file: (own) => `file:${tempDir(own)}`,
  sqlite: (own) => `sqlite:${join(tempDir(own), 'chat.db')}`,
  postgres: onDatabase(postgres),
  mariadb: onDatabase(mariadb),
};

/** The first page of searches, by how many messages there are: the larger logs should cost no more. */
export const benchSearch = async ({ messages }: { messages: readonly number[] }): Promise<void> => {
  for (const [name, make] of Object.entries(PLACES)) {
    if (make === undefined) continue;
    const figures = new Map(Object.keys(QUERIES).map((query) => [query, [] as number[]]));
    for (const count of messages) {
      const own = scope();
      const store = createStore(parseStoreUrls(await make(own))[0]);
      await fill(store, count);
      const from = performance.now();
      await whenIndexed(store);
      console.log(`${name}, ${count} messages: index made in ${((performance.now() - from) / 1000).toFixed(1)} s`);
      for (const [query, q] of Object.entries(QUERIES)) figures.get(query)!.push(await medianOf(store, q));
      console.log(`  memory of this process: ${Math.round(process.memoryUsage.rss() / 1e6)} MB`);
      await store.close();
      await own.end();
    }
    console.log(`\n## Search: ${name}, milliseconds (ratio to ${messages[0]} messages)\n`);
    for (const [query, found] of figures) {
      const columns = found.map((ms) => `${ms.toFixed(1)} (${(ms / found[0]!).toFixed(2)})`);
      console.log(`| ${query} | ${columns.join(' | ')} |`);
    }
    console.log('');
  }
};

const fill = async (store: Store, count: number): Promise<void> => {
  const log = new GroupCommit(store, await store.open());
  await log.commit(put(contactEntry('v1')));
  await log.commit(importOf(importedConversation('c', 'v1')));
  const random = seededRandom(1);
  // The smaller a number the more often: as with words of a language.
  const word = () => `word${Math.floor(VOCABULARY ** random())}`;
  for (let from = 0; from < count; from += BATCH) {
    const items = Array.from({ length: Math.min(BATCH, count - from) }, (_, i) => {
      const n = from + i;
      const words = Array.from({ length: 12 }, word);
      if (n % 4 === 0) words.push('please');
      if (n % 5 === 0) words.push('thanks');
      if (n % 10_000 === 77) words.push('order77');
      const createdAt = new Date(Date.UTC(2025, 0, 1) + n * 1000).toISOString();
      return importedMessage('c', `m${n}`, { content: words.join(' '), createdAt });
    });
    await log.commit(importOf(...items));
  }
  await log.close();
};

const whenIndexed = async (store: Store): Promise<void> => {
  for (;;) {
    try {
      await store.search({ q: 'nowhere', limit: 1 });
      return;
    } catch {
      await delay(100);
    }
  }
};

const medianOf = async (store: Store, q: string): Promise<number> => {
  const times: number[] = [];
  for (let i = 0; i < ASKED; i += 1) {
    const from = performance.now();
    await store.search({ q, limit: 50 });
    times.push(performance.now() - from);
  }
  return times.sort((a, b) => a - b)[ASKED >> 1]!;
};
