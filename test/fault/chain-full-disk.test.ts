import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Message, StorageReport, Stored } from '../../src/protocol/entities.ts';
import { type Answer, call } from '../support/call.ts';
import { onPostgres } from '../support/databases/postgres-server.ts';
import { digestOf } from '../support/digest-of.ts';
import { FaultProxy } from '../support/fault-proxy.ts';
import { TestSocket } from '../support/live-server.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { Ballast, runOnSmallDisk, smallDisk } from '../support/small-disk.ts';
import { tempDir } from '../support/temp-dir.ts';

const CONVERSATION = 'c';
/** 4 KiB in UTF-8, hard to guess for a file system that compresses. */
const text = () => Array.from({ length: 114 }, () => randomUUID()).join('');

type Posted = { message: Message; stored: Stored };
type Page = { messages: Message[]; lastSeq: number };

const post = (server: TestServer, id: string = randomUUID(), content = text()): Promise<Answer<Posted>> =>
  call<Posted>(server, 'POST', `/conversations/${CONVERSATION}/messages`, { id, content });

const thread = async (server: TestServer): Promise<Message[]> => {
  const all: Message[] = [];
  for (;;) {
    const path = `/conversations/${CONVERSATION}/messages?after=${all.length}&limit=500`;
    const { messages, lastSeq } = (await call<Page>(server, 'GET', path)).body;
    all.push(...messages);
    if (all.length >= lastSeq) return all;
  }
};

const until = async <T>(ask: () => Promise<T>, done: (answer: T) => boolean): Promise<T> => {
  for (;;) {
    const answer = await ask();
    if (done(answer)) return answer;
    await delay(100);
  }
};

/** Posts until the disk takes no more; the ids that were acknowledged, durable ones apart. */
const fill = async (server: TestServer, held: Map<string, number>): Promise<Map<string, number>> => {
  const waiting = new Map<string, number>();
  while (waiting.size < 5) {
    const { status, body } = await post(server);
    assert.equal(status, 201);
    (body.stored.durable ? held : waiting).set(body.message.id, body.message.seq);
    assert.equal(body.message.durable, body.stored.durable);
    if (!body.stored.durable) assert.equal(body.stored.tier, 'memory');
    else assert.equal(waiting.size, 0, 'nothing is durable again while the disk is full');
  }
  return waiting;
};

const verify = async (server: TestServer, held: ReadonlyMap<string, number>): Promise<Message[]> => {
  const messages = await thread(server);
  assert.deepEqual(
    messages.map(({ seq }) => seq),
    messages.map((_, i) => i + 1),
  );
  const seqs = new Map(messages.map(({ id, seq }) => [id, seq]));
  assert.equal(seqs.size, messages.length, 'nothing twice');
  for (const [id, seq] of held) assert.equal(seqs.get(id), seq);
  return messages;
};

const dir = smallDisk();

