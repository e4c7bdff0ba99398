import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { StorageReport } from '../../src/protocol/entities.ts';
import { call } from '../support/call.ts';
import type { DatabaseServer } from '../support/databases/database-server.ts';
import { digestOf } from '../support/digest-of.ts';
import { FaultProxy } from '../support/fault-proxy.ts';
import { Ledger } from '../support/ledger.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { runWriters } from '../support/writers.ts';

/** How many blows; npm run lab -- chain --blows N. */
export const BLOWS = Number(process.env.GUICHET_BLOWS ?? 9);
const WRITERS = 8;
const CONVERSATIONS = ['c0', 'c1', 'c2', 'c3'];
/** Messages acknowledged as durable while the database is away, and after it is back. */
const MEANWHILE = 60;

/** Something that happens to the database; answers how it is undone. */
type Blow = (database: DatabaseServer, proxy: FaultProxy) => Promise<() => Promise<void>>;

const BLOWS_BY_NAME: Readonly<Record<string, Blow>> = {
  'kill -9': async (database) => {
    await database.kill9();
    return () => database.restart();
  },
  SIGSTOP: async (database) => {
    database.freeze();
    return async () => database.thaw();
  },
  'restarted twice': async (database) => {
    await database.restart();
    await delay(2000);
    await database.restart();
    return async () => {};
  },
  'the answer to a COMMIT lost': async (_, proxy) => {
    await proxy.dropReply((chunk) => /COMMIT/i.test(chunk.toString('latin1')));
    return async () => {};
  },
  // The chain goes on without it; it comes while the database is asked where it stands, or from a process that is gone.
  'a COMMIT delivered late': async (_, proxy) => {
    const held = await proxy.hold('up', (chunk) => /COMMIT/i.test(chunk.toString('latin1')));
    return async () => held.release();
  },
  'connections reset': async (_, proxy) => {
    await proxy.refuse();
    return () => proxy.pass();
  },
  'answers lost': async (_, proxy) => {
    proxy.blackhole('down');
    return () => proxy.pass();
  },
  'nothing passes': async (_, proxy) => {
    proxy.blackhole();
    return () => proxy.pass();
  },
  '30 s of delay': async (_, proxy) => {
    proxy.delay(30_000);
    return () => proxy.pass();
  },
};

/** Keeps the longest time between two durable acknowledgements. */
class TimedLedger extends Ledger {
  longestPauseMs = 0;
  #last = performance.now();

  override acknowledged(id: string, seq: number): void {
    super.acknowledged(id, seq);
    const now = performance.now();
    this.longestPauseMs = Math.max(this.longestPauseMs, now - this.#last);
    this.#last = now;
  }
}

const level = async (server: TestServer): Promise<void> => {
  for (;;) {
    const { status, body } = await call<StorageReport>(server, 'GET', '/storage');
    if (status === 200 && !body.degraded) return;
    await delay(100);
  }
};

/**
 * A database, a file store and memory as one chain, with writers that never stop: the database is struck again and
 * again, every second time the server is killed while it is away, and killed and healed in another order each time.
 */
export const chainUnderLoad = async (t: TestContext, database: DatabaseServer): Promise<void> => {
  const url = await database.database(t);
  const proxy = await FaultProxy.start(t, url);
  const server = await startServer(t, {
    store: proxy.url,
    behind: ['file:data', 'memory:'],
    flags: ['--snapshot-every=2', '--tier-timeout=1000'],
  });
  const ledger = new TimedLedger();
  for (const id of CONVERSATIONS) await call(server, 'POST', '/conversations', { id, userId: 'visitor' });
  let writing = runWriters(server, ledger, WRITERS, CONVERSATIONS);
  const more = (count: number): Promise<void> => ledger.reaches(ledger.acknowledgedIds.size + count);
  const names = Object.keys(BLOWS_BY_NAME);
  for (let n = 0; n < BLOWS; n += 1) {
    const name = names[n % names.length]!;
    await more(MEANWHILE);
    ledger.longestPauseMs = 0;
    const heal = await BLOWS_BY_NAME[name]!(database, proxy);
    await more(MEANWHILE);
    const pause = ledger.longestPauseMs;
    if (n % 2 === 1) {
      await server.kill9();
      await writing;
      const restarted = server.restart();
      // Sometimes the server is back first, sometimes the database.
      if (n % 4 === 1) await restarted;
      await heal();
      await restarted;
      await ledger.verify(server);
      writing = runWriters(server, ledger, WRITERS, CONVERSATIONS);
    } else await heal();
    await more(MEANWHILE);
    await level(server);
    t.diagnostic(`${name}: longest time without an acknowledgement ${Math.round(pause)} ms`);
  }
  await server.stop();
  await writing;
  await server.restart();
  await level(server);
  await ledger.verify(server);
  await server.stop();
  assert.equal(await digestOf(url), await digestOf(`file:${server.dataDir}/data`));
  t.diagnostic(
    `${ledger.acknowledgedIds.size} messages acknowledged under ${BLOWS} blows, all there once, both stores equal`,
  );
};
