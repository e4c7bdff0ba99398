import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from '../support/browser.ts';
import { pngOf } from '../support/pictures.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { undoAfter } from '../support/undo-after.ts';

/** The lines that docs/widget.md tells owners to add, and nothing else. */
const policyFor = (chat: string): string =>
  [
    "default-src 'none'",
    `script-src 'nonce-host' ${chat}`,
    "style-src 'nonce-host'",
    `connect-src ${chat} ${chat.replace('http', 'ws')}`,
  ].join('; ');

/** A page that is as unkind as pages get: it unsets every style, covers everything, and bends what scripts stand on. */
const UNKIND = `
  <style nonce="host">
    * { all: unset !important; font: 40px serif !important; letter-spacing: 1em !important; }
    #cover { position: fixed !important; inset: 0 !important; z-index: 2147483647 !important; background: #fff !important; }
  </style>
  <script nonce="host">
    Array.prototype.toJSON = function () { return 'an old library'; };
    Object.prototype.toJSON = function () { return 'another'; };
    Object.prototype.extend = function () {};
    Array.prototype.first = function () { return this[0]; };
    window.heard = [];
    window.onerror = function (what) { heard.push('error ' + what); return true; };
    window.guichet = [];
    guichet.push(['identify', { name: 'Ada Marsh', attributes: { plan: 'Gold' } }]);
    guichet.push(['on', 'message', function (message) { heard.push(message.content); }]);
    guichet.push(['nonsense'], ['open']);
  </script>`;

/** Another site that embeds the widget, with headers and content of its own. */
const hostPage = async (
  t: TestContext,
  browser: Browser,
  content: (chat: string) => { policy?: string; head: string },
): Promise<{ page: Page; server: TestServer; complaints: string[] }> => {
  let chat = '';
  const site = createServer((_request, response) => {
    const { policy, head } = content(chat);
    response.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      ...(policy && { 'content-security-policy': policy }),
    });
    response.end(
      `<!doctype html><html lang="en"><head><title>Shop</title>${head}
       <script src="${chat}/widget.js" async></script></head>
       <body><div id="cover"></div><p>Shop</p></body></html>`,
    );
  });
  await new Promise<void>((resolved) => site.listen(0, '127.0.0.1', resolved));
  undoAfter(t, () => {
    site.closeAllConnections();
    site.close();
  });
  const origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
  const server = await startServer(t, { flags: [`--allowed-origins=${origin}`] });
  chat = server.url;
  const context = await browser.newContext({ locale: 'en-GB', reducedMotion: 'reduce' });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.goto(origin);
  return { page, server, complaints };
};

