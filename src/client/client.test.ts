import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type Answer, aMessage, aProblem, ScriptedServer } from '../../test/support/scripted-server.ts';
import type { Message } from '../protocol/entities.ts';
import { type ClientOptions, GuichetClient } from './client.ts';
import { MemoryOutboxStorage } from './outbox-storage.ts';

const settled = async (): Promise<void> => {
  for (let i = 0; i < 8; i++) await new Promise((resolve) => setImmediate(resolve));
};

const page = (...messages: Message[]): Answer => ({
  body: { messages, lastSeq: messages.at(-1)?.seq ?? 0, hasMore: false, log: 'log.0' },
});

const mine = (id: string, content: string, seq = 1): Message =>
  aMessage(seq, { id, content, senderType: 'USER', senderId: 'v1' });

const stored = { tier: 'file', durable: true } as const;

const visit = (t: TestContext, server: ScriptedServer, options: Partial<ClientOptions> = {}): GuichetClient => {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  const client = new GuichetClient({
    baseUrl: 'http://guichet.test',
    side: 'visitor',
    token: 'token',
    storage: new MemoryOutboxStorage(),
    owner: 'visitor',
    fetch: server.fetch,
    WebSocket: server.WebSocket,
    random: () => 0,
    ...options,
  });
  t.after(() => client.stop());
  return client;
};

/** A client whose socket has caught up. */
const comeLive = async (t: TestContext, server: ScriptedServer, cursor: string): Promise<GuichetClient> => {
  const client = visit(t, server);
  await client.start();
  await settled();
  server.socket.welcome(cursor);
  await settled();
  return client;
};

const states = (client: GuichetClient, conversationId: string) =>
  client.open(conversationId).items.map(({ content, state }) => [content, state]);

test('the first message makes the visitor, then the conversation, then the connection', async (t) => {
  const server = new ScriptedServer();
  let visitors = 0;
  server.answer = (method, path, _query, body) => {
    if (path === '/visitors') {
      // The first two attempts are lost: the message waits, and the same one is sent in the end.
      if (++visitors < 3) throw new TypeError('fetch failed');
      return { status: 201, body: { token: 'made' } };
    }
    if (method === 'POST' && path === '/conversations') {
      const { id, message } = body as { id: string; message: { id: string; content: string } };
      const posted = { ...mine(message.id, message.content), conversationId: id };
      return { status: 201, body: { conversation: { id }, message: posted, stored } };
    }
    return page();
  };
  const client = visit(t, server, {
    token: undefined,
    identify: async (api) => (await api.createVisitor({})).token,
  });
  await client.start();
  assert.equal(server.sockets.length, 0, 'nobody connects before writing');
  const started: string[] = [];
  client.on('started', ({ id }) => started.push(id));
  const id = client.startConversation('Good morning');
  client.open(id);
  await settled();
  assert.deepEqual(states(client, id), [['Good morning', 'sending']]);
  for (let i = 0; i < 2; i++) {
    t.mock.timers.tick(100);
    await settled();
  }
  assert.deepEqual(started, [id]);
  assert.deepEqual(states(client, id), [['Good morning', 'stored']]);
  assert.deepEqual(server.socket.sent('hello'), [{ type: 'hello', token: 'made' }]);
});

test('a message whose answer was lost with the socket is sent again under its id, and shown once', async (t) => {
  const server = new ScriptedServer();
  server.answer = () => page(aMessage(1));
  const client = await comeLive(t, server, '1');
  client.open('c1');
  await settled();
  const id = await client.send('c1', 'Hello');
  await settled();
  assert.equal(server.socket.sent('post').length, 1);
  server.socket.drop();
  await settled();
  server.answer = () => {
    throw new TypeError('fetch failed');
  };
  t.mock.timers.tick(100);
  await settled();
  server.socket.welcome('2');
  await settled();
  const [again] = server.socket.sent('post');
  assert.deepEqual([again?.id, again?.content], [id, 'Hello']);
  const message = mine(id, 'Hello', 2);
  server.socket.say({ type: 'change', cursor: '2', kind: 'message', message });
  server.socket.say({ type: 'posted', ref: id, message, stored });
  server.socket.say({ type: 'message', message });
  await settled();
  assert.deepEqual(states(client, 'c1'), [
    ['text 1', undefined],
    ['Hello', 'stored'],
  ]);
  assert.equal(client.outbox.entries().length, 0);
});

