import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { Client } from 'pg';
import { parseStoreUrls } from '../../src/config/store-url.ts';
import { type Committed, GroupCommit } from '../../src/domain/group-commit.ts';
import type { LogRecord } from '../../src/domain/model/record.ts';
import { contactEntry, post, put, start } from '../../src/domain/testing/changes.ts';
import { LogFollower } from '../../src/live/log-follower.ts';
import { ANNA } from '../../src/stores/contract/writer.ts';
import { type ChainOptions, createChain } from '../../src/stores/open-store.ts';
import { onMariadb } from '../support/databases/mariadb-server.ts';
import type { Servers } from '../support/databases/on-database.ts';
import { onPostgres } from '../support/databases/postgres-server.ts';
import { tempDir } from '../support/temp-dir.ts';
import { undoAfter } from '../support/undo-after.ts';

/** What one server process has of the log: its store, its queue, and what it tells those who listen. */
const openProcess = async (t: TestContext, list: string, options: ChainOptions = {}) => {
  const store = createChain(parseStoreUrls(list), { snapshotEverySeconds: 0, ...options });
  undoAfter(t, () => store.close());
  const head = await store.open();
  const told: LogRecord[] = [];
  const waiting: { position: number; reached: () => void }[] = [];
  let committed: (batch: Committed) => void = () => {};
  if (store.shared !== undefined) {
    const follower = new LogFollower({
      ...{ store, position: store.health().position },
      broadcast: ({ records }) => {
        told.push(...records);
        const at = told.at(-1)!.position;
        for (const { position, reached } of waiting) if (position <= at) reached();
      },
      readAgain: () => assert.fail('nobody was that far behind'),
      logError: (error) => assert.fail(error as Error),
    });
    undoAfter(t, () => follower.close());
    committed = (batch) => follower.committed(batch);
  }
  const queue = new GroupCommit(store, head, { onCommitted: (batch) => committed(batch) });
  const reaches = (position: number): Promise<void> =>
    new Promise((reached) => {
      if ((told.at(-1)?.position ?? 0) >= position) reached();
      else waiting.push({ position, reached });
    });
  return { store, head, queue, told, reaches };
};

const declare = (servers: Servers): void => {
  test('[SQ-10] processes that share a log write in turns, and each tells all of it once, in order', async (t) => {
    const url = await (await servers.shared()).database(t);
    const processes = await Promise.all([openProcess(t, url), openProcess(t, url)]);
    const [one, two] = processes as [(typeof processes)[0], (typeof processes)[0]];
    assert.deepEqual(one.head.log, two.head.log);
    await one.queue.commit(put(contactEntry('anna')));
    await two.queue.commit(start(ANNA, 'c1'));
    const ids = Array.from({ length: 120 }, (_, i) => `m${i}`);
    await Promise.all(
      processes.map(async ({ queue }, p) => {
        // Every third is sent to both, as by a client that went to the other after a lost answer.
        for (const [i, id] of ids.entries()) if (i % 2 === p || i % 3 === 0) await queue.commit(post(ANNA, 'c1', id));
      }),
    );
    const { messages } = await one.store.messages('c1', { after: 0, limit: 500 });
    assert.deepEqual(messages.map(({ value }) => value.id).toSorted(), ids.toSorted());
    assert.deepEqual(
      messages.map(({ value }) => value.seq),
      ids.map((_, i) => i + 1),
    );
    const all = (await two.store.recordsSince(0, 1000)).records;
    assert.deepEqual(
      all.map(({ position }) => position),
      all.map((_, i) => i + 1),
    );
    for (const { told, reaches } of processes) {
      await reaches(all.length);
      assert.deepEqual(
        told.map(({ position, json }) => [position, json]),
        all.map(({ position, json }) => [position, json]),
      );
    }
  });

  test('[SQ-11] a chain keeps others out, and whoever wrote before is fenced', async (t) => {
    const url = await (await servers.shared()).database(t);
    const alone = await openProcess(t, url);
    await alone.queue.commit(put(contactEntry('anna')));
    const chain = await openProcess(t, `${url},file:${tempDir(t)}`);
    await chain.queue.commit(put(contactEntry('bruno')));
    await assert.rejects(alone.queue.commit(put(contactEntry('chloe'))), { code: 'fenced' });
    assert.equal((await alone.store.entry('contact', 'bruno'))?.id, 'bruno', 'it can still be read');
  });

  test('[FB-7] [SQ-11] a database that is part of a chain is not shared, unless the others are given up', async (t) => {
    const url = await (await servers.shared()).database(t);
    const file = `file:${tempDir(t)}`;
    const chain = await openProcess(t, `${url},${file}`);
    await chain.queue.commit(put(contactEntry('anna')));
    await (chain.store as unknown as { probe(): Promise<void> }).probe();
    await chain.store.close();

    const alone = await openProcess(t, url);
    assert.equal(alone.store.shared, undefined);
    assert.equal(alone.store.health().complete, false);
    await assert.rejects(alone.queue.commit(put(contactEntry('bruno'))), { code: 'unavailable' });
    await alone.store.close();

    const given = await openProcess(t, url, { leaveBehind: parseStoreUrls(file) });
    await given.queue.commit(put(contactEntry('bruno')));
    await given.store.close();
    const after = await openProcess(t, url);
    assert.notEqual(after.store.shared, undefined);
    await after.queue.commit(put(contactEntry('chloe')));
  });

  test('[SQ-12] two servers that start at once on an empty database make one log', async (t) => {
    const url = await (await servers.shared()).database(t);
    const opened = await Promise.all(Array.from({ length: 4 }, () => openProcess(t, url)));
    const [first] = opened;
    for (const { head } of opened) assert.deepEqual(head.log, first!.head.log);
    for (const [i, { queue }] of opened.entries()) await queue.commit(put(contactEntry(`guest-${i}`)));
    assert.equal((await first!.store.entries('contact')).length, 4);
  });
};

const declareKeptPlans = (servers: Servers): void => {
  test('[SQ-17] no call reads a table that has grown since its plan was made', async (t) => {
    const url = await (await servers.shared()).database(t);
    const { store, queue } = await openProcess(t, url);
    await queue.commit(put(contactEntry('anna')));
    await queue.commit(start(ANNA, 'c1'));
    // Plans are kept from the sixth time on.
    for (let i = 0; i < 20; i += 1) await queue.commit(post(ANNA, 'c1', `few${i}`));
    for (let i = 0; i < 20; i += 1) {
      await Promise.all(Array.from({ length: 50 }, (_, m) => queue.commit(post(ANNA, 'c1', `many${i}-${m}`))));
      await store.messages('c1', { limit: 20 });
      await store.recordsSince(store.health().position - 10, 20);
      await store.conversations({ limit: 20 });
    }
    await queue.close();
    await store.close();
    // What a connection has read is counted when it ends.
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      const { rows } = await client.query(
        "SELECT relname, seq_tup_read::int AS read FROM pg_stat_user_tables WHERE relname IN ('chat_messages', 'chat_log')",
      );
      assert.equal(rows.length, 2);
      for (const { relname, read } of rows) assert.ok(read < 100, `${read} rows of ${relname} were read in a row`);
    } finally {
      await client.end();
    }
  });
};

describe('a log shared on PostgreSQL', () =>
  onPostgres((servers) => {
    declare(servers);
    declareKeptPlans(servers);
  }));
describe('a log shared on MariaDB', () => onMariadb(declare));
