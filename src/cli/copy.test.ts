import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { call } from '../../test/support/call.ts';
import { Ledger } from '../../test/support/ledger.ts';
import { runCli } from '../../test/support/run-cli.ts';
import { root, startServer } from '../../test/support/server.ts';
import { type Scope, tempDir } from '../../test/support/temp-dir.ts';
import { runWriters } from '../../test/support/writers.ts';
import { parseSingleStoreUrl } from '../config/store-url.ts';
import { digestLog, wholeDigest } from '../domain/digest.ts';
import { openForReading } from '../stores/open-store.ts';

/** Imports some conversations into a new store and answers its URL. */
const filled = async (t: Scope, conversations: number, messages: number): Promise<string> => {
  const from = tempDir(t);
  const all = Array.from({ length: conversations }, (_, c) => [
    `c${c}`,
    Array.from({ length: messages }, (_, m) => ({
      id: `c${c}m${m}`,
      senderId: `u${c}`,
      senderType: 'USER',
      content: 'x'.repeat(m % 90),
    })),
  ]);
  writeFileSync(join(from, 'messages.json'), JSON.stringify(Object.fromEntries(all)));
  const store = `file:${join(tempDir(t), 'data')}`;
  assert.equal((await runCli(['import', '--from', from, '--store', store])).code, 0);
  return store;
};

const digestOf = async (store: string): Promise<string> => {
  const source = await openForReading(parseSingleStoreUrl(store, '--store'));
  try {
    return wholeDigest(await digestLog(source));
  } finally {
    await source.close();
  }
};

test('[BK-3] a copy holds the same, is compared, and a second run finds nothing to do', async (t) => {
  const from = await filled(t, 20, 30);
  const to = `file:${join(tempDir(t), 'copy')}`;
  const first = await runCli(['copy', '--from', from, '--to', to]);
  assert.equal(first.stderr, '');
  assert.match(first.stdout, /^Copied 640 changes and compared everything: 20 conversations, 600 messages, /);
  assert.equal(first.code, 0);
  assert.equal(await digestOf(to), await digestOf(from));
  const second = await runCli(['copy', '--from', from, '--to', to]);
  assert.match(second.stdout, /^Copied 0 changes /);
});

test('[BK-3] killed at any moment, a copy goes on where it stood', { timeout: 120_000 }, async (t) => {
  const from = await filled(t, 40, 150);
  const to = join(tempDir(t), 'copy');
  const args = [join(root, 'src/main.ts'), 'copy', '--from', from, '--to', `file:${to}`];
  for (const after of [1, 3]) {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    const gone = once(child, 'exit');
    const journal = () => {
      try {
        const dir = join(to, 'journal');
        return readdirSync(dir).reduce((sum, name) => sum + statSync(join(dir, name)).size, 0);
      } catch {
        return 0;
      }
    };
    while (child.exitCode === null && child.signalCode === null && journal() < after * 300_000) {
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
    child.kill('SIGKILL');
    await gone;
  }
  const last = await runCli(['copy', '--from', from, '--to', `file:${to}`]);
  assert.equal(last.code, 0, last.stderr);
  assert.match(last.stdout, /40 conversations, 6,000 messages, .* position 6080\. Both hold the same\.\n$/);
  assert.doesNotMatch(last.stdout, /^Copied 6,080 /);
  assert.equal(await digestOf(`file:${to}`), await digestOf(from));
});

test('[BK-3] a store that goes on is copied beside the chat, and the rest is brought over later', async (t) => {
  const server = await startServer(t, { flags: ['--snapshot-every', '1'] });
  const ledger = new Ledger();
  for (const id of ['a', 'b', 'c']) await call(server, 'POST', '/conversations', { id, userId: `u-${id}` });
  const writing = runWriters(server, ledger, 4, ['a', 'b', 'c']);
  await ledger.reaches(300);
  const [from, to] = [`file:${server.dataDir}`, `file:${join(tempDir(t), 'copy')}`];
  const live = await runCli(['copy', '--from', from, '--to', to]);
  assert.equal(live.code, 0, live.stderr);
  assert.match(live.stdout, /The keys are not copied: put .*secrets\.json into /);
  await ledger.reaches(600);
  await server.stop();
  await writing;
  const rest = await runCli(['copy', '--from', from, '--to', to]);
  assert.equal(rest.code, 0, rest.stderr);
  assert.equal(await digestOf(to), await digestOf(from));
});

test('[BK-3] nothing is copied over what is something else', async (t) => {
  const [from, other] = [await filled(t, 1, 3), await filled(t, 1, 2)];
  const before = await digestOf(other);
  const refused = await runCli(['copy', '--from', from, '--to', other]);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /keeps another log/);
  assert.equal(await digestOf(other), before);

  const plain = tempDir(t);
  writeFileSync(join(plain, 'messages.json'), '{}');
  const files = await runCli(['copy', '--from', from, '--to', `file:${plain}`], { env: { LANG: 'fr_FR.UTF-8' } });
  assert.match(files.stderr, /contient les fichiers d’un autre programme/);
  assert.deepEqual(readdirSync(plain), ['messages.json']);

  // The same log, further on: what it has more would be lost.
  const copy = `file:${join(tempDir(t), 'copy')}`;
  assert.equal((await runCli(['copy', '--from', from, '--to', copy])).code, 0);
  const more = ['agent', 'add', '--email=a@b.c', '--name=A', `--store=${copy}`];
  assert.equal((await runCli(more, { input: 'correct horse' })).code, 0);
  const back = await runCli(['copy', '--from', from, '--to', copy]);
  assert.match(back.stderr, /is not the beginning of this log/);
  assert.equal(
    (await runCli(['copy', '--from', `file:${tempDir(t)}`, '--to', copy])).stderr.includes('There is no store'),
    true,
  );
});