test('after a reconnect open threads are followed from their last message, and holes are filled', async (t) => {
  const server = new ScriptedServer();
  server.answer = () => page(aMessage(1), aMessage(2));
  const client = visit(t, server);
  const thread = client.open('c1');
  await client.start();
  await settled();
  server.socket.welcome('2');
  await settled();
  assert.deepEqual(server.socket.sent('follow'), [{ type: 'follow', conversationId: 'c1', after: 2 }]);
  server.socket.drop();
  await settled();
  t.mock.timers.tick(100);
  await settled();
  server.socket.welcome('9');
  await settled();
  assert.deepEqual(server.socket.sent('follow'), [{ type: 'follow', conversationId: 'c1', after: 2 }]);
  server.answer = (_method, _path, query) => {
    assert.equal(query.get('after'), '2');
    return page(aMessage(3), aMessage(4));
  };
  server.socket.say({ type: 'message', message: aMessage(5) });
  server.socket.say({ type: 'caughtUp', conversationId: 'c1', lastSeq: 5 });
  await settled();
  assert.deepEqual(
    thread.messages.map(({ seq }) => seq),
    [1, 2, 3, 4, 5],
  );
});

test('a resync throws away what was loaded and loads it again', async (t) => {
  const server = new ScriptedServer();
  server.answer = () => page(aMessage(1, { content: 'of before' }));
  const client = visit(t, server);
  const thread = client.open('c1');
  await client.start();
  await settled();
  server.socket.welcome('2');
  await settled();
  assert.deepEqual(
    thread.messages.map(({ content }) => content),
    ['of before'],
  );
  server.answer = () => page(aMessage(1, { id: 'other', content: 'of now' }));
  server.socket.say({ type: 'resync', cursor: '1' });
  await settled();
  assert.deepEqual(
    thread.messages.map(({ content }) => content),
    ['of now'],
  );
});

test('[CL-9] nothing that was read or delivered before a rewind is claimed of what is there after it', async (t) => {
  const server = new ScriptedServer();
  const stale = Promise.withResolvers<Answer>();
  server.answer = () => page(mine('m1', 'of both', 1), mine('m2', 'of before', 2));
  const client = visit(t, server);
  const thread = client.open('c1');
  await client.start();
  await settled();
  server.socket.welcome('9');
  await settled();
  thread.applyRead({ conversationId: 'c1', readerId: 'a1', readerType: 'AGENT', seq: 2 });
  assert.deepEqual(
    states(client, 'c1').map(([, state]) => state),
    ['read', 'read'],
  );
  server.answer = () => stale.promise;
  void thread.load();
  await settled();
  server.answer = () => page(mine('m1', 'of both', 1), mine('m3', 'of now', 2));
  server.socket.say({ type: 'resync', cursor: '3' });
  await settled();
  stale.resolve(page(mine('m1', 'of both', 1), mine('m2', 'of before', 2)));
  await settled();
  assert.deepEqual(states(client, 'c1'), [
    ['of both', 'stored'],
    ['of now', 'stored'],
  ]);
});

test('[CL-9] whoever answers has read what is above; a note of theirs, or a bot, has not', async (t) => {
  const server = new ScriptedServer();
  const last = { kind: 'message', senderType: 'BOT' } as const;
  server.answer = () => page(mine('m1', 'one'), aMessage(2), mine('m3', 'two', 3), aMessage(4, last));
  const client = visit(t, server);
  client.open('c1');
  await client.start();
  await settled();
  server.socket.welcome('9');
  await settled();
  assert.deepEqual(
    states(client, 'c1').map(([, state]) => state),
    ['read', undefined, 'stored', undefined],
  );
});

test('[CL-2] a page whose first words another tab has sent hears the answers', async (t) => {
  const server = new ScriptedServer();
  const client = visit(t, server, { token: undefined, identify: async () => 'of both tabs' });
  await client.start();
  await settled();
  assert.equal(client.token, undefined);
  client.outbox.emit('posted', mine('a', 'sent by the other one'));
  await settled();
  server.socket.welcome('2');
  await settled();
  assert.deepEqual([client.token, client.connection.state], ['of both tabs', 'live']);
});

test('a read mark that got lost is said again until the feed confirms it', async (t) => {
  const server = new ScriptedServer();
  server.answer = () => page(aMessage(1));
  const client = await comeLive(t, server, '2');
  client.read('c1', 1);
  client.read('c1', 1);
  assert.equal(server.socket.sent('read').length, 1, 'once is enough');
  for (const confirmed of [false, true]) {
    server.socket.drop();
    await settled();
    t.mock.timers.tick(100);
    await settled();
    server.socket.welcome('2');
    await settled();
    assert.equal(server.socket.sent('read').length, confirmed ? 0 : 1);
    const read = { conversationId: 'c1', readerId: 'v1', readerType: 'USER', seq: 1, at: '' } as const;
    server.socket.say({ type: 'change', cursor: '3', kind: 'read', read });
  }
});