if (dir === undefined) {
  test('a chain on a full disk', (t) => runOnSmallDisk(t, fileURLToPath(import.meta.url), tempDir(t), 12));
} else {
  test('[FB-3] the disk fills: memory stands in and says so; it is freed: everything is durable, once, in place', async (t) => {
    const dataDir = tempDir(t, dir);
    const server = await startServer(t, { dataDir, behind: ['memory:'], flags: ['--snapshot-every=0'] });
    const ballast = new Ballast(dir);
    t.after(() => ballast.drop());
    await call(server, 'POST', '/conversations', { id: CONVERSATION, userId: 'visitor' });
    const held = new Map<string, number>();
    for (let i = 0; i < 10; i += 1) {
      const { body } = await post(server);
      held.set(body.message.id, body.message.seq);
    }
    const socket = await TestSocket.open(`${server.url.replace('http', 'ws')}/api/v1/socket`);
    t.after(() => socket.close());
    socket.send({ type: 'hello', token: server.adminToken });
    socket.send({ type: 'follow', conversationId: CONVERSATION, after: 10 });
    await socket.next('caughtUp');

    ballast.leave(128 * 1024);
    const waiting = await fill(server, held);
    for (const id of waiting.keys()) {
      const { message } = await socket.next('message', (frame) => frame.message.id === id);
      assert.equal(message.durable, false, 'live, and honest');
    }
    const shown = await verify(server, new Map([...held, ...waiting]));
    assert.deepEqual(
      shown.filter(({ durable }) => !durable).map(({ id }) => id),
      [...waiting.keys()],
    );
    const report = (await call<StorageReport>(server, 'GET', '/storage')).body;
    assert.equal(report.degraded, true);
    const ready = await fetch(`${server.url}/readyz`);
    const state = (await ready.json()) as { degraded: boolean; durable: boolean };
    assert.deepEqual([ready.status, state.degraded, state.durable], [200, true, false]);
    const [repeated = ''] = waiting.keys();
    const content = shown.find(({ id }) => id === repeated)!.content;
    assert.equal((await post(server, repeated, content)).body.stored.durable, false);

    ballast.drop();
    const told = new Map<string, number>();
    while (told.size < waiting.size) {
      const frame = await socket.next('stored');
      assert.equal(frame.stored.durable, true);
      for (const { id, seq } of frame.messages) told.set(id, seq);
    }
    assert.deepEqual(told, waiting);
    assert.equal((await post(server, repeated, content)).body.stored.durable, true);
    const after = await post(server);
    assert.equal(after.body.stored.tier, 'file');
    held.set(after.body.message.id, after.body.message.seq);
    await until(
      async () => (await call<StorageReport>(server, 'GET', '/storage')).body.degraded,
      (degraded) => !degraded,
    );
    await server.kill9();
    await server.restart();
    await verify(server, new Map([...held, ...waiting]));
  });

  test('[FB-6] killed while memory stood in, started while the disk is still full: what was durable is there, chat goes on', async (t) => {
    const dataDir = tempDir(t, dir);
    const server = await startServer(t, { dataDir, behind: ['memory:'], flags: ['--snapshot-every=0'] });
    const ballast = new Ballast(dir);
    t.after(() => ballast.drop());
    await call(server, 'POST', '/conversations', { id: CONVERSATION, userId: 'visitor' });
    const held = new Map<string, number>();
    ballast.leave(128 * 1024);
    const lost = await fill(server, held);
    await server.kill9();
    ballast.leave(0);
    await server.restart();
    const messages = await verify(server, held);
    assert.equal(messages.length, held.size, 'what was only in memory was never promised');
    // A client keeps what was not durable and sends it again under its id.
    const resent = new Map<string, number>();
    for (const id of lost.keys()) {
      const { status, body } = await post(server, id, `again ${id}`);
      assert.equal(status, 201);
      assert.equal(body.stored.durable, false);
      resent.set(id, body.message.seq);
    }
    await verify(server, new Map([...held, ...resent]));

    ballast.drop();
    for (const id of lost.keys()) {
      await until(
        () => post(server, id, `again ${id}`),
        ({ status, body }) => status === 200 && body.stored.durable,
      );
    }
    await server.kill9();
    await server.restart();
    await verify(server, new Map([...held, ...resent]));
  });

  onPostgres((servers) => {
    test('[FB-3] [FB-13] the disk is full and the database is away: memory stands in; whichever is back first, all is durable and both hold it', async (t) => {
      for (const first of ['disk', 'database'] as const) {
        const url = await (await servers.shared()).database(t);
        const proxy = await FaultProxy.start(t, url);
        const files: string = `file:${tempDir(t, dir)}/data`;
        const server = await startServer(t, {
          ...{ store: proxy.url, behind: [files, 'memory:'] },
          flags: ['--snapshot-every=0', '--tier-timeout=1000'],
        });
        const ballast = new Ballast(dir);
        t.after(() => ballast.drop());
        await call(server, 'POST', '/conversations', { id: CONVERSATION, userId: 'visitor' });
        const held = new Map<string, number>();
        const { body } = await post(server);
        held.set(body.message.id, body.message.seq);
        const heal = { disk: () => ballast.drop(), database: () => proxy.pass() };
        await proxy.refuse();
        ballast.leave(64 * 1024);
        const waiting = await fill(server, held);
        await verify(server, new Map([...held, ...waiting]));
        // The set went on with the files alone: the database can make nothing durable before they are there.
        for (const which of first === 'disk' ? (['disk', 'database'] as const) : (['database', 'disk'] as const)) {
          await heal[which]();
          if (which === 'disk') {
            await until(
              () => post(server),
              ({ body: { stored } }) => stored?.durable === true,
            );
          }
        }
        await until(
          async () => (await call<StorageReport>(server, 'GET', '/storage')).body.degraded,
          (degraded) => !degraded,
        );
        await verify(server, new Map([...held, ...waiting]));
        await server.stop();
        assert.equal(await digestOf(url), await digestOf(files));
      }
    });
  });
}
