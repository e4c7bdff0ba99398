import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { launchBrowser } from '../support/browser.ts';
import { startServer } from '../support/server.ts';
import { AgentPage, acknowledgedStampOf, assertNoComplaints, stampOf, VisitorPage } from './people.ts';

/** Somebody else's site, with a strict policy and styles that would ruin anything they reached. */
const openSite = async (t: TestContext, page: (site: string) => { policy: string; html: string }): Promise<string> => {
  const site = createServer((_request, response) => {
    const { policy, html } = page(url);
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy });
    response.end(html);
  });
  site.listen(0, '127.0.0.1');
  await once(site, 'listening');
  t.after(() => site.close());
  const url = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
  return url;
};

test('the widget works on another site, under a strict policy, untouched by its styles', async (t) => {
  const browser = await launchBrowser(t);
  if (!browser) return;
  let chat = '';
  const site = await openSite(t, () => ({
    policy: `default-src 'none'; script-src ${chat}; connect-src ${chat} ${chat.replace('http', 'ws')}; style-src 'sha256-none' 'self'`,
    html: `<!doctype html><html lang="fr"><title>Ailleurs</title><body>
      <h1>Ailleurs</h1><script src="${chat}/widget.js" data-locale="fr" data-accent="#ffe14d" data-position="left" async></script>`,
  }));
  const server = await startServer(t, { flags: [`--allowed-origins=${site}`] });
  chat = server.url;
  const agent = await AgentPage.setUp(browser, server);

  const context = await browser.newContext({ viewport: { width: 1000, height: 700 }, reducedMotion: 'reduce' });
  t.after(() => context.close());
  const visitor = new VisitorPage(await context.newPage());
  const refused: string[] = [];
  visitor.page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('favicon')) refused.push(message.text());
  });
  await visitor.page.goto(site);
  // What a hostile style sheet of the page would do, without asking its policy.
  await visitor.page.evaluate(`
    const sheet = new CSSStyleSheet();
    sheet.replaceSync('* { color: lime !important; font-size: 40px !important } div, button { display: none }');
    document.adoptedStyleSheets = [sheet];
  `);
  await visitor.openPanel();
  await visitor.say('Bonjour d’ailleurs');
  await acknowledgedStampOf(visitor.message('Bonjour')).waitFor();
  await agent.openConversation('Bonjour d’ailleurs');
  await agent.say('Bonjour d’ici');
  await visitor.message('Bonjour d’ici').waitFor();

  const text = visitor.message('Bonjour d’ici').locator('.text');
  assert.equal(await text.evaluate((element) => getComputedStyle(element).fontSize), '14px');
  const box = await visitor.launcher.boundingBox();
  assert.ok(box && box.x < 100, 'on the left, as asked');
  const stamp = await visitor
    .message('Bonjour d’ailleurs')
    .locator('.stamp')
    .evaluate((element) => getComputedStyle(element).color);
  assert.notEqual(stamp, 'rgb(255, 225, 77)', 'an accent that cannot be read is corrected');
  assert.deepEqual(refused, []);
  assertNoComplaints(agent);
});

test('where no socket can be had, messages come by polling', async (t) => {
  const browser = await launchBrowser(t);
  if (!browser) return;
  const server = await startServer(t);
  const agent = await AgentPage.setUp(browser, server);
  const visitor = await VisitorPage.open(browser, server.url);
  // A proxy that does not know WebSocket.
  await visitor.page.context().routeWebSocket(/socket/, (socket) => socket.close());
  await visitor.page.reload();
  await visitor.openPanel();
  await visitor.say('Does this get through?');
  await acknowledgedStampOf(visitor.message('get through')).waitFor();
  await agent.openConversation('get through');
  await agent.say('It does.');
  await visitor.message('It does.').waitFor();
  await visitor.panel.getByText('Slow connection').waitFor();
  await stampOf(visitor.message('get through'), 'read').waitFor();
  await stampOf(agent.message('It does.'), 'read').waitFor();
  assertNoComplaints(agent, visitor);
});
