import assert from 'node:assert/strict';
import { test } from 'node:test';
import { launchBrowser } from '../support/browser.ts';
import { startServer } from '../support/server.ts';
import { AgentPage, acknowledgedStampOf, assertNoComplaints, stampOf, VisitorPage } from './people.ts';

test('visitor and agent converse live in two browsers', async (t) => {
  const browser = await launchBrowser(t);
  if (!browser) return;
  const server = await startServer(t);
  const agent = await AgentPage.setUp(browser, server);
  const visitor = await VisitorPage.open(browser, server.url);

  await t.test('the first message reaches the console by itself', async () => {
    await visitor.openPanel();
    await visitor.say('Are you open on Sunday?');
    await acknowledgedStampOf(visitor.message('Sunday')).waitFor();
    await agent.rows.filter({ hasText: 'Are you open on Sunday?' }).waitFor();
    assert.equal(await agent.page.locator('.row-count').innerText(), '1\n1 unread message');
    assert.equal(await agent.page.title(), '(1) Guichet');
  });

  await t.test('looking at it makes it read on the other side, and no longer unread on this one', async () => {
    await agent.openConversation('Are you open on Sunday?');
    await stampOf(visitor.message('Sunday'), 'read').waitFor();
    await agent.page.locator('.row-count').waitFor({ state: 'detached' });
    assert.equal(await agent.page.title(), 'Guichet');
  });

  await t.test('writing is seen while it happens', async () => {
    await agent.page.locator('.composer textarea').pressSequentially('We are');
    await visitor.panel.getByText('is writing').waitFor();
  });

  await t.test('the answer arrives, and is known to be read', async () => {
    await agent.say('We are, from ten to four. https://loriot.example/hours');
    await visitor.message('from ten to four').waitFor();
    await stampOf(agent.message('from ten to four'), 'read').waitFor();
    const link = visitor.message('from ten to four').locator('a');
    assert.equal(await link.getAttribute('href'), 'https://loriot.example/hours');
    assert.equal(await link.getAttribute('rel'), 'noopener noreferrer nofollow');
  });

  await t.test('a closed panel counts what it missed on the launcher', async () => {
    await visitor.page.keyboard.press('Escape');
    await visitor.panel.waitFor({ state: 'detached' });
    await agent.say('Ring the bell twice.');
    await visitor.page.locator('guichet-widget .badge').getByText('1').waitFor();
    await stampOf(agent.message('Ring the bell'), 'delivered').waitFor();
    await visitor.openPanel();
    await stampOf(agent.message('Ring the bell'), 'read').waitFor();
    await visitor.page.locator('guichet-widget .badge').waitFor({ state: 'detached' });
  });

  await t.test('text is text: markup is shown, never run', async () => {
    const hostile = '<img src=x onerror="document.title=1"> <script>1</script> \u202eevil & "quoted"';
    await visitor.say(hostile);
    await agent.message('onerror').waitFor();
    assert.equal(await agent.messages.last().innerText(), hostile);
    assert.equal(await agent.page.locator('.conversation img').count(), 0);
  });

  await t.test('assigning, snoozing, closing and reopening are seen at once', async () => {
    const { page } = agent;
    await page.getByRole('button', { name: 'Take it' }).click();
    await page.locator('.event', { hasText: 'You took the conversation' }).waitFor();
    await page.getByRole('button', { name: 'Mine' }).click();
    await agent.rows.first().waitFor();
    await page.locator('.actions').getByRole('button', { name: 'Close' }).click();
    await agent.rows.first().waitFor({ state: 'detached' });
    await visitor.panel.getByText('This conversation is closed').waitFor();
    await visitor.say('One more thing');
    await agent.rows.filter({ hasText: 'One more thing' }).waitFor();
    await page.locator('.event', { hasText: 'Reopened by a new message' }).waitFor();
  });

  await t.test('a removed text is gone on both sides, in place', async () => {
    await agent.message('Ring the bell').hover();
    await agent.message('Ring the bell').getByRole('button', { name: 'Remove the text' }).click();
    await agent.page.getByRole('button', { name: 'Remove it' }).click();
    await visitor.panel.getByText('This message was removed').waitFor();
    assert.equal(await visitor.messages.filter({ hasText: 'Ring the bell' }).count(), 0);
    assert.equal(await agent.messages.filter({ hasText: 'Ring the bell' }).count(), 0);
  });

  await t.test('after a reload the visitor finds the conversation again', async () => {
    await visitor.page.reload();
    await visitor.openPanel();
    await visitor.message('One more thing').waitFor();
    assert.equal(await visitor.messages.first().innerText(), 'Are you open on Sunday?');
  });

  assertNoComplaints(agent, visitor);
});
