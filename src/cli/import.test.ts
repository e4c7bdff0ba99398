import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readAll } from '../../test/support/ledger.ts';
import { runCli } from '../../test/support/run-cli.ts';
import { startServer } from '../../test/support/server.ts';
import { tempDir } from '../../test/support/temp-dir.ts';

const CONVERSATIONS = {
  c1: { id: 'c1', userId: 'u1', agentId: 'a1', subject: 'Tea', createdAt: '2025-01-06T08:00:00' },
};
const MESSAGES = {
  c1: [
    { id: 'm1', senderId: 'u1', senderType: 'USER', content: 'hello', createdAt: '2025-01-06T08:00:01' },
    { id: 'm2', senderId: 'a1', senderType: 'AGENT', content: 'good day', createdAt: '2025-01-06T08:00:02' },
  ],
};

test('takes over another program’s files once; a second run adds nothing; times are those of the zone', async (t) => {
  const [from, dataDir] = [tempDir(t), tempDir(t)];
  writeFileSync(join(from, 'conversations.json'), JSON.stringify(CONVERSATIONS));
  writeFileSync(join(from, 'messages.json'), JSON.stringify(MESSAGES));
  const args = ['import', '--from', from, '--store', `file:${dataDir}`, '--timezone', 'Europe/Paris'];

  const first = await runCli(args);
  // A contact, an agent, a conversation, two messages.
  assert.deepEqual(first, { code: 0, stdout: 'Read 1 conversation and 2 messages. Added 5 entries.\n', stderr: '' });
  const second = await runCli(args);
  assert.equal(second.stdout, 'Read 1 conversation and 2 messages. There already: 5 entries.\n');

  const messages = await readAll(await startServer(t, { dataDir }), 'c1');
  assert.deepEqual(
    messages.map(({ seq, id, content, createdAt }) => [seq, id, content, createdAt]),
    [
      [1, 'm1', 'hello', '2025-01-06T07:00:01.000Z'],
      [2, 'm2', 'good day', '2025-01-06T07:00:02.000Z'],
    ],
  );
});

test('names what could not be read, and takes the rest', async (t) => {
  const from = tempDir(t);
  writeFileSync(join(from, 'messages.json'), JSON.stringify(MESSAGES).slice(0, -30));
  const result = await runCli(['import', '--from', from, '--store', `file:${tempDir(t)}`]);
  assert.equal(result.code, 0);
  assert.match(result.stdout, /^Read 1 conversation and 1 message\./);
  assert.match(result.stderr, /could be read.*:\n {2}.*messages\.json, byte \d+: /);
});

test('refuses a folder without such files, and a store that would forget', async (t) => {
  const empty = await runCli(['import', '--from', tempDir(t), '--store', `file:${tempDir(t)}`]);
  assert.equal(empty.code, 2);
  assert.match(empty.stderr, /^There is no conversations\.json and no messages\.json in /);
  const forgotten = await runCli(['import', '--from', tempDir(t), '--store', 'memory:']);
  assert.equal(forgotten.stderr, 'memory: keeps nothing when this command ends. Name another store with --store.\n');
});
