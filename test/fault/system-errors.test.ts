import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Message, StorageReport, Stored } from '../../src/protocol/entities.ts';
import { call } from '../support/call.ts';
import { followMessages, TRACED_CALLS } from '../support/follow-messages.ts';
import { Ledger } from '../support/ledger.ts';
import { needs } from '../support/needs.ts';
import { findProgram } from '../support/programs.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { tempDir } from '../support/temp-dir.ts';
import { readTrace, startTracer } from '../support/trace.ts';
import { runWriters } from '../support/writers.ts';

const MESSAGES = 300;
const CONVERSATIONS = ['a', 'b'];
const SECRETS = { SESSION_SECRET: 'x'.repeat(40), IDENTITY_SECRET: 'y'.repeat(40) };

const until = async <T>(ask: () => Promise<T>, done: (answer: T) => boolean): Promise<T> => {
  for (;;) {
    const answer = await ask();
    if (done(answer)) return answer;
    await delay(100);
  }
};

const begin = async (server: TestServer): Promise<void> => {
  for (const id of CONVERSATIONS) {
    await until(
      () => call(server, 'POST', '/conversations', { id, userId: 'visitor' }),
      ({ status }) => status < 300,
    );
  }
};

const post = (server: TestServer, id: string) =>
  call<{ message: Message; stored: Stored }>(server, 'POST', '/conversations/a/messages', { id, content: id });

/** Calls the kernel is told to fail, every so often and in each thread for itself. */
const INJECTED = [
  ['EIO on a sync of the journal', 'fdatasync:error=EIO:when=15+15'],
  ['ENOSPC on a sync of the journal', 'fdatasync:error=ENOSPC:when=15+15'],
  ['EIO on a write', 'pwrite64:error=EIO:when=15+15'],
  ['EIO on a sync of a directory', 'fsync:error=EIO:when=3+3'],
  ['EIO on a rename', 'rename,renameat,renameat2:error=EIO:when=2+2'],
] as const;

for (const [what, injection] of INJECTED) {
  test(`${what}: no file is touched again whose sync failed, and nothing is acknowledged that is not synced`, async (t) => {
    const [calls = ''] = injection.split(':');
    const tracer = startTracer(t, [TRACED_CALLS, calls].join(','), injection);
    if (!tracer) return;
    const flags = ['--snapshot-every=1'];
    const server = await startServer(t, {
      wrapper: tracer.wrapper,
      flags,
      // It is the store that is looked at, and its calls are counted in one thread.
      env: { ...SECRETS, UV_THREADPOOL_SIZE: '1' },
    });
    await begin(server);
    const ledger = new Ledger();
    const writing = runWriters(server, ledger, 8, CONVERSATIONS);
    await ledger.reaches(MESSAGES);
    // A quick machine has written them before the first snapshot.
    await until(
      async () => tracer.sofar(),
      (text) => text.includes('(INJECTED)'),
    );
    await server.kill9();
    await writing;
    const text = await tracer.whole(server.pid);
    const injected = text.split('(INJECTED)').length - 1;
    assert.ok(injected > 0, 'the kernel failed nothing');
    const { sent } = followMessages(readTrace(text), ledger.acknowledgedIds);
    assert.ok(sent.size >= MESSAGES, `the trace shows ${sent.size} messages`);
    const again = await startServer(t, { dataDir: server.dataDir, env: SECRETS });
    await ledger.verify(again);
    t.diagnostic(`${injected} calls failed under ${sent.size} messages`);
  });
}

/** Bytes of all files below a directory, by path. */
const contents = (directory: string): Map<string, string> =>
  new Map(
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path, readFileSync(path, 'latin1')]),
  );

const storage = async (server: TestServer): Promise<StorageReport> =>
  (await call<StorageReport>(server, 'GET', '/storage')).body;

const writesTo = async (t: TestContext) => {
  const dataDir = join(tempDir(t), 'data');
  mkdirSync(dataDir);
  const server = await startServer(t, { dataDir, behind: ['memory:'], flags: ['--snapshot-every=1'] });
  await begin(server);
  assert.equal((await post(server, 'm1')).body.stored.durable, true);
  return { dataDir, server };
};

test('[FS-14] a data directory that is deleted under the server: nothing is called stored any more', async (t) => {
  const { dataDir, server } = await writesTo(t);
  rmSync(dataDir, { recursive: true });
  const { status, body } = await post(server, 'm2');
  assert.deepEqual([status, body.stored.durable, body.stored.tier], [201, false, 'memory']);
  assert.ok(server.logs.some(({ msg }) => /was removed, moved or replaced while it was in use/.test(msg)));
  assert.equal((await storage(server)).degraded, true);
  const { messages } = (await call<{ messages: Message[] }>(server, 'GET', '/conversations/a/messages')).body;
  assert.deepEqual(
    messages.map(({ id, durable }) => [id, durable]),
    [
      ['m1', true],
      ['m2', false],
    ],
  );
});

test('[FS-14] another directory in its place is not touched, and the old one is taken up again when it is back', async (t) => {
  const { dataDir, server } = await writesTo(t);
  const other = await startServer(t, { dataDir: tempDir(t), flags: ['--snapshot-every=0'] });
  await begin(other);
  await other.stop();
  renameSync(dataDir, `${dataDir}.moved`);
  cpSync(other.dataDir, dataDir, { recursive: true });
  const before = contents(dataDir);
  assert.equal((await post(server, 'm2')).body.stored.durable, false);
  // Longer than a snapshot and a probe of the disk take to come round.
  await delay(2500);
  assert.deepEqual(contents(dataDir), before);
  rmSync(dataDir, { recursive: true });
  renameSync(`${dataDir}.moved`, dataDir);
  await until(
    () => post(server, 'm2'),
    ({ body }) => body.stored.durable,
  );
  await server.kill9();
  await server.restart();
  const { messages } = (await call<{ messages: Message[] }>(server, 'GET', '/conversations/a/messages')).body;
  assert.deepEqual(
    messages.map(({ id }) => id),
    ['m1', 'm2'],
  );
});

test('[FS-2] containers that share a volume: the second server is refused, however alike their process ids are', async (t) => {
  const unshare = needs(t, findProgram('unshare'), 'unshare is missing: apt-get install util-linux');
  if (!unshare || process.platform !== 'linux') return;
  const root = process.getuid?.() === 0 ? [] : ['-Ur'];
  const wrapper = [unshare, ...root, '--pid', '--fork', '--kill-child', '--mount-proc'];
  const first = await startServer(t, { wrapper });
  await begin(first);
  const second = startServer(t, { wrapper, dataDir: first.dataDir });
  await assert.rejects(second, /no ready line \(1\): .*Another process holds the directory/s);
  assert.equal((await post(first, 'm1')).body.stored.durable, true);
});

test('a server without a free descriptor keeps what it acknowledged, and takes the next when it has one again', async (t) => {
  const shell = needs(t, findProgram('prlimit'), 'prlimit is missing: apt-get install util-linux');
  if (!shell || process.platform !== 'linux') return;
  const server = await startServer(t, { wrapper: [shell, '--nofile=64', '--'], flags: ['--snapshot-every=1'] });
  await begin(server);
  const ledger = new Ledger();
  const crowd = runWriters(server, ledger, 100, CONVERSATIONS);
  await ledger.reaches(MESSAGES);
  await server.kill9();
  await crowd;
  await server.restart();
  await ledger.verify(server);
  assert.equal((await post(server, 'after')).body.stored.durable, true);
});
