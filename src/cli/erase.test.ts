import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { call } from '../../test/support/call.ts';
import { runCli } from '../../test/support/run-cli.ts';
import { startServer, type TestServer } from '../../test/support/server.ts';
import { type Scope, tempDir } from '../../test/support/temp-dir.ts';
import { until } from '../../test/support/until.ts';

const SECRETS = ['Adelheid', 'my-subject-word', 'my-message-word', 'my-note-word', 'my-file-word'];

const holders = (dir: string): string[] =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => SECRETS.some((word) => readFileSync(path).includes(word)));

/** A server with one who will be erased and one who stays. */
const begun = async (t: Scope, store?: string): Promise<{ server: TestServer; id: string }> => {
  const server = await startServer(t, { ...(store !== undefined && { store }) });
  const ask = async (path: string, body: unknown, token?: string) => {
    // biome-ignore lint/suspicious/noExplicitAny: each answer is looked at once
    const answer = await call<any>(server, 'POST', path, body, token);
    assert.ok(answer.status < 300, JSON.stringify(answer));
    return answer.body;
  };
  const { visitor, token } = await ask('/visitors', { name: 'Adelheid' });
  await ask('/conversations', { id: 'c', subject: 'my-subject-word', message: { content: 'my-message-word' } }, token);
  await ask('/conversations/c/messages', { content: 'my-note-word', kind: 'note' });
  const upload = await fetch(`${server.url}/api/v1/conversations/c/attachments`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' },
    body: 'my-file-word',
  });
  const { attachment } = (await upload.json()) as { attachment: object };
  await ask('/conversations/c/messages', { content: '', attachments: [{ ...attachment, name: 'a.txt' }] }, token);
  // What was uploaded a moment ago is kept a while, for a message that may be on its way.
  const blobs = join(server.dataDir, 'blobs');
  for (const path of existsSync(blobs) ? holders(blobs) : []) utimesSync(path, 0, 0);
  await ask('/conversations', { id: 'other', userId: 'somebody', message: { content: 'stays' } });
  return { server, id: visitor.id };
};

/** What an agent is told of everything. */
const told = async (server: TestServer): Promise<string> => {
  const answers = [];
  for (const path of ['/changes?after=0&limit=500', '/conversations/c/messages', '/conversations/other/messages']) {
    answers.push(JSON.stringify((await call(server, 'GET', path)).body));
  }
  return answers.join('\n');
};

const assertErased = async (server: TestServer): Promise<void> => {
  const text = await told(server);
  for (const word of SECRETS) assert.ok(!text.includes(word), `${word} in ${text}`);
  assert.match(text, /"content":"stays"/);
  assert.match(text, /"seq":3,[^}]*"redacted":true/, 'the places stay');
};

