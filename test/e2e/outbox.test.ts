import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BrowserContext } from 'playwright-core';
import { launchBrowser } from '../support/browser.ts';
import { call } from '../support/call.ts';
import { readAll } from '../support/ledger.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { AgentPage, acknowledgedStampOf, assertNoComplaints, stampOf, VisitorPage } from './people.ts';

type Listed = { conversations: { id: string; userId: string }[] };

const conversationsOf = async (server: TestServer): Promise<Listed['conversations']> =>
  (await call<Listed>(server, 'GET', '/conversations')).body.conversations;

const anotherTab = async (context: BrowserContext, server: TestServer, init?: () => void): Promise<VisitorPage> => {
  const tab = new VisitorPage(await context.newPage());
  if (init) await tab.page.addInitScript(init);
  await tab.page.goto(`${server.url}/demo`);
  await tab.openPanel();
  return tab;
};

test('[CL-2] two tabs show the same unsent messages, and each message goes once and in order', async (t) => {
  const browser = await launchBrowser(t);
  if (!browser) return;
  const server = await startServer(t);
  const first = await VisitorPage.open(browser, server.url);
  await first.openPanel();
  await first.say('hello');
  await acknowledgedStampOf(first.message('hello')).waitFor();
  const second = await anotherTab(first.page.context(), server);
  await second.message('hello').waitFor();

  await server.kill9();
  const said = ['hello'];
  for (let i = 1; i <= 6; i++) {
    const [here, there] = i % 2 ? [first, second] : [second, first];
    said.push(`word ${i}`);
    await here.say(`word ${i}`);
    await stampOf(there.message(`word ${i}`), 'sending').waitFor();
  }
  // The tab that wrote half of them is gone when the server comes back.
  await second.page.close();
  await server.restart();
  await acknowledgedStampOf(first.message('word 6')).waitFor();
  assert.deepEqual(await first.messages.allInnerTexts(), said);
  const third = await anotherTab(first.page.context(), server);
  await third.message('word 6').waitFor();
  assert.deepEqual(await third.messages.allInnerTexts(), said);
  const [conversation] = await conversationsOf(server);
  assert.deepEqual(
    (await readAll(server, conversation!.id)).map(({ content }) => content),
    said,
  );
  assertNoComplaints(first);
});

/** A tab in a process of its own, which does not hear in time of what another one keeps. */
const hearsLate = (): void => {
  const own = new Map<string, string>();
  const shared = localStorage;
  const late = {
    getItem: (name: string) => own.get(name) ?? null,
    setItem: (name: string, value: string) => {
      own.set(name, value);
      shared.setItem(name, value);
    },
  };
  Object.defineProperty(window, 'localStorage', { value: late });
  window.addEventListener('storage', (event) => event.stopImmediatePropagation(), true);
};

test('[CL-2] Rocket.Chat 23476: first words in two tabs at once come from one visitor, whom both tabs know', async (t) => {
  const browser = await launchBrowser(t);
  if (!browser) return;
  const server = await startServer(t);
  const first = await VisitorPage.open(browser, server.url);
  await first.openPanel();
  const second = await anotherTab(first.page.context(), server, hearsLate);
  await Promise.all([first.say('from the first tab'), second.say('from the second tab')]);
  await acknowledgedStampOf(first.message('first tab')).waitFor();
  await acknowledgedStampOf(second.message('second tab')).waitFor();
  const conversations = await conversationsOf(server);
  assert.equal(conversations.length, 2);
  assert.equal(new Set(conversations.map(({ userId }) => userId)).size, 1);
  const third = await anotherTab(first.page.context(), server);
  await third.panel.getByRole('button', { name: 'Your conversations' }).click();
  await third.panel.getByRole('button', { name: /from the first tab/ }).waitFor();
  await third.panel.getByRole('button', { name: /from the second tab/ }).waitFor();
  assertNoComplaints(first);
});

/** Ways in which browsers keep a page from keeping anything. */
const REFUSALS = {
  'site data is blocked': `
    for (const name of ['indexedDB', 'localStorage', 'sessionStorage']) {
      Object.defineProperty(window, name, { get() { throw new DOMException('denied', 'SecurityError'); } });
    }`,
  'the database is never opened': `indexedDB.open = () => ({});`,
  'there is no room': `
    IDBObjectStore.prototype.put = () => { throw new DOMException('full', 'QuotaExceededError'); };`,
};

