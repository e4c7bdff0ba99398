import assert from 'node:assert/strict';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import { parseSingleStoreUrl } from '../../src/config/store-url.ts';
import { messagesOf } from '../../src/domain/digest.ts';
import { LOST_TEXT } from '../../src/domain/repair/salvage.ts';
import { post, start } from '../../src/domain/testing/changes.ts';
import { ANNA, Writer } from '../../src/stores/contract/writer.ts';
import { createStore, openForReading } from '../../src/stores/open-store.ts';
import { SqlStore } from '../../src/stores/sql/sql-store.ts';
import { onMariadb } from '../support/databases/mariadb-server.ts';
import { onPostgres } from '../support/databases/postgres-server.ts';
import { runCli } from '../support/run-cli.ts';
import { tempDir } from '../support/temp-dir.ts';
import { undoAfter } from '../support/undo-after.ts';

const MESSAGES = 300;
const textOf = (i: number): string => `text ${i} ${'x'.repeat(150)}`;

/** A conversation of many messages in a database, without a history of single records, and the backup of it. */
const filled = async (t: TestContext, url: string): Promise<string> => {
  const store = createStore(parseSingleStoreUrl(url, '--store'));
  undoAfter(t, () => store.close());
  const writer = new Writer(store, await store.open());
  await writer.people();
  const posts = Array.from({ length: MESSAGES }, (_, i) => post(ANNA, 'c', `c${i}`, { content: textOf(i) }));
  await writer.submit(start(ANNA, 'c'), ...posts);
  assert.ok(store instanceof SqlStore);
  await store.forgetHistory(writer.clock + 1);
  await store.close();
  const backup = join(tempDir(t), '2026-01-01');
  const { code, stderr } = await runCli(['backup', '--store', url, '--to', backup]);
  assert.equal(code, 0, stderr);
  return backup;
};

/** Repairs a database that lacks some messages: with a backup to all of them, without to all but those. */
const repairs = async (t: TestContext, url: string, backup: string): Promise<number> => {
  assert.equal((await runCli(['check', '--store', url])).code, 1);
  const whole = `sqlite:${join(tempDir(t), 'whole.db')}`;
  const saved = await runCli(['repair', '--store', `${url},file:${backup}`, '--to', whole]);
  assert.match(saved.stdout, /^Everything is still there/, saved.stderr);
  const rest = `sqlite:${join(tempDir(t), 'rest.db')}`;
  assert.match((await runCli(['repair', '--store', url, '--to', rest])).stderr, /--accept-loss/);
  const given = await runCli(['repair', '--store', url, '--to', rest, '--accept-loss']);
  assert.equal(given.code, 0, given.stderr);
  const read = async (place: string): Promise<string[]> => {
    const store = await openForReading(parseSingleStoreUrl(place, '--store'));
    undoAfter(t, () => store.close());
    const texts: string[] = [];
    for await (const { value } of messagesOf(store, 'c')) texts.push(value.content);
    return texts;
  };
  const all = Array.from({ length: MESSAGES }, (_, i) => textOf(i));
  assert.deepEqual(await read(whole), all);
  const left = await read(rest);
  assert.deepEqual(
    left.map((text, i) => (text === LOST_TEXT ? all[i] : text)),
    all,
  );
  assert.equal((await runCli(['check', '--store', rest])).code, 0);
  return left.filter((text) => text === LOST_TEXT).length;
};

onPostgres((servers) => {
  test('[BK-19] a PostgreSQL with a damaged block gives back what is in the others', async (t) => {
    const server = await servers.own(t);
    const url = await server.database(t);
    const backup = await filled(t, url);
    const client = new Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query<{ place: string }>(
      `SELECT current_setting('data_directory') || '/' || pg_relation_filepath('chat_messages') AS place`,
    );
    await client.end();
    await server.stop();
    const file = await open(rows[0]!.place, 'r+');
    await file.write(Buffer.alloc(8192, 0xa5), 0, 8192, 2 * 8192);
    await file.close();
    await server.restart();
    const lost = await repairs(t, url, backup);
    t.diagnostic(`${lost} of ${MESSAGES} messages were in the block`);
    assert.ok(lost > 5 && lost < 60);
  });
});

onMariadb((servers) => {
  test('[BK-18] a MariaDB from which somebody deleted messages gives back the rest', async (t) => {
    const url = await (await servers.shared()).database(t);
    const backup = await filled(t, url);
    const connection = await createConnection({ uri: url });
    await connection.query(`DELETE FROM chat_messages WHERE id IN ('c3', 'c4', 'c299')`);
    await connection.end();
    assert.equal(await repairs(t, url, backup), 3);
  });
});
