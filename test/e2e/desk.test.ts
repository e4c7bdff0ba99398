import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { launchBrowser } from '../support/browser.ts';
import { call } from '../support/call.ts';
import { startServer } from '../support/server.ts';
import { AgentPage, assertNoComplaints, VisitorPage } from './people.ts';

const EMAIL = 'noor@loriot.example';
const PASSWORD = 'the paper is patient';

/** Stands between a page and the server's news: while it is deaf the page hears answers to its own calls and no more. */
const standBetween = async (page: Page) => {
  const ear = { deaf: false, reconnect: async (): Promise<void> => {} };
  await page.routeWebSocket(/socket/, (near) => {
    const far = near.connectToServer();
    ear.reconnect = () => near.close();
    far.onMessage((text) => {
      const { type } = JSON.parse(String(text)) as { type: string };
      if (!ear.deaf || ['posted', 'error', 'pong'].includes(type)) near.send(text);
    });
  });
  return ear;
};

/** Two agents and a visitor, in three browsers, through a day at the counter. */
test('a day at the counter: nobody answers past anybody, and what was done can be undone', async (t) => {
  const browser = await launchBrowser(t);
  if (!browser) return;
  const server = await startServer(t);
  const camille = await AgentPage.setUp(browser, server);
  await call(server, 'POST', '/agents', { email: EMAIL, name: 'Noor Haddad', password: PASSWORD });
  await call(server, 'PUT', '/canned-replies/hours', {
    shortcut: 'hours',
    content: 'Good day {{name}}, we open at ten. {{agent}}',
  });
  const noor = await AgentPage.signIn(browser, server, EMAIL, PASSWORD);
  const visitor = await VisitorPage.open(browser, server.url);
  await visitor.openPanel();
  await visitor.say('When do you open?');
  await camille.openConversation('When do you open?');
  await noor.openConversation('When do you open?');
  const { page } = camille;
  const ear = await standBetween(page);
  await page.reload();
  await camille.message('When do you open?').waitFor();
  const field = page.locator('.composer textarea');

  await t.test('what is refused as stale is shown and asked about, and sent only when that is wished', async () => {
    // Her connection is silently dead: nothing new reaches this page, yet what she writes still goes out.
    ear.deaf = true;
    await noor.say('At nine today.');
    await visitor.message('At nine today.').waitFor();
    await field.fill('At ten.');
    await field.press('Enter');
    const dialog = page.locator('dialog[open]', { hasText: 'Somebody has written since' });
    await dialog.waitFor();
    assert.match((await dialog.locator('.missed').innerText()).replace(/\s+/g, ' '), /Noor Haddad At nine today\./);
    await dialog.getByRole('button', { name: 'Go on writing' }).click();
    assert.equal(await field.inputValue(), 'At ten.', 'the text is back where it was written');
    assert.deepEqual(await visitor.messages.allInnerTexts(), ['When do you open?', 'At nine today.']);
    ear.deaf = false;
    await ear.reconnect();
    await camille.message('At nine today.').waitFor();
    await field.fill('From tomorrow at ten.');
    await field.press('Enter');
    await visitor.message('From tomorrow at ten.').waitFor();
  });

  await t.test('canned replies are filled in; drafts stay with their conversation', async () => {
    await field.fill('');
    await field.pressSequentially('/ho');
    await page.locator('.suggestion', { hasText: '/hours' }).waitFor();
    await field.press('Enter');
    assert.match(await field.inputValue(), /^Good day .+, we open at ten\. Camille Roche$/);
    await page.reload();
    await camille.connected();
    assert.match(await field.inputValue(), /^Good day/);
    await page.locator('.row-draft').waitFor();
    await field.press('Enter');
    await visitor.message('we open at ten').waitFor();
  });

  await t.test('a note names a colleague, who finds it', async () => {
    await noor.page.goto(`${server.url}/console#/`);
    await page.locator('.composer [data-kind=note]').click();
    await field.pressSequentially('@no');
    await page.locator('.suggestion', { hasText: 'Noor Haddad' }).click();
    await field.pressSequentially('is that so?');
    await field.press('Enter');
    await noor.page.locator('.row-mention').waitFor();
    await noor.page.getByRole('button', { name: /Notes that name me/ }).click();
    await noor.rows.first().click();
    await noor.page.locator('.message.note', { hasText: '@Noor Haddad is that so?' }).waitFor();
    await noor.page.locator('.row-mention').waitFor({ state: 'detached' });
  });

  await t.test('labels are made on the way and are a view with an address', async () => {
    await page.locator('[data-menu=labels]').click();
    await page.locator('.menu .input').fill('Opening hours');
    await page.locator('.menu .input').press('Enter');
    await page.locator('.menu input[type=checkbox]:checked').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('.row .label-dots').waitFor();
    await noor.page.getByRole('button', { name: 'All', exact: true }).click();
    await noor.page.getByLabel('Labels', { exact: true }).first().selectOption({ label: 'Opening hours' });
    assert.match(noor.page.url(), /label=Opening\+hours/);
    assert.equal(await noor.rows.count(), 1);
  });

  await t.test('closing and assigning can be taken back, by button and by key', async () => {
    await page.locator('.actions').getByRole('button', { name: 'Close' }).click();
    await page.locator('.notice', { hasText: 'closed' }).getByRole('button', { name: 'Undo' }).click();
    await page.locator('.actions').getByRole('button', { name: 'Close' }).waitFor();
    await page.locator('.conversation .scroller').focus();
    await page.keyboard.press('a');
    await page.locator('.notice', { hasText: 'Assigned to you' }).waitFor();
    await page.keyboard.press('z');
    await page.getByRole('button', { name: 'Take it' }).waitFor();
    await page.keyboard.press('?');
    await page.locator('dialog[open]', { hasText: 'Previous conversation' }).waitFor();
    await page.keyboard.press('Escape');
  });

  await t.test('a rating of the visitor is seen beside the conversation', async () => {
    await page.locator('.conversation .scroller').focus();
    await page.keyboard.press('e');
    await page.locator('.actions').getByRole('button', { name: 'Reopen' }).waitFor();
    const token = await visitor.token();
    const id = decodeURIComponent(new URL(page.url()).hash.slice(4).split('?')[0]!);
    const response = await fetch(`${server.url}/api/v1/conversations/${id}/rating`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ score: 4, comment: 'Quick and kind' }),
    });
    assert.equal(response.status, 200);
    await page.locator('.details .score[aria-label="4 out of 5"]').waitFor();
    await page.locator('.details', { hasText: 'Quick and kind' }).waitFor();
  });

  await t.test('a search finds a conversation by the name of its visitor, whatever has become of it', async () => {
    const { body } = await call<{ token: string }>(server, 'POST', '/visitors', { name: 'Ada Byron' });
    const asAda = { url: server.url, adminToken: body.token };
    const begun = await call<{ conversation: { id: string } }>(asAda, 'POST', '/conversations', {
      message: { id: 'of-ada', content: 'a question that was answered' },
    });
    await call(server, 'PATCH', `/conversations/${begun.body.conversation.id}`, { status: 'CLOSED' });
    await noor.page.goto(`${server.url}/console#/?status=SNOOZED`);
    await noor.page.reload();
    await noor.page.locator('.search-field').fill('byron');
    await noor.rows.filter({ hasText: 'a question that was answered' }).waitFor();
    await noor.page.getByRole('button', { name: 'Snoozed', exact: true }).click();
    await noor.rows.first().waitFor({ state: 'detached' });
    assert.equal(await noor.page.locator('.search-field').inputValue(), '');
  });

  assertNoComplaints(camille, noor, visitor);
});
