import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Page } from 'playwright-core';
import { launchBrowser } from '../support/browser.ts';
import { call } from '../support/call.ts';
import { asksForSocket, FaultProxy } from '../support/fault-proxy.ts';
import { readAll } from '../support/ledger.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { AgentPage, assertNoComplaints, stampOf, VisitorPage } from './people.ts';

/** Both sides in a browser, the visitor behind a network that the test can spoil. */
const open = async (t: TestContext) => {
  const browser = await launchBrowser(t);
  if (!browser) return undefined;
  const server = await startServer(t);
  const network = await FaultProxy.start(t, server.url, { only: asksForSocket });
  const agent = await AgentPage.setUp(browser, server);
  const visitor = await VisitorPage.open(browser, network.url);
  await visitor.openPanel();
  return { server, network, agent, visitor };
};

type Scene = NonNullable<Awaited<ReturnType<typeof open>>>;

/** Says something on both sides, and waits until the other has it. */
const exchange = async ({ agent, visitor }: Scene, number: number): Promise<string[]> => {
  const said = [`question ${number}`, `answer ${number}`];
  await visitor.say(said[0]!);
  if (number === 1) await agent.openConversation(said[0]!);
  await agent.message(said[0]!).waitFor();
  await agent.say(said[1]!);
  await visitor.message(said[1]!).waitFor();
  return said;
};

const slow = (visitor: VisitorPage) => visitor.panel.getByText('Slow connection');

const assertAllOnce = async (server: TestServer, { agent, visitor }: Scene, said: string[]): Promise<void> => {
  const { body } = await call<{ conversations: { id: string }[] }>(server, 'GET', '/conversations');
  const stored = await readAll(server, body.conversations[0]!.id);
  assert.deepEqual(
    stored.filter(({ kind }) => kind === 'message').map(({ content }) => content),
    said,
  );
  assert.deepEqual(await visitor.messages.allInnerTexts(), said);
  assert.deepEqual(await agent.messages.allInnerTexts(), said);
  assertNoComplaints(agent, visitor);
};

/** The window comes back into sight: with it the page asks at once how its connection is. */
const lookAt = (page: Page): Promise<void> =>
  page.evaluate(() => void document.dispatchEvent(new Event('visibilitychange')));

test('[CL-6] messages go on over each road, and the better one is returned to, with no gap and no double', async (t) => {
  const scene = await open(t);
  if (!scene) return;
  const { server, network, visitor } = scene;
  const said = await exchange(scene, 1);

  await t.test('the connection is cut, and cut again', async () => {
    network.reset();
    said.push(...(await exchange(scene, 2)));
    network.cut();
    said.push(...(await exchange(scene, 3)));
  });

  await t.test('a proxy refuses the upgrade: messages come by polling', async () => {
    network.forbid(asksForSocket);
    network.reset();
    await slow(visitor).waitFor();
    said.push(...(await exchange(scene, 4)));
  });

  await t.test('the way is free again: back to the socket', async () => {
    await network.pass();
    await lookAt(visitor.page);
    await slow(visitor).waitFor({ state: 'detached' });
    said.push(...(await exchange(scene, 5)));
  });

  await t.test('everything is late', async () => {
    network.delay(700);
    said.push(...(await exchange(scene, 6)));
    await network.pass();
  });

  await assertAllOnce(server, scene, said);
});

for (const direction of ['up', 'down'] as const) {
  test(`[CL-7] Rocket.Chat 36023: a socket that loses what goes ${direction} is left, and nothing is lost`, async (t) => {
    const scene = await open(t);
    if (!scene) return;
    const { server, network, visitor } = scene;
    const said = await exchange(scene, 1);
    network.blackhole(direction);
    await lookAt(visitor.page);
    said.push(...(await exchange(scene, 2)));
    await slow(visitor).waitFor();
    await stampOf(visitor.message('question 2'), 'read').waitFor();
    await network.pass();
    await lookAt(visitor.page);
    await slow(visitor).waitFor({ state: 'detached' });
    said.push(...(await exchange(scene, 3)));
    await assertAllOnce(server, scene, said);
  });
}

test('[CL-7] a proxy that holds the upgrade back for ever keeps nobody waiting for ever', async (t) => {
  const browser = await launchBrowser(t);
  if (!browser) return;
  const server = await startServer(t);
  const network = await FaultProxy.start(t, server.url, { only: asksForSocket });
  network.blackhole();
  const agent = await AgentPage.setUp(browser, server);
  const visitor = await VisitorPage.open(browser, network.url);
  await visitor.openPanel();
  const scene = { server, network, agent, visitor };
  await assertAllOnce(server, scene, [...(await exchange(scene, 1)), ...(await exchange(scene, 2))]);
});
