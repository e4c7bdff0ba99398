import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Message, Problem, StorageReport, Stored } from '../../src/protocol/entities.ts';
import { type Answer, call } from '../support/call.ts';
import { Ledger } from '../support/ledger.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { Ballast, runOnSmallDisk, smallDisk } from '../support/small-disk.ts';
import { tempDir } from '../support/temp-dir.ts';

const CONVERSATION = 'c';
/** 4 KiB in UTF-8, hard to guess for a file system that compresses. */
const text = () => Array.from({ length: 114 }, () => randomUUID()).join('');

type Posted = { message: Message; stored: Stored };

const post = async (server: TestServer, ledger: Ledger, id: string, content: string): Promise<Answer<Posted>> => {
  ledger.sending(id, CONVERSATION, content);
  const answer = await call<Posted>(server, 'POST', `/conversations/${CONVERSATION}/messages`, { id, content });
  if (answer.status === 201 || answer.status === 200) {
    assert.equal(answer.body.stored.durable, true);
    ledger.acknowledged(id, answer.body.message.seq);
  }
  return answer;
};

/** Repeats what is honest to repeat, as a client would, until it answers as wished. The runner bounds the time. */
const until = async <T>(ask: () => Promise<T>, done: (answer: T) => boolean): Promise<T> => {
  for (;;) {
    const answer = await ask();
    if (done(answer)) return answer;
    await delay(100);
  }
};

const storage = async (server: TestServer): Promise<StorageReport> =>
  (await call<StorageReport>(server, 'GET', '/storage')).body;

const start = async (t: TestContext, dir: string, snapshotEvery: number) => {
  const dataDir = tempDir(t, dir);
  const server = await startServer(t, { dataDir, flags: [`--snapshot-every=${snapshotEvery}`] });
  const ledger = new Ledger();
  await call(server, 'POST', '/conversations', { id: CONVERSATION, userId: 'visitor' });
  const ballast = new Ballast(dir);
  t.after(() => ballast.drop());
  return { dataDir, server, ledger, ballast };
};

const dir = smallDisk();

if (dir === undefined) {
  test('a full disk', (t) => runOnSmallDisk(t, fileURLToPath(import.meta.url), tempDir(t), 12));
} else {
  test('while writing: refused honestly, nothing acknowledged is lost, and writing resumes by itself', async (t) => {
    const { server, ledger, ballast } = await start(t, dir, 0);
    for (let i = 0; i < 20; i += 1) assert.equal((await post(server, ledger, randomUUID(), text())).status, 201);

    ballast.leave(256 * 1024);
    const [refused, content] = [randomUUID(), text()];
    let answer = await post(server, ledger, randomUUID(), text());
    while (answer.status === 201) answer = await post(server, ledger, randomUUID(), text());
    const problem = answer.body as unknown as Problem;
    assert.equal(answer.status, 503);
    assert.equal(problem.code, 'storage_full');
    assert.equal(problem.retry, 'later');
    assert.ok(Number(answer.headers.get('retry-after')) > 0);
    assert.equal((await post(server, ledger, refused, content)).status, 503, 'room for one was found, and not for one');
    assert.equal((await fetch(`${server.url}/readyz`)).status, 503);
    assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
    await ledger.verify(server);

    ballast.drop();
    await until(
      () => post(server, ledger, refused, content),
      ({ status }) => status === 201,
    );
    assert.equal((await fetch(`${server.url}/readyz`)).status, 200);
    await server.kill9();
    await server.restart();
    await ledger.verify(server);
  });

  test('while taking a snapshot: chat goes on, the old files stay as they were, a later one succeeds', async (t) => {
    const { dataDir, server, ledger, ballast } = await start(t, dir, 1);
    for (let i = 0; i < 200; i += 1) await post(server, ledger, randomUUID(), text());
    const files = ['conversations.json', 'messages.json', 'manifest.json'].map((name) => join(dataDir, name));
    const { position } = (await post(server, ledger, randomUUID(), 'the last one before')).body.stored;
    assert.ok(position);
    const first = await until(
      () => storage(server),
      ({ lastSnapshot }) => (lastSnapshot?.position ?? 0) >= position,
    );
    await ballast.settled();
    const before = files.map((path) => readFileSync(path));

    // Room for messages, and none for another copy of them all.
    ballast.leave(384 * 1024);
    assert.equal((await post(server, ledger, randomUUID(), 'while the disk is full')).status, 201);
    const full = await until(
      () => storage(server),
      ({ tiers }) => tiers[0]?.lastError !== null,
    );
    assert.deepEqual(full.lastSnapshot, first.lastSnapshot);
    assert.deepEqual(
      files.map((path) => readFileSync(path)),
      before,
    );
    assert.equal((await post(server, ledger, randomUUID(), 'still')).status, 201);

    ballast.drop();
    await until(
      () => storage(server),
      ({ lastSnapshot }) => (lastSnapshot?.position ?? 0) > (first.lastSnapshot?.position ?? 0),
    );
    // The copy for people to read comes a moment after the snapshot.
    await until(
      async () => readFileSync(join(dataDir, 'messages.json'), 'utf8'),
      (text) => text.includes('while the disk is full'),
    );
    await server.kill9();
    await server.restart();
    await ledger.verify(server);
  });

  test('at start: the server waits, answers 503, and opens by itself when there is room', async (t) => {
    const { server, ledger, ballast } = await start(t, dir, 0);
    await post(server, ledger, randomUUID(), text());
    await server.kill9();
    ballast.leave(0);
    await server.restart();
    const answer = await post(server, ledger, randomUUID(), text());
    assert.equal(answer.status, 503);
    ballast.drop();
    await until(
      () => post(server, ledger, randomUUID(), text()),
      ({ status }) => status === 201,
    );
    await ledger.verify(server);
  });
}
