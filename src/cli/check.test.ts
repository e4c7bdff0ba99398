import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { call } from '../../test/support/call.ts';
import { runCli } from '../../test/support/run-cli.ts';
import { startServer } from '../../test/support/server.ts';
import { tempDir } from '../../test/support/temp-dir.ts';

test('reads a live directory, then one that is closed, and finds them sound', async (t) => {
  const server = await startServer(t);
  const store = `file:${server.dataDir}`;
  await call(server, 'POST', '/conversations', { id: 'c', userId: 'u', message: { content: 'hello' } });
  const live = await runCli(['check', '--store', store]);
  assert.equal(live.code, 0, live.stdout);
  assert.match(live.stdout, /1 conversation, 1 message, /);
  assert.match(live.stdout, /is sound\.\n$/);

  await server.stop();
  const before = readdirSync(server.dataDir);
  const { code, stdout } = await runCli(['check', '--store', store, '--json']);
  const report = JSON.parse(stdout) as { ok: boolean; store: string; counts: { messages: number; snapshots: number } };
  assert.equal(code, 0);
  assert.deepEqual([report.ok, report.store, report.counts.messages], [true, store, 1]);
  assert.ok(report.counts.snapshots > 0);
  assert.deepEqual(readdirSync(server.dataDir), before);
});

test('a flipped byte is found and named: exit 1', async (t) => {
  const server = await startServer(t);
  await call(server, 'POST', '/conversations', { id: 'c', userId: 'u', message: { content: 'hello' } });
  await server.stop();
  const path = join(server.dataDir, 'messages.json');
  writeFileSync(path, readFileSync(path, 'utf8').replace('hello', 'hellO'));
  const { code, stdout } = await runCli(['check', '--store', `file:${server.dataDir}`]);
  assert.equal(code, 1);
  assert.match(stdout, /^(warning|ERROR): .*messages\.json/m);
  assert.match(stdout, /Something is wrong/);
});

test('a folder without a store is no sound store', async (t) => {
  const { code, stdout } = await runCli(['check', '--store', `file:${tempDir(t)}`]);
  assert.equal(code, 1);
  assert.match(stdout, /There is no store in /);
});
