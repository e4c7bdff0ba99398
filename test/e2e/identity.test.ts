import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { launchBrowser } from '../support/browser.ts';
import { IDENTITY_SECRET, secondsFromNow, signIdentity } from '../support/identity.ts';
import { startServer } from '../support/server.ts';
import { until } from '../support/until.ts';
import { AgentPage, acknowledgedStampOf, assertNoComplaints, VisitorPage } from './people.ts';

/** A token with a few seconds left: a minute of leeway is for the clocks of two machines. */
const shortToken = (sub: string): string =>
  signIdentity({ sub, name: `Person ${sub}`, iat: secondsFromNow(-100), exp: secondsFromNow(-54) });

/** A shop that signs for whoever `?as=` names: in the page, and again whenever the widget asks. */
const openShop = async (t: TestContext, chat: () => string) => {
  const shop = { url: '', asked: 0 };
  const site = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://shop');
    const sub = searchParams.get('as') ?? '';
    if (pathname === '/chat-token') {
      shop.asked += 1;
      response.end(shortToken(sub));
      return;
    }
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    response.end(`<!doctype html><html lang="en"><title>Shop</title><body>
      <script>
        window.guichet = [['identify', {
          renewIdentityToken: () => fetch('/chat-token?as=${sub}').then((answer) => answer.text()),
        }]];
      </script>
      <script src="${chat()}/widget.js" data-identity-token="${shortToken(sub)}" async></script>`);
  });
  site.listen(0, '127.0.0.1');
  await once(site, 'listening');
  t.after(() => site.close());
  shop.url = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
  return shop;
};

test('[AC-14] a site vouches for its visitor again and again, and nothing is lost in between', async (t) => {
  const browser = await launchBrowser(t);
  if (!browser) return;
  let chat = '';
  const shop = await openShop(t, () => chat);
  const server = await startServer(t, {
    env: { IDENTITY_SECRET },
    flags: ['--require-identity', `--allowed-origins=${shop.url}`],
  });
  chat = server.url;
  const agent = await AgentPage.setUp(browser, server);
  const context = await browser.newContext({ viewport: { width: 1000, height: 700 }, reducedMotion: 'reduce' });
  t.after(() => context.close());
  context.setDefaultTimeout(90_000);
  const visitor = new VisitorPage(await context.newPage());

  await t.test('tokens end in the middle of a conversation, and new ones take their place', async () => {
    await visitor.page.goto(`${shop.url}/?as=u-1`);
    await visitor.openPanel();
    await visitor.say('message 1');
    await agent.openConversation('message 1');
    for (const number of [2, 3]) {
      const before = shop.asked;
      await until(() => shop.asked > before);
      await visitor.say(`message ${number}`);
      await agent.say(`answer ${number}`);
    }
    const all = ['message 1', 'message 2', 'answer 2', 'message 3', 'answer 3'];
    for (const text of all) await visitor.message(text).waitFor();
    for (const text of all.filter((each) => each.startsWith('m'))) {
      await acknowledgedStampOf(visitor.message(text)).waitFor();
    }
    for (const text of all) await agent.message(text).waitFor();
    assert.equal(await visitor.messages.count(), all.length);
    assert.equal(await agent.messages.count(), all.length);
    assert.equal(await agent.rows.count(), 1, 'one person, one conversation');
  });

  await t.test('after a reload the conversation is there, whatever became of the token', async () => {
    await visitor.page.reload();
    await visitor.openPanel();
    await visitor.message('answer 3').waitFor();
  });

  await t.test('somebody else at the same browser finds nothing of it, and it is there for its owner', async () => {
    await visitor.panel.locator('textarea').fill('a draft of the first');
    await visitor.page.goto(`${shop.url}/?as=u-2`);
    await visitor.openPanel();
    assert.equal(await visitor.panel.locator('textarea').inputValue(), '');
    await visitor.say('message of another');
    await agent.rows.filter({ hasText: 'message of another' }).waitFor();
    assert.deepEqual(await visitor.messages.allInnerTexts(), ['message of another']);
    await visitor.page.goto(`${shop.url}/?as=u-1`);
    await visitor.openPanel();
    await visitor.message('answer 3').waitFor();
    assert.equal(await visitor.panel.locator('textarea').inputValue(), 'a draft of the first');
    assert.equal(await visitor.message('message of another').count(), 0);
  });
  assertNoComplaints(agent);
});
