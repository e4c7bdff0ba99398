import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Message, Stored } from '../../src/protocol/entities.ts';
import { call } from '../support/call.ts';
import type { DatabaseServer } from '../support/databases/database-server.ts';
import type { Servers } from '../support/databases/on-database.ts';
import { FaultProxy } from '../support/fault-proxy.ts';
import { Ledger } from '../support/ledger.ts';
import { startPosters } from '../support/posters.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { undoAfter } from '../support/undo-after.ts';

const CONVERSATIONS = ['c1', 'c2', 'c3'];
const POSTERS = 6;
/** A database has no folder to keep them in. */
const SECRETS = { SESSION_SECRET: randomBytes(24).toString('hex'), IDENTITY_SECRET: randomBytes(24).toString('hex') };

/** A server on a database of its own, and a ledger of what it promised. */
const startOn = async (t: TestContext, store: string) => {
  const server = await startServer(t, { store, env: SECRETS });
  for (const id of CONVERSATIONS) {
    assert.equal((await call(server, 'POST', '/conversations', { id, userId: 'visitor' })).status, 201);
  }
  return { server, ledger: new Ledger() };
};

/** Clients at work on it; they are ended before the server is. */
const posting = async (t: TestContext, server: TestServer, ledger: Ledger) => {
  const posters = startPosters(server, ledger, POSTERS, CONVERSATIONS);
  undoAfter(t, () => posters.stop());
  /** Resolves when so many more messages are acknowledged: the server works. */
  const more = (count = 40): Promise<void> => {
    const wanted = ledger.acknowledgedIds.size + count;
    return posters.until(() => ledger.acknowledgedIds.size >= wanted);
  };
  /** Resolves when so many more posts were told to try later. */
  const refused = (count: number): Promise<void> => {
    const sum = () => posters.refusals.get('unavailable') ?? 0;
    const wanted = sum() + count;
    return posters.until(() => sum() >= wanted);
  };
  await more();
  return { ...posters, more, refused };
};

/** What somebody who watches the server is told of it. */
const readiness = async (server: TestServer): Promise<number> => (await fetch(`${server.url}/readyz`)).status;

/**
 * Tests of a whole server on a database that fails. A file for each database, for these take their time.
 * @param commit what is in the bytes that ask to commit
 */
export const databaseOutage =
  (commit: string) =>
  (servers: Servers): void => {
    /** Whatever a test did to the server, the next one finds it up. */
    const database = async (t: TestContext): Promise<{ server: DatabaseServer; url: string }> => {
      const server = await servers.shared();
      undoAfter(t, () => server.restart());
      return { server, url: (await server.createDatabase()).url };
    };

    test('killed in the middle of transactions, twice: what was acknowledged is there once, and it goes on', async (t) => {
      const { server: db, url } = await database(t);
      const { server, ledger } = await startOn(t, url);
      const posters = await posting(t, server, ledger);
      for (let round = 1; round <= 2; round += 1) {
        await db.kill9();
        await posters.refused(1);
        await posters.until(async () => (await readiness(server)) === 503);
        assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
        const page = await call(server, 'GET', '/conversations/c1/messages');
        assert.deepEqual([page.status, page.body.code, page.body.retry], [503, 'unavailable', 'later']);
        await db.restart();
        await posters.more();
        await posters.until(async () => (await readiness(server)) === 200);
      }
      await posters.stop();
      await ledger.verify(server);
      assert.deepEqual([...posters.refusals.keys()], ['unavailable'], 'nothing else was ever said');
      // Another process finds the same.
      await server.kill9();
      await server.restart();
      await ledger.verify(server);
    });

    test('stopped where it stands: refused in time, never acknowledged in between, and it goes on', async (t) => {
      const { server: db, url } = await database(t);
      const { server, ledger } = await startOn(t, url);
      const posters = await posting(t, server, ledger);
      db.freeze();
      // What was on its way as it stopped may still be told; then there is silence.
      await posters.refused(POSTERS);
      const acknowledged = ledger.acknowledgedIds.size;
      await posters.until(async () => (await readiness(server)) === 503);
      assert.equal(ledger.acknowledgedIds.size, acknowledged);
      db.thaw();
      await posters.more();
      await posters.stop();
      await ledger.verify(server);
    });

    test('restarted in order under load: no message is lost or doubled', async (t) => {
      const { server: db, url } = await database(t);
      const { server, ledger } = await startOn(t, url);
      const posters = await posting(t, server, ledger);
      await db.restart();
      await posters.more();
      await posters.stop();
      await ledger.verify(server);
    });

    test('the reply to a commit that got lost: the message is acknowledged, and there once', async (t) => {
      const { url } = await database(t);
      const proxy = await FaultProxy.start(t, url);
      const { server, ledger } = await startOn(t, proxy.url);
      for (let round = 1; round <= 3; round += 1) {
        const dropped = proxy.dropReply((chunk) => chunk.includes(commit));
        const body = { id: `m${round}`, content: `round ${round}` };
        ledger.sending(body.id, 'c1', body.content);
        const posted = await call<{ message: Message; stored: Stored }>(
          server,
          'POST',
          '/conversations/c1/messages',
          body,
        );
        await dropped;
        assert.equal(posted.status, 201, JSON.stringify(posted.body));
        ledger.acknowledged(body.id, posted.body.message.seq);
        // The same again is the same message.
        const again = await call<{ message: Message }>(server, 'POST', '/conversations/c1/messages', body);
        assert.deepEqual([again.status, again.body.message.seq], [200, posted.body.message.seq]);
      }
      assert.equal(await ledger.verify(server), 3);
    });

    test('every connection reset, again and again: no message is lost or doubled', async (t) => {
      const { url } = await database(t);
      const proxy = await FaultProxy.start(t, url);
      const { server, ledger } = await startOn(t, proxy.url);
      const posters = await posting(t, server, ledger);
      for (const fault of [
        async () => proxy.reset(),
        async () => proxy.cut(),
        () => proxy.refuse(),
        async () => proxy.reset(),
      ]) {
        await fault();
        await delay(50);
        await proxy.pass();
        await posters.more();
      }
      await posters.stop();
      await ledger.verify(server);
    });
  };
