import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { launchBrowser } from '../support/browser.ts';
import { call } from '../support/call.ts';
import { writeLongHistory } from '../support/long-history.ts';
import { startServer } from '../support/server.ts';
import { tempDir } from '../support/temp-dir.ts';
import { AgentPage, assertNoComplaints, stampOf, VisitorPage } from './people.ts';

/** The badge on the closed widget; undefined for none. */
const badge = async (tab: VisitorPage, count: number | undefined): Promise<void> => {
  const shown = tab.launcher.locator('.badge');
  if (count === undefined) await shown.waitFor({ state: 'detached' });
  else await shown.filter({ hasText: String(count) }).waitFor();
};

/** What an agent's tab says of itself in the browser's bar. */
const title = async (page: Page, count: number): Promise<void> => {
  await page.waitForFunction((wanted) => (/^\((\d+)\)/.exec(document.title)?.[1] ?? '0') === wanted, String(count));
};

test('[CL-10] unread counts agree in every tab and for every agent, also after the server was away', async (t) => {
  const browser = await launchBrowser(t);
  if (!browser) return;
  const server = await startServer(t);
  const camille = await AgentPage.setUp(browser, server);
  const bruno = { email: 'bruno@loriot.example', password: 'a long password' };
  await call(server, 'POST', '/agents', { ...bruno, name: 'Bruno', role: 'agent' });
  const other = await browser.newContext({ locale: 'en-GB' });
  const brunos = new AgentPage(await other.newPage());
  await brunos.page.goto(`${server.url}/console`);
  await brunos.page.locator('[name=email]').fill(bruno.email);
  await brunos.page.locator('[name=password]').fill(bruno.password);
  await brunos.page.locator('button[type=submit]').click();
  await brunos.connected();

  const visitor = await VisitorPage.open(browser, server.url);
  await visitor.openPanel();
  await visitor.say('one');
  await visitor.say('two');
  await stampOf(visitor.message('two'), 'delivered').waitFor();
  for (const { page } of [camille, brunos]) await title(page, 2);

  // Camille reads, on one of two tabs; Bruno has not.
  const second = new AgentPage(await camille.page.context().newPage());
  await second.page.goto(`${server.url}/console`);
  await second.connected();
  await title(second.page, 2);
  await second.page.bringToFront();
  await second.openConversation('two');
  await stampOf(visitor.message('two'), 'read').waitFor();
  for (const { page } of [camille, second]) await title(page, 0);
  await title(brunos.page, 2);

  // The visitor looks elsewhere, with two tabs open; the server is away while nobody can be told.
  const tab = new VisitorPage(await visitor.page.context().newPage());
  await tab.page.goto(`${server.url}/demo`);
  await tab.launcher.waitFor();
  await visitor.launcher.click();
  for (let i = 1; i <= 3; i++) await second.say(`answer ${i}`);
  for (const each of [visitor, tab]) await badge(each, 3);
  await server.kill9();
  await second.say('answer 4');
  await server.restart();
  for (const each of [visitor, tab]) await badge(each, 4);
  await title(brunos.page, 2);
  for (const { page } of [camille, second]) await title(page, 0);

  await tab.page.bringToFront();
  await tab.openPanel();
  await tab.message('answer 4').waitFor();
  await stampOf(second.message('answer 4'), 'read').waitFor();
  await badge(visitor, undefined);
  const third = new VisitorPage(await visitor.page.context().newPage());
  await third.page.goto(`${server.url}/demo`);
  await third.launcher.waitFor();
  await badge(third, undefined);
  // Every device says the same of what was said.
  await third.openPanel();
  await stampOf(third.message('two'), 'read').waitFor();
  assertNoComplaints(camille, visitor);
});

test('[CL-10] what is unread is the same number however far a list was scrolled', async (t) => {
  const browser = await launchBrowser(t);
  if (!browser) return;
  const dataDir = tempDir(t);
  await writeLongHistory(dataDir, { conversations: 120, messages: 4 });
  const server = await startServer(t, { dataDir });
  const agent = await AgentPage.setUp(browser, server);
  // One of each visitor, and of the newest conversation two: the list shows fifty at first, and none to who looks at their own.
  await title(agent.page, 121);
  const own = new AgentPage(await agent.page.context().newPage());
  await own.page.goto(`${server.url}/console#/?who=me`);
  await title(own.page, 121);
  assertNoComplaints(agent);
});
