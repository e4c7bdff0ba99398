import { join } from 'node:path';
import { parseSingleStoreUrl, parseStoreUrls } from '../src/config/store-url.ts';
import { GroupCommit } from '../src/domain/group-commit.ts';
import { contactEntry, importedConversation, importedMessage, importOf, put } from '../src/domain/testing/changes.ts';
import { createChain, createStore } from '../src/stores/open-store.ts';
import { TieredStore } from '../src/stores/tiered/tiered-store.ts';
import { type DatabaseServer, startDatabase } from '../test/support/databases/database-server.ts';
import { postgres } from '../test/support/databases/postgres-server.ts';
import { type Scope, tempDir } from '../test/support/temp-dir.ts';
import { behindResolve, CONTENT, drive } from './appender.ts';
import { type Measured, measured, median, printTable } from './report.ts';
import { scope } from './scope.ts';

/** Records that a tier lacks which comes back. */
const BEHIND = 50_000;

/** A chain against its head alone, and how fast a tier that lacks everything is brought level. */
export const benchChain = async (options: { seconds: number; rounds: number }): Promise<void> => {
  const own = scope();
  try {
    const server = postgres === undefined ? undefined : await startDatabase(own, postgres);
    if (server === undefined) console.log('\nPostgreSQL is not on this machine.');
    await benchPosts(['file', 'file,memory'], undefined, options);
    if (server !== undefined) await benchPosts(['postgres', 'postgres,file,memory'], server, options);
    await benchFilling(server, options);
  } finally {
    await own.end();
  }
};

/** The list of stores of these kinds, each at a new place. */
const placesOf = async (own: Scope, kinds: string, server: DatabaseServer | undefined): Promise<string> => {
  const urls: string[] = [];
  for (const kind of kinds.split(',')) {
    if (kind === 'memory') urls.push('memory:');
    else if (kind === 'file') urls.push(`file:${join(tempDir(own), 'data')}`);
    else urls.push((await server!.createDatabase()).url);
  }
  return urls.join(',');
};

const benchPosts = async (
  lists: readonly string[],
  server: DatabaseServer | undefined,
  { seconds, rounds }: { seconds: number; rounds: number },
): Promise<void> => {
  for (const outstanding of [1, 64, 1024]) {
    const results = new Map<string, Measured[]>(lists.map((list) => [list, []]));
    for (let round = 0; round < rounds; round += 1) {
      for (const list of lists) {
        const own = scope();
        const urls = parseStoreUrls(await placesOf(own, list, server));
        const appender = await behindResolve(createChain(urls, { snapshotEverySeconds: 0 }));
        results.get(list)!.push(measured(await drive(appender, outstanding, seconds), seconds));
        await appender.close();
        await own.end();
      }
    }
    printTable(`Chain against its head alone: durable posts of 200 bytes, ${outstanding} outstanding`, results);
  }
};

/** Records a second, of a log of one tier, at which an empty one beside it is filled. */
const benchFilling = async (server: DatabaseServer | undefined, { rounds }: { rounds: number }): Promise<void> => {
  console.log(`\nAn empty tier is brought level, ${BEHIND.toLocaleString('en')} messages`);
  for (const kind of server === undefined ? ['file'] : ['file', 'postgres']) {
    const rates: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const own = scope();
      const full = await placesOf(own, 'file', server);
      const empty = await placesOf(own, kind, server);
      await fillUp(full);
      const makers = [full, empty].map(
        (url) => () => createStore(parseSingleStoreUrl(url, '--store'), { snapshotEverySeconds: 0 }),
      );
      const chain = new TieredStore(makers, { probeMs: 0, timeoutMs: 60_000 });
      await chain.open();
      const began = performance.now();
      while (chain.health().tiers!.some(({ state }) => state !== 'member')) await chain.probe();
      rates.push(BEHIND / ((performance.now() - began) / 1000));
      await chain.close();
      await own.end();
    }
    const rate = Math.round(median(rates)).toLocaleString('en');
    console.log(`  ${kind.padEnd(44)} ${rate.padStart(9)} records/s`);
  }
};

const fillUp = async (url: string): Promise<void> => {
  const store = createStore(parseSingleStoreUrl(url, '--store'), { snapshotEverySeconds: 0 });
  const log = new GroupCommit(store, await store.open());
  await log.commit(put(contactEntry('v1')));
  for (let i = 0; i < BEHIND; i += 1_000) {
    const id = `c${i}`;
    const messages = Array.from({ length: 1_000 }, (_, m) => importedMessage(id, `${id}-${m}`, { content: CONTENT }));
    await log.commit(importOf(importedConversation(id, 'v1'), ...messages));
  }
  await log.close();
  await store.close();
};