test('[BK-4] an export holds everything but secrets, and an import of it gives the same conversations', async (t) => {
  const server = await startServer(t);
  await call(server, 'POST', '/conversations', { id: 'c', userId: 'u', subject: 'Tea', message: { content: 'héllo' } });
  await call(server, 'POST', '/conversations/c/messages', { content: 'for us only', kind: 'note' });
  await call(server, 'POST', '/agents', { email: 'a@b.c', name: 'Ada', password: 'correct horse' });
  const dir = join(tempDir(t), 'out');
  const store = `file:${server.dataDir}`;
  const done = await runCli(['export', '--store', store, '--to', dir]);
  assert.deepEqual(done, { code: 0, stderr: '', stdout: `Wrote 1 conversation and 2 messages to ${dir}.\n` });
  const read = (name: string) => JSON.parse(readFileSync(join(dir, name), 'utf8'));
  const { c } = read('conversations.json');
  assert.deepEqual([c.subject, c.userId, c.lastSeq, c.status], ['Tea', 'u', 2, 'ACTIVE']);
  assert.deepEqual(
    read('messages.json').c.map((message: { content: string }) => message.content),
    ['héllo', 'for us only'],
  );
  const people = read('directory.json');
  for (const kind of ['agent', 'contact', 'settings']) assert.ok(kind in people, kind);
  for (const kind of ['credential', 'session', 'apiKey', 'chain']) assert.ok(!(kind in people), kind);
  assert.doesNotMatch(readFileSync(join(dir, 'directory.json'), 'utf8'), /argon2|passwordHash/);

  const again = await runCli(['export', '--store', store, '--to', dir]);
  assert.deepEqual(
    [again.code, again.stderr],
    [1, `${dir} is not empty. Name a directory that is empty or not there yet.\n`],
  );

  const copy = tempDir(t);
  assert.equal((await runCli(['import', '--from', dir, '--store', `file:${copy}`])).code, 0);
  const { messages } = await openForReading({ kind: 'file', name: 'copy', path: copy }).then(async (source) => {
    const page = await source.messages('c', { limit: 10 });
    await source.close();
    return page;
  });
  assert.deepEqual(
    messages.map(({ value }) => [value.kind, value.content]),
    [
      ['message', 'héllo'],
      ['note', 'for us only'],
    ],
  );
});