for (const [what, script] of Object.entries(REFUSALS)) {
  test(`[CL-4] when ${what} the writer is told, and messages go all the same`, async (t) => {
    const browser = await launchBrowser(t);
    if (!browser) return;
    const server = await startServer(t);
    const context = await browser.newContext({ locale: 'en-GB' });
    await context.addInitScript(script);
    const visitor = new VisitorPage(await context.newPage());
    await visitor.page.goto(`${server.url}/demo`);
    await visitor.openPanel();
    await visitor.say('hello');
    await acknowledgedStampOf(visitor.message('hello')).waitFor();
    await server.kill9();
    await visitor.say('said while it was down');
    await stampOf(visitor.message('while it was down'), 'sending').waitFor();
    await visitor.panel.getByText('This browser does not keep unsent messages').waitFor();
    await server.restart();
    await acknowledgedStampOf(visitor.message('while it was down')).waitFor();
    const [conversation] = await conversationsOf(server);
    assert.equal((await readAll(server, conversation!.id)).length, 2);
  });
}

test('[CL-5] a page of one agent that comes back with the cookie of another sends nothing as that one', async (t) => {
  const browser = await launchBrowser(t);
  if (!browser) return;
  const server = await startServer(t);
  const agent = await AgentPage.setUp(browser, server);
  const context = agent.page.context();
  const visitor = await VisitorPage.open(browser, server.url);
  await visitor.openPanel();
  await visitor.say('hello');
  await agent.openConversation('hello');
  const bruno = { email: 'bruno@loriot.example', password: 'a long password' };
  await call(server, 'POST', '/agents', { ...bruno, name: 'Bruno', role: 'agent' });
  const signedIn = await call(server, 'POST', '/sessions', bruno);
  const [, name = '', value = ''] = /^([^=]+)=([^;]+)/.exec(signedIn.headers.get('set-cookie')!)!;

  await server.kill9();
  await agent.say('a reply of Camille');
  await stampOf(agent.message('a reply of Camille'), 'sending').waitFor();
  await context.clearCookies();
  await context.addCookies([{ name, value, url: server.url }]);
  await server.restart();
  await agent.page.getByText('Your session has ended').waitFor();
  const [conversation] = await conversationsOf(server);
  assert.equal((await readAll(server, conversation!.id)).length, 1);

  await agent.page.locator('[name=email]').fill('camille@loriot.example');
  await agent.page.locator('[name=password]').fill('a long password');
  await agent.page.locator('button[type=submit]').click();
  await visitor.message('a reply of Camille').waitFor();
  const messages = (await readAll(server, conversation!.id)).filter(({ kind }) => kind === 'message');
  const me = await call<{ agents: { id: string; email: string }[] }>(server, 'GET', '/agents');
  const camille = me.body.agents.find(({ email }) => email.startsWith('camille'));
  assert.deepEqual(
    messages.map(({ content, senderId }) => [content, senderId === camille!.id]),
    [
      ['hello', false],
      ['a reply of Camille', true],
    ],
  );
  assertNoComplaints(agent, visitor);
});

test('[CL-3] a message that was refused in a conversation that is not open is shown, and its text is there', async (t) => {
  const browser = await launchBrowser(t);
  if (!browser) return;
  const server = await startServer(t);
  const visitor = await VisitorPage.open(browser, server.url);
  let refuse = true;
  await visitor.page.route('**/api/v1/conversations/*/messages', (route) =>
    refuse && route.request().method() === 'POST'
      ? route.fulfill({ status: 400, json: { code: 'invalid', title: 'no', status: 400, retry: 'never' } })
      : route.fallback(),
  );
  await visitor.page.context().routeWebSocket(/socket/, (socket) => socket.close());
  await visitor.page.reload();
  await visitor.openPanel();
  await visitor.say('the first conversation');
  await acknowledgedStampOf(visitor.message('the first')).waitFor();
  await visitor.say('refused');
  await stampOf(visitor.message('refused'), 'failed').waitFor();
  const conversations = await conversationsOf(server);
  const other = await call<{ conversation: { id: string } }>(server, 'POST', '/conversations', {
    userId: conversations[0]!.userId,
    message: { content: 'another one' },
  });
  assert.equal(other.status, 201);
  await visitor.panel.getByRole('button', { name: 'Your conversations' }).click();
  await visitor.panel.getByRole('button', { name: /another one/ }).click();
  await visitor.message('another one').waitFor();
  await visitor.panel.getByText('A message could not be sent.').waitFor();
  await visitor.page.reload();
  await visitor.openPanel();
  await visitor.panel.getByRole('button', { name: 'Show it' }).click();
  await stampOf(visitor.message('refused'), 'failed').waitFor();
  refuse = false;
  await visitor.panel.getByRole('button', { name: 'Retry' }).click();
  await visitor.panel.locator('.message.failed').waitFor({ state: 'detached' });
  assertNoComplaints(visitor);
});
