import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { call } from '../../test/support/call.ts';
import { runCli } from '../../test/support/run-cli.ts';
import { type ServerOptions, startServer, type TestServer } from '../../test/support/server.ts';
import { type Scope, tempDir } from '../../test/support/temp-dir.ts';
import { LOST_TEXT } from '../domain/repair/salvage.ts';

const contentsOf = async (server: TestServer): Promise<string[]> => {
  const { body } = await call<{ messages: { content: string }[] }>(server, 'GET', '/conversations/c/messages');
  return body.messages.map(({ content }) => content);
};

/** A server in which a visitor has said three things. */
const begun = async (t: Scope, options: ServerOptions = {}): Promise<TestServer> => {
  const server = await startServer(t, options);
  await call(server, 'POST', '/conversations', { id: 'c', userId: 'u', subject: 'Tea' });
  for (const id of ['one', 'two', 'three'])
    await call(server, 'POST', '/conversations/c/messages', { id, content: id });
  return server;
};

const logOf = async (server: TestServer): Promise<string> =>
  (await call<{ log: string }>(server, 'GET', '/changes')).body.log;

/** The same in an SQLite file whose server was killed. */
const killed = async (t: Scope) => {
  const dataDir = tempDir(t);
  const path = join(dataDir, 'chat.db');
  const server = await begun(t, { dataDir, store: `sqlite:${path}` });
  const log = await logOf(server);
  await server.kill9();
  return { server, path, log, url: `sqlite:${path}` };
};

const change = (path: string, text: string): void => {
  const database = new DatabaseSync(path, { enableForeignKeyConstraints: false });
  database.exec(text);
  database.close();
};

/** A message that is nowhere any more. */
const lose = (path: string, id: string): void =>
  change(
    path,
    `DELETE FROM chat_log WHERE position = (SELECT position FROM chat_messages WHERE id = '${id}');
     DELETE FROM chat_messages WHERE id = '${id}'`,
  );

test('[BK-13] [BK-14] a damaged directory is repaired by command, never while a server holds it', async (t) => {
  const server = await begun(t);
  const args = ['repair', '--store', `file:${server.dataDir}`];
  const held = await runCli(args);
  assert.match(held.stderr, /^Another process holds the directory /);
  await server.kill9();
  const dir = join(server.dataDir, 'journal');
  const path = join(dir, readdirSync(dir).at(-1)!);
  writeFileSync(path, readFileSync(path, 'utf8').replace('"content":"two"', '"content":"tWo"'));
  const would = await runCli([...args, '--dry-run'], { env: { LANG: 'fr_FR.UTF-8' } });
  assert.match(would.stdout, /\n1 changement introuvable ; une phrase remplace 1 message\.\nRien n’a changé\.\n$/);
  const refused = await runCli(args);
  assert.match(refused.stderr, /^1 change can be found nowhere\..* --accept-loss/);
  const done = await runCli([...args, '--accept-loss']);
  assert.match(done.stdout, /is kept as .*before-repair\./, done.stderr);
  assert.match((await runCli(args)).stdout, /^Nothing is wrong there/);
  const elsewhere = await runCli([...args, '--to', `file:${tempDir(t)}`]);
  assert.match(elsewhere.stderr, /is repaired in its place.* Leave --to out\./);
  await server.restart();
  assert.deepEqual(await contentsOf(server), ['one', LOST_TEXT, 'three']);
});