const asAdmin = async (server: TestServer, method: string, path: string, body?: unknown) => {
  const response = await fetch(`${server.url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${server.adminToken}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  // biome-ignore lint/suspicious/noExplicitAny: one field of an answer is looked at
  return (await response.json()) as any;
};

test('on the unkindest page, under the strictest policy, the widget looks and works as everywhere', async (t) => {
  const browser = await launchBrowser(t);
  if (!browser) return;
  const { page, server, complaints } = await hostPage(t, browser, (chat) => ({
    policy: policyFor(chat),
    head: UNKIND,
  }));
  const panel = page.locator('guichet-widget .panel');

  await t.test('what was asked of it before it was there is done when it is', async () => {
    await panel.waitFor();
    assert.equal(complaints.filter((text) => /nonsense/.test(text)).length, 1);
  });

  await t.test('neither styles nor covers of the page reach it', async () => {
    const field = panel.locator('textarea');
    const style = await field.evaluate((element) => {
      const { fontSize, letterSpacing } = getComputedStyle(element);
      const { width, height } = element.closest('.panel')!.getBoundingClientRect();
      return { fontSize, letterSpacing, width, height: height > 300 };
    });
    assert.deepEqual(style, { fontSize: '14px', letterSpacing: 'normal', width: 380, height: true });
    // Fails when something lies over it.
    await field.click();
  });

  await t.test('text and images go out, answers come in, and the page hears of them', async () => {
    const buffer = Buffer.from(pngOf(40, 40, [0, 120, 60]));
    await panel.locator('.picker').setInputFiles([{ name: 'leaf.png', mimeType: 'image/png', buffer }]);
    await panel.locator('textarea').fill('Is this one of yours?');
    await panel.locator('textarea').press('Enter');
    await panel.locator('.stamp.stored').waitFor();
    await panel.locator('.picture canvas.drawn').waitFor();
    const { conversations } = await asAdmin(server, 'GET', '/conversations');
    const [{ id, contact }] = conversations;
    assert.deepEqual([contact.name, contact.attributes], ['Ada Marsh', { plan: 'Gold' }]);
    await asAdmin(server, 'POST', `/conversations/${id}/messages`, { content: 'It is.' });
    await panel.getByText('It is.', { exact: true }).waitFor();
    await page.waitForFunction('heard.length > 0');
    assert.deepEqual(await page.evaluate('heard'), ['It is.']);
  });

  await t.test('it closes, opens and says more of its visitor when it is told to', async () => {
    await page.evaluate('guichet.close()');
    await panel.waitFor({ state: 'detached' });
    await page.evaluate("guichet.identify({ email: 'ada@example.org' })");
    const { conversations } = await asAdmin(server, 'GET', '/conversations');
    assert.equal(conversations[0].contact.email, 'ada@example.org');
    await page.evaluate('guichet.open()');
    await panel.waitFor();
  });

  assert.deepEqual(
    complaints.filter((text) => !/nonsense/.test(text)),
    [],
  );
});

test('who must say who they are does so first; closed hours are told; a closed conversation is rated', async (t) => {
  const browser = await launchBrowser(t);
  if (!browser) return;
  const { page, server, complaints } = await hostPage(t, browser, () => ({ head: '' }));
  const closed = Array.from({ length: 7 }, () => [{ from: '00:00', to: '00:01' }]);
  await asAdmin(server, 'PUT', '/settings', {
    ...{ teamName: 'Maison Loriot', greeting: 'Hello.', accent: null },
    preChat: { name: 'optional', email: 'required' },
    texts: { en: { greeting: 'Good morning.', away: 'We sleep.', preChat: 'So that we can answer you:' } },
    workingHours: { timezone: 'Pacific/Kiritimati', days: closed },
    rating: true,
    position: 'left',
  });
  await page.reload();
  await page.locator('guichet-widget .widget.left .launcher').click();
  const panel = page.locator('guichet-widget .panel');

  await t.test('the texts of the owner, and when it opens again', async () => {
    for (const text of ['Good morning.', 'We sleep.', /The counter opens again/, 'So that we can answer you:']) {
      await panel.getByText(text).waitFor();
    }
  });

  await t.test('nothing is sent, and nothing lost, before what is required is there', async () => {
    const field = panel.locator('textarea');
    await field.fill('Do you repair bindings?');
    await field.press('Enter');
    assert.equal(await field.inputValue(), 'Do you repair bindings?');
    assert.equal(await panel.locator('.message').count(), 0);
    await panel.locator('input[name=email]').fill('lucie@example.org');
    await field.press('Enter');
    await panel.locator('.stamp.stored').waitFor();
  });

  await t.test('the answer bears the name of who answers, and the end asks how it was', async () => {
    const { conversations } = await asAdmin(server, 'GET', '/conversations');
    const [{ id, contact }] = conversations;
    assert.equal(contact.email, 'lucie@example.org');
    const { agent } = await asAdmin(server, 'POST', '/agents', {
      ...{ email: 'camille@loriot.example', name: 'Camille Roche', password: 'a long password' },
    });
    await asAdmin(server, 'PATCH', `/conversations/${id}`, { agentId: agent.id });
    await asAdmin(server, 'POST', `/conversations/${id}/messages`, { content: 'For life.' });
    await panel.locator('h2').getByText('Camille Roche').waitFor();
    await asAdmin(server, 'PATCH', `/conversations/${id}`, { status: 'CLOSED' });
    await panel.getByRole('radio', { name: '4 of 5' }).check();
    await panel.getByRole('textbox', { name: /What would you like to say/ }).fill('Quick.');
    await panel.locator('.rating').getByRole('button', { name: 'Send' }).click();
    await panel.getByText('Thank you for telling us.').waitFor();
    const { conversation } = await asAdmin(server, 'GET', `/conversations/${id}`);
    assert.deepEqual([conversation.rating.score, conversation.rating.comment], [4, 'Quick.']);
  });

  await t.test('at 320 pixels nothing is cut off or has to be scrolled sideways', async () => {
    await page.setViewportSize({ width: 320, height: 568 });
    const wide = await panel.evaluate((element) =>
      [element, ...element.querySelectorAll('*')]
        .filter(
          (each) => !each.closest('.hidden, svg, .messages') && each.getBoundingClientRect().right > innerWidth + 1,
        )
        .map((each) => each.className),
    );
    assert.deepEqual(wide, []);
    assert.equal(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), true);
  });

  assert.deepEqual(complaints, []);
});
