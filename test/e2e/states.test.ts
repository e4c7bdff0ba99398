import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { assertNoComplaints, openCounter, stampOf } from './people.ts';

type Frame = { type: string; ref?: string; content?: string; [field: string]: unknown };

/** Stands between a page and the server, and answers some posts in the server's place. Must be set before loading. */
const answerPosts = (page: Page, answer: (post: Frame) => Frame | undefined): Promise<void> =>
  page.routeWebSocket(/socket/, (near) => {
    const far = near.connectToServer();
    near.onMessage((text) => {
      const frame = JSON.parse(String(text)) as Frame;
      const reply = frame.type === 'post' ? answer(frame) : undefined;
      if (reply) near.send(JSON.stringify(reply));
      else far.send(text);
    });
  });

test('what a message is called is what the server has said of it', async (t) => {
  const counter = await openCounter(t);
  if (counter === undefined) return;
  const { agent, visitor } = counter;
  await visitor.say('hello');
  await stampOf(visitor.message('hello'), 'stored')
    .or(stampOf(visitor.message('hello'), 'delivered'))
    .waitFor();

  let refuse = true;
  let held = false;
  await answerPosts(visitor.page, (post) => {
    if (post.content === 'refused' && refuse) {
      return { type: 'error', ref: post.ref!, code: 'invalid', title: '', retry: 'never' };
    }
    if (post.content !== 'in memory' || held) return undefined;
    held = true;
    const { ref, id, conversationId, content } = post;
    const createdAt = new Date().toISOString();
    const sender = { senderId: 'me', senderType: 'USER', kind: 'message' };
    const message = { id, conversationId, seq: 99, content, createdAt, durable: false, ...sender };
    return { type: 'posted', ref: ref!, message, stored: { tier: 'memory', durable: false } };
  });
  await visitor.page.reload();
  await visitor.openPanel();
  await visitor.message('hello').waitFor();

  await t.test('refused: marked, kept with its text, sent again when asked to', async () => {
    await visitor.say('refused');
    await stampOf(visitor.message('refused'), 'failed').waitFor();
    await visitor.panel.getByText('The server does not accept this text.').waitFor();
    await visitor.page.reload();
    await visitor.openPanel();
    await stampOf(visitor.message('refused'), 'failed').waitFor();
    refuse = false;
    await visitor.panel.getByRole('button', { name: 'Retry' }).click();
    await visitor.panel.locator('.message.failed').waitFor({ state: 'detached' });
    await agent.openConversation('refused');
    assert.equal(await agent.message('refused').count(), 1);
  });

  await t.test('in memory only: said in words, and asked about until it is stored', async () => {
    await visitor.say('in memory');
    const message = visitor.message('in memory');
    await stampOf(message, 'unsaved').waitFor();
    assert.match(await message.innerText(), /not saved yet/);
    assert.match((await message.locator('.stamp').getAttribute('title')) ?? '', /Not saved yet/);
    // The page is closed before the server has stored it: the next one still has it, and sends it.
    assert.equal(await agent.message('in memory').count(), 0);
    await visitor.page.reload();
    await visitor.openPanel();
    await agent.message('in memory').waitFor();
    await stampOf(message, 'read').waitFor();
    assert.equal(await agent.message('in memory').count(), 1);
  });

  await t.test('every state says in words what it means', async () => {
    const stamps = visitor.panel.locator('.stamp svg');
    for (const stamp of await stamps.all()) assert.match((await stamp.getAttribute('aria-label')) ?? '', /\w{4}/);
    assert.ok((await stamps.count()) >= 3);
  });

  assertNoComplaints(agent, visitor);
});

test('a session that ends leaves nothing behind but what was being written', async (t) => {
  const counter = await openCounter(t);
  if (counter === undefined) return;
  const { server, agent, visitor } = counter;
  await visitor.say('hello');
  await agent.openConversation('hello');
  const { page } = agent;
  await page.locator('.composer textarea').fill('half a sentence');
  await page.context().clearCookies();
  await server.kill9();
  await server.restart();
  await page.getByText('Your session has ended').waitFor();
  assert.equal(await page.getByText('hello').count(), 0);
  await page.locator('[name=email]').fill('camille@loriot.example');
  await page.locator('[name=password]').fill('not the password');
  await page.locator('button[type=submit]').click();
  await page.getByText('do not go together').waitFor();
  await page.locator('[name=password]').fill('a long password');
  await page.locator('button[type=submit]').click();
  await agent.connected();
  assert.equal(await page.locator('.composer textarea').inputValue(), 'half a sentence');
  assertNoComplaints(agent, visitor);
});
