import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { call } from '../../test/support/call.ts';
import { runCli } from '../../test/support/run-cli.ts';
import { startServer, type TestServer } from '../../test/support/server.ts';
import { type Scope, tempDir } from '../../test/support/temp-dir.ts';

const contentsOf = async (server: TestServer): Promise<string[]> => {
  const { body } = await call<{ messages: { content: string }[] }>(server, 'GET', '/conversations/c/messages');
  return body.messages.map(({ content }) => content);
};

const say = (server: TestServer, content: string) => call(server, 'POST', '/conversations/c/messages', { content });

const begun = async (t: Scope): Promise<TestServer> => {
  const server = await startServer(t);
  await call(server, 'POST', '/conversations', { id: 'c', userId: 'u', subject: 'Tea' });
  await say(server, 'one');
  return server;
};

test('[BK-11] a backup of a running server comes back, as another past of its log', async (t) => {
  const server = await begun(t);
  const agent = { email: 'ada@example.org', password: 'correct horse' };
  await call(server, 'POST', '/agents', { ...agent, name: 'Ada' });
  const session = await call<{ token: string }>(server, 'POST', '/sessions', agent, '');
  const dir = join(tempDir(t), 'backup');
  const made = await runCli(['backup', '--store', `file:${server.dataDir}`, '--to', dir]);
  assert.deepEqual([made.code, made.stderr], [0, '']);
  assert.match(made.stdout, /^Wrote .*backup and read it back: 1 conversation, 1 message, position \d+\.\n$/);
  assert.deepEqual(readdirSync(dir), [
    'conversations.json',
    'directory.json',
    'journal',
    'manifest.json',
    'messages.json',
  ]);
  await say(server, 'two');
  const changes = await call<{ cursor: string; log: string }>(server, 'GET', '/changes');

  const seen = await runCli(['restore', '--from', dir, '--dry-run']);
  assert.match(
    seen.stdout,
    /^What would come back: position \d+ of .*, 1 conversation, 1 message\. Nothing was changed\.\n/,
  );
  assert.match(seen.stdout, / c {2}1 message {2}Tea\n$/);

  const dataDir = join(tempDir(t), 'data');
  const args = ['restore', '--from', dir, '--to', `file:${dataDir}`];
  assert.equal((await runCli([...args, '--dry-run'])).code, 0);
  assert.ok(!existsSync(dataDir));
  const back = await runCli(args);
  assert.deepEqual([back.code, back.stderr], [0, '']);
  assert.match(back.stdout, /^Restored and compared: 1 conversation, 1 message, /);
  // Cut off and run again, it goes on; done, there is nothing left to do.
  assert.equal((await runCli(args)).code, 0);

  const restored = await startServer(t, { dataDir });
  assert.deepEqual(await contentsOf(restored), ['one']);
  const resync = await call(restored, 'GET', `/changes?after=${encodeURIComponent(changes.body.cursor)}`);
  assert.equal(resync.status, 410);
  assert.notEqual((await call<{ log: string }>(restored, 'GET', '/changes')).body.log, changes.body.log);
  assert.equal((await call(restored, 'GET', '/me', undefined, session.body.token)).status, 401);
  assert.equal((await call(restored, 'POST', '/sessions', agent, '')).status, 201);
  await say(restored, 'new');
  assert.deepEqual(await contentsOf(restored), ['one', 'new']);
  await restored.stop();

  const over = await runCli(args);
  assert.equal(over.code, 1);
  assert.match(over.stderr, /is not the beginning of this log/);
});

test('[BK-11] a moment of a data directory comes back by time or position, and what cannot be had is said', async (t) => {
  const server = await begun(t);
  const { body } = await call<{ stored: { position: number } }>(server, 'POST', '/conversations/c/messages', {
    content: 'two',
  });
  const when = new Date().toISOString();
  await new Promise((resolve) => setTimeout(resolve, 5));
  await say(server, 'three');
  await server.stop();
  const from = ['restore', '--from', server.dataDir];
  for (const at of [String(body.stored.position), when]) {
    const dataDir = join(tempDir(t), 'data');
    const done = await runCli([...from, '--to', `file:${dataDir}`, '--at', at]);
    assert.equal(done.code, 0, done.stderr);
    const restored = await startServer(t, { dataDir });
    assert.deepEqual(await contentsOf(restored), ['one', 'two'], at);
    await restored.stop();
  }
  const beyond = await runCli([...from, '--dry-run', '--at', '9999']);
  assert.equal(beyond.code, 1);
  assert.match(beyond.stderr, /^The log as it was at 9999 cannot be had: kept are positions 0 to \d+ \(/);
  const wrong = await runCli([...from, '--dry-run', '--at', 'yesterday'], { env: { LANG: 'fr_FR' } });
  assert.deepEqual([wrong.code, wrong.stderr.includes('« yesterday »')], [2, true]);
  const nothing = await runCli(['restore', '--from', tempDir(t), '--dry-run', '--at', '1']);
  assert.match(nothing.stderr, /is neither a backup nor a data directory/);
});

test('[BK-5] a store of another kind is backed up in the same form, and comes back into any', async (t) => {
  const dir = tempDir(t);
  const server = await begun(t);
  await server.stop();
  const sqlite = `sqlite:${join(dir, 'chat.db')}`;
  assert.equal((await runCli(['copy', '--from', `file:${server.dataDir}`, '--to', sqlite])).code, 0);
  const made = await runCli(['backup', '--store', sqlite, '--to', join(dir, 'b'), '--json']);
  assert.equal(made.code, 0, made.stderr);
  assert.deepEqual(
    readdirSync(dir).filter((name) => name.startsWith('b')),
    ['b'],
  );
  const { counts } = JSON.parse(made.stdout) as { counts: { messages: number } };
  assert.equal(counts.messages, 1);
  const back = await runCli(['restore', '--from', join(dir, 'b'), '--to', `sqlite:${join(dir, 'back.db')}`]);
  assert.match(back.stdout, /^Restored and compared: 1 conversation, 1 message, /);
});