test('[AC-16] [AC-31] erase goes through the server that holds the store; with --purge no backup holds it either', async (t) => {
  const { server, id } = await begun(t);
  const store = `file:${server.dataDir}`;
  const shelf = join(server.dataDir, 'backup');
  for (const day of ['2025-01-01', '2025-01-02']) {
    assert.equal((await runCli(['backup', '--store', store, '--to', join(shelf, day)])).code, 0);
  }
  const before = JSON.parse(readFileSync(join(shelf, '2025-01-01', 'manifest.json'), 'utf8'));
  const args = ['erase', id, '--store', store];
  const would = await runCli([...args, '--dry-run', '--purge']);
  assert.equal(would.code, 0, would.stderr);
  assert.match(
    would.stdout,
    /^It would be 1 conversation with 3 messages that hold something\. Nothing was changed\.\n/,
  );
  assert.match(would.stdout, /2 backups still hold it/);
  assert.match(await told(server), /my-message-word/);

  const erased = await runCli(args);
  assert.match(erased.stdout, /^Erased, with 3 messages in 1 conversation\./);
  assert.match(erased.stdout, /2 backups still hold it.*\n {2}2025-01-01, until about 20\d\d-\d\d-\d\d\n/);
  await assertErased(server);
  // Made afterwards: what it shows is clean, the journal behind it is not.
  assert.equal((await runCli(['backup', '--store', store, '--to', join(shelf, '2025-01-03')])).code, 0);
  assert.ok(holders(join(shelf, '2025-01-03')).length > 0);

  const purged = await runCli([...args, '--purge']);
  assert.equal(purged.code, 0, purged.stderr);
  assert.match(
    purged.stdout,
    /3 backups hold it and are written again without it:\n {2}2025-01-01: written again as .*2025-01-01\.1/,
  );
  await until(() => holders(server.dataDir).length === 0);
  const left = readdirSync(shelf).filter((name) => /^\d/.test(name));
  assert.deepEqual(left, ['2025-01-01.1', '2025-01-02.1', '2025-01-03.1']);
  const after = JSON.parse(readFileSync(join(shelf, '2025-01-01.1', 'manifest.json'), 'utf8'));
  assert.deepEqual([after.position, after.takenAt, after.log], [before.position, before.takenAt, before.log]);
  const again = await runCli([...args, '--purge']);
  assert.doesNotMatch(again.stdout, /written again|still hold/);

  const fresh = join(tempDir(t), 'fresh');
  assert.equal((await runCli(['restore', '--from', join(shelf, '2025-01-02.1'), '--to', `file:${fresh}`])).code, 0);
  await assertErased(await startServer(t, { dataDir: fresh }));
  const unknown = await runCli(['erase', 'nobody', '--store', store]);
  assert.deepEqual([unknown.code, unknown.stdout], [1, '']);
  assert.equal((await runCli(['erase', '--store', store])).code, 2);
});

test('[AC-31] a backup of before that is restored into a fresh place holds nothing of who was erased since', async (t) => {
  const { server, id } = await begun(t);
  const backup = join(server.dataDir, 'backup', '2025-01-01');
  assert.equal((await runCli(['backup', '--store', `file:${server.dataDir}`, '--to', backup])).code, 0);
  await server.stop();
  const erased = await runCli(['erase', id, '--store', `file:${server.dataDir}`]);
  assert.equal(erased.code, 0, erased.stderr);
  const list = join(server.dataDir, 'backup', 'erasures.json');
  assert.equal(statSync(list).mode & 0o777, 0o600);
  for (const kind of ['file', 'sqlite'] as const) {
    const home = tempDir(t);
    const to = kind === 'file' ? `file:${join(home, 'data')}` : `sqlite:${join(home, 'chat.db')}`;
    const restored = await runCli(['restore', '--from', backup, '--to', to]);
    assert.equal(restored.code, 0, restored.stderr);
    assert.match(restored.stdout, /\nErased in it too: 1 visitor whose erasure this past knew nothing of\.\n$/);
    // Run again, as after a crash: it is the same.
    assert.equal((await runCli(['restore', '--from', backup, '--to', to])).code, 0);
    assert.deepEqual(holders(home), [], 'nothing of it was ever written there');
    const dataDir = kind === 'file' ? join(home, 'data') : home;
    assert.ok(existsSync(join(dataDir, 'erasures.json')), 'and what is restored from there will know');
    await assertErased(await startServer(t, { dataDir, ...(kind === 'sqlite' && { store: to }) }));
  }
});

test('[AC-31] a store that is only a database says by itself who was erased, when it is replaced', async (t) => {
  const home = tempDir(t);
  const store = `sqlite:${join(home, 'chat.db')}`;
  const { server, id } = await begun(t, store);
  const backup = join(tempDir(t), 'a', 'b', '2025-01-01');
  assert.equal((await runCli(['backup', '--store', store, '--to', backup])).code, 0);
  const erased = await runCli(['erase', id, '--store', store]);
  assert.equal(erased.code, 0, erased.stderr);
  await assertErased(server);
  await server.stop();
  // As where a store has no directory on this machine.
  rmSync(join(home, 'erasures.json'));
  const fresh = tempDir(t);
  const to = `sqlite:${join(fresh, 'chat.db')}`;
  const restored = await runCli(['restore', '--from', backup, '--to', to, '--current', store]);
  assert.equal(restored.code, 0, restored.stderr);
  await assertErased(await startServer(t, { dataDir: fresh, store: to }));
});
