import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import type { Message } from '../../src/protocol/entities.ts';
import { call } from '../support/call.ts';
import { onPostgres } from '../support/databases/postgres-server.ts';
import { Ledger, readAll } from '../support/ledger.ts';
import { TestSocket } from '../support/live-server.ts';
import { type Posters, startPosters } from '../support/posters.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { undoAfter } from '../support/undo-after.ts';

const startBoth = async (t: TestContext, store: string): Promise<[TestServer, TestServer]> => {
  // The same for both: a token that one gives is good at the other.
  const env = { SESSION_SECRET: randomBytes(24).toString('hex'), IDENTITY_SECRET: randomBytes(24).toString('hex') };
  return Promise.all([startServer(t, { store, env }), startServer(t, { store, env })]);
};

const socketTo = async (t: TestContext, server: TestServer, token: string): Promise<TestSocket> => {
  const socket = await TestSocket.open(`${server.url.replace('http', 'ws')}/api/v1/socket`);
  undoAfter(t, () => socket.close());
  socket.send({ type: 'hello', token });
  await socket.next('welcome');
  socket.send({ type: 'follow', conversationId: 'c1', after: 0 });
  await socket.next('caughtUp');
  return socket;
};

onPostgres((servers) => {
  test('a visitor on one server and an agent on the other converse, live', async (t) => {
    const [one, two] = await startBoth(t, await (await servers.shared()).database(t));
    const { body } = await call<{ token: string }>(one, 'POST', '/visitors', { name: 'Zoé' });
    const begun = await call(one, 'POST', '/conversations', { id: 'c1' }, body.token);
    assert.equal(begun.status, 201);
    const visitor = await socketTo(t, one, body.token);
    // Signed in at the other server, and known to both.
    const agent = await socketTo(t, two, two.adminToken);
    for (let i = 1; i <= 5; i += 1) {
      visitor.send({ type: 'post', ref: `v${i}`, conversationId: 'c1', id: `v${i}`, content: `question ${i}` });
      assert.equal((await visitor.next('posted')).stored.durable, true);
      assert.equal((await agent.next('message', ({ message }) => message.id === `v${i}`)).message.seq, 2 * i - 1);
      agent.send({ type: 'post', ref: `a${i}`, conversationId: 'c1', id: `a${i}`, content: `answer ${i}` });
      assert.equal((await agent.next('posted')).stored.durable, true);
      assert.equal((await visitor.next('message', ({ message }) => message.id === `a${i}`)).message.seq, 2 * i);
    }
    // What one wrote the other finds.
    const found = await call<{ messages: Message[] }>(two, 'GET', '/search?q=question+3');
    assert.deepEqual(
      found.body.messages.map(({ id }) => id),
      ['v3'],
    );
  });

  test('both write while the database is killed and one of them too: every message is there once, for both', async (t) => {
    const db = await servers.shared();
    const [one, two] = await startBoth(t, (await db.createDatabase()).url);
    for (const id of ['c1', 'c2']) await call(one, 'POST', '/conversations', { id, userId: 'visitor' });
    const ledger = new Ledger();
    const all: Posters[] = [one, two].map((server) => startPosters(server, ledger, 3, ['c1', 'c2']));
    undoAfter(t, async () => {
      for (const posters of all) await posters.stop();
    });
    const more = async (posters: Posters): Promise<void> => {
      const wanted = ledger.acknowledgedIds.size + 40;
      await posters.until(() => ledger.acknowledgedIds.size >= wanted);
    };
    await more(all[0]!);
    await db.kill9();
    for (const posters of all) await posters.until(() => posters.refusals.size > 0);
    await db.restart();
    await more(all[1]!);
    await all[0]!.stop();
    await one.kill9();
    await more(all[1]!);
    await one.restart();
    await all[1]!.stop();
    await ledger.verify(one);
    await ledger.verify(two);
    assert.deepEqual(await readAll(one, 'c1'), await readAll(two, 'c1'));
  });
});