test('[BK-21] what a damaged database still holds goes into an empty store, and the database stays as it was', async (t) => {
  const { server, path, url, log } = await killed(t);
  const args = ['repair', '--store', url];
  assert.match((await runCli([...args, '--dry-run'])).stdout, /^Nothing is wrong there/);
  lose(path, 'two');
  const bytes = readFileSync(path);
  const would = await runCli([...args, '--dry-run'], { env: { LANG: 'fr_FR.UTF-8' } });
  assert.match(would.stdout, /^1 changement introuvable ; une phrase remplace 1 message\.\nRien n’a changé\.\n$/);
  assert.match((await runCli(args)).stderr, /nothing is written into it.* Name one: --to\.\n$/);
  const place = join(tempDir(t), 'new.db');
  const to = ['--to', `sqlite:${place}`];
  assert.match((await runCli([...args, ...to])).stderr, /^1 change can be found nowhere\..* --accept-loss/);
  assert.ok(!existsSync(place));
  for (const run of ['first', 'second']) {
    const done = await runCli([...args, ...to, '--accept-loss']);
    assert.match(done.stdout, /\nWritten to sqlite:.*new\.db and compared;.*\nIt is another past of the log/, run);
  }
  assert.ok(readFileSync(path).equals(bytes));
  assert.equal((await runCli(['check', '--store', `sqlite:${place}`])).code, 0);
  const again = await startServer(t, { dataDir: server.dataDir, store: `sqlite:${place}` });
  assert.deepEqual(await contentsOf(again), ['one', LOST_TEXT, 'three']);
  const { body } = await call<{ message: { seq: number } }>(again, 'POST', '/conversations/c/messages', {
    content: 'x',
  });
  assert.equal(body.message.seq, 4);
  assert.notEqual(await logOf(again), log, 'clients start again');
});

for (const [rule, what, damage] of [
  ['BK-18', 'a message', (path: string) => lose(path, 'two')],
  ['BK-20', 'the row of its log', (path: string) => change(path, 'DELETE FROM chat_head')],
] as const) {
  test(`[${rule}] [BK-21] with a backup ${what} of a damaged database is not lost, and it is the same log`, async (t) => {
    const { path, url, log } = await killed(t);
    const backup = join(tempDir(t), '2026-01-01');
    assert.equal((await runCli(['backup', '--store', url, '--to', backup])).code, 0);
    damage(path);
    const copy = join(tempDir(t), 'data');
    const args = ['repair', '--store', `${url},file:${backup}`, '--to', `file:${copy}`, '--json'];
    const done = await runCli(args);
    assert.equal(done.code, 0, done.stderr);
    const { outcome, lost, to } = JSON.parse(done.stdout) as { outcome: string; lost: number; to: string };
    assert.deepEqual([outcome, lost, to], ['done', 0, `file:${copy}`]);
    const again = await startServer(t, { dataDir: copy });
    assert.equal(await logOf(again), log);
    assert.deepEqual(await contentsOf(again), ['one', 'two', 'three']);
  });
}

test('[BK-20] [BK-21] without the row of its log a database is another log, and only when told', async (t) => {
  const { path, url } = await killed(t);
  change(path, 'DELETE FROM chat_head');
  const copy = join(tempDir(t), 'data');
  const args = ['repair', '--store', url, '--to', `file:${copy}`];
  assert.match((await runCli(args)).stderr, /does not say any more which log it keeps.* --accept-loss/);
  assert.ok(!existsSync(copy));
  assert.equal((await runCli([...args, '--accept-loss'])).code, 0);
  const again = await startServer(t, { dataDir: copy });
  assert.deepEqual(await contentsOf(again), ['one', 'two', 'three']);
});

test('[BK-21] [AC-31] what was erased does not come back from a backup of before, though its record is lost', async (t) => {
  const dataDir = tempDir(t);
  const path = join(dataDir, 'chat.db');
  const server = await begun(t, { dataDir, store: `sqlite:${path}` });
  await server.stop();
  const url = `sqlite:${path}`;
  const backup = join(tempDir(t), '2026-01-01');
  assert.equal((await runCli(['backup', '--store', url, '--to', backup])).code, 0);
  assert.equal((await runCli(['erase', 'u', '--store', url])).code, 0);
  change(
    path,
    `DELETE FROM chat_log; UPDATE chat_head SET floor_position = position;
     DELETE FROM chat_messages WHERE id = 'two'; DELETE FROM chat_entries WHERE id = 'u'`,
  );
  const copy = join(tempDir(t), 'data');
  const args = ['repair', '--store', `${url},file:${backup}`, '--to', `file:${copy}`];
  assert.match((await runCli(args)).stderr, /^2 changes can be found nowhere\./);
  assert.equal((await runCli([...args, '--accept-loss'])).code, 0);
  // Before the next start, which would erase by the list that was carried along.
  const files = readdirSync(copy, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const { parentPath, name } of files) {
    assert.ok(!readFileSync(join(parentPath, name), 'utf8').includes('"content":"two"'), name);
  }
  const again = await startServer(t, { dataDir: copy });
  assert.deepEqual(await contentsOf(again), ['', '', '']);
});