/** A server that can store nothing: what is asked of it, and a client on one road that reads there. */
const readsInVain = async (t: TestContext, options: Partial<ClientOptions>) => {
  const server = new ScriptedServer();
  const posts: string[] = [];
  server.answer = (method, path) => {
    if (method === 'POST') posts.push(path);
    if (path.endsWith('/read')) return aProblem(503, 'unavailable', 'later');
    return { body: { changes: [], cursor: '2', log: 'log.0', caughtUp: true } };
  };
  const client = visit(t, server, options);
  await client.start();
  await settled();
  const later = async (): Promise<void> => {
    t.mock.timers.tick(10_000);
    await settled();
  };
  return { server, client, posts, later };
};

test('a read mark that could not be stored is said again on the socket, unless it never can be', async (t) => {
  const { server, client, later } = await readsInVain(t, {});
  server.socket.welcome('2');
  await settled();
  client.read('c1', 1);
  const said = () => server.socket.sent('read').length;
  const fail = (retry: 'later' | 'never') =>
    server.socket.say({ type: 'error', conversationId: 'c1', code: 'unavailable', title: '', retry });
  fail('later');
  assert.equal(said(), 1, 'not at once: it would fail again');
  await later();
  assert.equal(said(), 2);
  fail('never');
  await later();
  assert.equal(said(), 2);
});

test('a read mark that could not be stored is said again where there is no socket', async (t) => {
  const { client, posts, later } = await readsInVain(t, { WebSocket: undefined });
  client.read('c1', 1);
  await settled();
  assert.equal(posts.length, 1);
  await later();
  assert.ok(posts.length > 1);
});

test('not saved yet becomes stored when the server says so', async (t) => {
  const server = new ScriptedServer();
  server.answer = () => page();
  const client = await comeLive(t, server, '2');
  client.open('c1');
  await settled();
  const id = await client.send('c1', 'Hello');
  await settled();
  const message = { ...mine(id, 'Hello'), durable: false };
  server.socket.say({ type: 'posted', ref: id, message, stored: { tier: 'memory', durable: false } });
  await settled();
  assert.deepEqual(states(client, 'c1'), [['Hello', 'unsaved']]);
  assert.equal(client.outbox.entries().length, 1, 'kept until it is safe');
  server.socket.say({ type: 'stored', conversationId: 'c1', messages: [{ id, seq: 1 }], stored });
  await settled();
  assert.deepEqual(states(client, 'c1'), [['Hello', 'stored']]);
  assert.equal(client.outbox.entries().length, 0);
});

test('a refusal on the socket and one over HTTP both end as failed, with the text', async (t) => {
  const server = new ScriptedServer();
  server.answer = (method) => (method === 'POST' ? aProblem(404, 'not_found', 'never') : page());
  const client = visit(t, server);
  await client.start();
  await settled();
  client.open('c1');
  await client.send('c1', 'over HTTP');
  await settled();
  assert.deepEqual(states(client, 'c1'), [['over HTTP', 'failed']]);
  server.socket.welcome('2');
  await settled();
  const id = await client.send('c1', 'on the socket');
  await settled();
  server.socket.say({ type: 'error', ref: id, code: 'invalid', title: '', retry: 'never' });
  await settled();
  assert.deepEqual(states(client, 'c1'), [
    ['over HTTP', 'failed'],
    ['on the socket', 'failed'],
  ]);
  assert.equal(client.outbox.get(id)?.error, 'invalid');
});

test('a conversation whose first message comes back by the feed before the answer is loaded and followed', async (t) => {
  const server = new ScriptedServer();
  const answer = Promise.withResolvers<void>();
  let message = aMessage(1);
  server.answer = async (method, _path, _query, body) => {
    if (method === 'GET') return page(message);
    const { id, message: first } = body as { id: string; message: { id: string; content: string } };
    message = { ...mine(first.id, first.content), conversationId: id };
    await answer.promise;
    return { status: 201, body: { conversation: { id }, message, stored } };
  };
  const client = await comeLive(t, server, '1');
  const id = client.startConversation('Good morning');
  const thread = client.open(id);
  await settled();
  server.socket.say({ type: 'change', cursor: '2', kind: 'message', message });
  await settled();
  answer.resolve();
  await settled();
  assert.equal(thread.ready, true);
  assert.deepEqual(server.socket.sent('follow'), [{ type: 'follow', conversationId: id, after: 1 }]);
  assert.deepEqual(states(client, id), [['Good morning', 'stored']]);
});
