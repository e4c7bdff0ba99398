import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { call } from '../support/call.ts';
import { Ledger } from '../support/ledger.ts';
import { runCli } from '../support/run-cli.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { tempDir } from '../support/temp-dir.ts';
import { runWriters } from '../support/writers.ts';

const ROUNDS = Number(process.env.GUICHET_KILL_ROUNDS ?? 25);
/** Each round reads everything back, so a directory may not grow without end. */
const ROUNDS_PER_DIRECTORY = 25;
const WRITERS = 64;
const CONVERSATIONS = Array.from({ length: 16 }, (_, index) => `c${index}`);
/** Longer than the time between snapshots, so that kills fall into them, before and after them. */
const LONGEST_ROUND_MS = 1_500;

const startConversations = async (server: TestServer): Promise<void> => {
  for (const id of CONVERSATIONS) {
    const { status } = await call(server, 'POST', '/conversations', { id, userId: 'visitor' });
    assert.equal(status, 201);
  }
};

/** Kills a server that is still reading its data: a recovery must survive its own crash. */
const killWhileStarting = async (server: TestServer): Promise<void> => {
  const ready = server.restart().catch(() => {});
  await delay(Math.random() * 400);
  await server.kill9();
  await ready;
};

const newestSnapshot = async (server: TestServer): Promise<number> => {
  const { body } = await call<{ lastSnapshot: { position: number } | null }>(server, 'GET', '/storage');
  return body.lastSnapshot?.position ?? 0;
};

/** Resolves behind a snapshot of this life; the test's own limit ends what never comes. */
const snapshotTaken = async (server: TestServer): Promise<void> => {
  const before = await newestSnapshot(server);
  while ((await newestSnapshot(server)) === before) await delay(20);
};

const title = `nothing acknowledged is lost or doubled by kill -9, ${ROUNDS} times under ${WRITERS} writers`;

test('[SQ-5] nor in an SQLite file, 5 times', { timeout: 5 * LONGEST_ROUND_MS * 40 }, async (t) => {
  const dataDir = tempDir(t);
  const store = `sqlite:${dataDir}/chat.db`;
  const server = await startServer(t, { store, dataDir });
  const ledger = new Ledger();
  await startConversations(server);
  for (let round = 0; round < 5; round += 1) {
    const writing = runWriters(server, ledger, WRITERS, CONVERSATIONS);
    await delay(Math.random() * LONGEST_ROUND_MS);
    await server.kill9();
    await writing;
    await server.restart();
    await ledger.verify(server, 'start');
  }
  t.diagnostic(`${ledger.acknowledgedIds.size} messages acknowledged, all there once`);
});

test(title, { timeout: ROUNDS * LONGEST_ROUND_MS * 20 }, async (t) => {
  let acknowledged = 0;
  let snapshots = 0;
  for (let done = 0; done < ROUNDS; done += ROUNDS_PER_DIRECTORY) {
    const server = await startServer(t, { flags: ['--snapshot-every=1', '--log-level=info'], dataDir: tempDir(t) });
    const ledger = new Ledger();
    await startConversations(server);
    for (let round = 0; round < Math.min(ROUNDS_PER_DIRECTORY, ROUNDS - done); round += 1) {
      const writing = runWriters(server, ledger, WRITERS, CONVERSATIONS);
      // Some lives reach a snapshot, however short the others are on a quick machine.
      if (round % 5 === 2) await snapshotTaken(server);
      else await delay(Math.random() * LONGEST_ROUND_MS);
      await server.kill9();
      await writing;
      if (round % 5 === 4) await killWhileStarting(server);
      await server.restart();
      // Everything every fifth time and at the end; in between what came since, which keeps 25 rounds short.
      const kept = await ledger.verify(server, round % 5 === 4 ? 'start' : 'last');
      assert.ok(kept >= ledger.acknowledgedIds.size);
    }
    if ((await newestSnapshot(server)) > 0) snapshots += 1;
    acknowledged += ledger.acknowledgedIds.size;
    assert.deepEqual(await server.stop(), { code: 0, signal: null });
    await server.restart();
    await ledger.verify(server);
    await server.stop();
    const { code, stdout } = await runCli(['check', '--store', `file:${server.dataDir}`]);
    assert.equal(code, 0, stdout);
  }
  assert.ok(snapshots > 0, 'no snapshot was taken: the kills never met one');
  t.diagnostic(`${acknowledged} messages acknowledged in ${ROUNDS} rounds, all there once`);
});
