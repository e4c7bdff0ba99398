import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { GuichetClient } from '../../src/client/index.ts';
import type { Change } from '../../src/protocol/entities.ts';
import { newAgent, newVisitor, startTestApp, type TestApp } from '../support/app.ts';
import { BrowserStorage } from '../support/browser-storage.ts';
import { FaultProxy } from '../support/fault-proxy.ts';
import { TestSocket } from '../support/live-server.ts';

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await delay(10);
};

const connect = (
  t: TestContext,
  url: string,
  { id, token }: { id: string; token: string },
  options: { side: 'agent' | 'visitor'; browser?: BrowserStorage; WebSocket?: undefined },
): GuichetClient => {
  const { browser = new BrowserStorage(), ...rest } = options;
  const client = new GuichetClient({
    baseUrl: url,
    token,
    owner: id,
    storage: browser.openTab(),
    times: { pollEveryMs: 50, backoffCapMs: 200 },
    ...rest,
  });
  t.after(() => client.stop());
  return client;
};

/** Posts so many messages, as fast as they go. */
const flood = async (app: TestApp, conversationId: string, from: number, to: number): Promise<void> => {
  const socket = await TestSocket.open(`${app.url.replace('http', 'ws')}/api/v1/socket`);
  socket.send({ type: 'hello', token: app.adminToken });
  await socket.next('welcome');
  for (let i = from; i <= to; i += 1) socket.send({ type: 'post', ref: i, conversationId, content: `message ${i}` });
  await socket.next('posted', ({ ref }) => ref === to);
  socket.close();
};

for (const [road, options] of [
  ['a socket', {}],
  ['polls', { WebSocket: undefined }],
] as const) {
  test(`[CL-6] Chatwoot 14934, zulip-flutter 133: whoever missed much while away has all of it over ${road}, once`, async (t) => {
    const app = await startTestApp(t);
    const network = await FaultProxy.start(t, app.url);
    const visitor = await newVisitor(app);
    const body = { id: 'c1', message: { content: 'message 1' } };
    await app.ask('POST', '/conversations', { token: visitor.token, body });
    const agent = connect(t, network.url, await newAgent(app, 'ann'), { side: 'agent', ...options });
    const seen: Change[] = [];
    agent.on('change', (change) => seen.push(change));
    const thread = agent.open('c1');
    await agent.start();
    await until(() => thread.ready);
    await flood(app, 'c1', 2, 3);
    await until(() => thread.lastSeq === 3);
    await network.refuse();
    await until(() => agent.connection.state === 'offline');
    await flood(app, 'c1', 4, 1500);
    await network.pass();
    await until(() => thread.lastSeq === 1500 && seen.length === 1499);
    const all = Array.from({ length: 1500 }, (_, i) => `message ${i + 1}`);
    assert.deepEqual(
      thread.messages.map(({ content }) => content),
      all,
    );
    assert.deepEqual(
      seen.map(({ message }) => message?.content),
      all.slice(1),
    );
  });
}

test('[CL-1] zulip 31219, zulip-mobile 3584: a message that is sent again long after it was stored is the same one', async (t) => {
  const app = await startTestApp(t, { store: 'file' });
  const visitor = await newVisitor(app);
  const browser = new BrowserStorage();
  const first = connect(t, app.url, visitor, { side: 'visitor', browser });
  await first.start();
  const conversationId = first.startConversation('hello');
  const [entry] = first.outbox.entries();
  await until(() => browser.entries.size === 0 && first.outbox.entries().length === 0);
  first.stop();
  // The answer never reached that page: a week later another one finds the entry, and has no idea.
  browser.entries.set(entry!.id, entry!);
  const later = connect(t, app.url, visitor, { side: 'visitor', browser });
  await later.start();
  await until(() => browser.entries.size === 0);
  const { body } = await app.ask('GET', `/conversations/${conversationId}/messages`, { token: visitor.token });
  assert.deepEqual(
    body.messages.map(({ id, content }: { id: string; content: string }) => [id, content]),
    [[entry!.id, 'hello']],
  );
});
