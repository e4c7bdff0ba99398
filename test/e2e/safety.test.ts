import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeOf } from '../../src/lib/one-time-codes.ts';
import { AgentPage, assertNoComplaints, openConversation } from './people.ts';

test('an agent looks after the account, and after who comes in and what is kept', async (t) => {
  const people = await openConversation(t);
  if (!people) return;
  const { browser, server, agent, visitor } = people;
  const { page } = agent;
  const conversation = page.url();
  const section = (title: string) => page.locator('section.form', { has: page.getByRole('heading', { name: title }) });
  let recovery = '';

  await t.test('a second factor is switched on with a code of the app', async () => {
    await page.goto(`${server.url}/console#/account`);
    const factor = section('Second factor');
    await factor.getByLabel('Your password').fill('a long password');
    await factor.getByRole('button', { name: 'Switch it on' }).click();
    await factor.getByRole('img', { name: 'QR code' }).waitFor();
    const secret = (await factor.locator('.once').innerText()).replaceAll(' ', '');
    await factor.getByLabel('Code of the app').fill('000000');
    await factor.getByRole('button', { name: 'Confirm' }).click();
    await factor.locator('.problem', { hasText: /./ }).waitFor();
    await factor.getByLabel('Code of the app').fill(await codeOf(secret));
    await factor.getByRole('button', { name: 'Confirm' }).click();
    await factor.getByText('recovery codes left').waitFor();
    recovery = (await factor.locator('.once').innerText()).split('\n')[0]!;
  });

  await t.test('a password alone lets nobody in then; who is let in can be put out from elsewhere', async () => {
    const other = await AgentPage.atTheDoor(browser, server, 'camille@loriot.example', 'a long password');
    await other.page.locator('[name=code]').fill(recovery);
    await other.page.locator('button[type=submit]').click();
    await other.connected();
    await page.reload();
    const sessions = section('Where you are signed in');
    await sessions.locator('.entry').nth(1).waitFor();
    await sessions.locator('.entry').getByRole('button', { name: 'Sign out', exact: true }).click();
    await other.page.locator('[name=password]').waitFor();
    await sessions.locator('.entry').nth(1).waitFor({ state: 'detached' });
    assert.equal(await sessions.locator('.entry').count(), 1);
    assertNoComplaints(other);
  });

  await t.test('a key of a program is shown once, works, and ends when it is revoked', async () => {
    const keys = section('API keys');
    await keys.getByLabel('What it is for').fill('Cash desk');
    await keys.getByRole('button', { name: 'Make a key' }).click();
    const key = await keys.locator('.once').innerText();
    const ask = async (): Promise<number> =>
      (await fetch(`${server.url}/api/v1/conversations`, { headers: { authorization: `Bearer ${key}` } })).status;
    assert.equal(await ask(), 200);
    await page.reload();
    await keys.locator('.entry', { hasText: 'Cash desk' }).waitFor();
    assert.ok(!(await page.content()).includes(key), 'shown once');
    await keys.getByRole('button', { name: 'Revoke' }).click();
    await keys.getByText('None.').waitFor();
    assert.equal(await ask(), 401);
  });

  await t.test('a visitor is blocked, let in again, and erased once that was confirmed', async () => {
    const token = await visitor.token();
    await page.goto(conversation);
    const privacy = page.locator('.privacy');
    await privacy.locator('summary').click();
    await privacy.getByRole('button', { name: 'Block this visitor' }).click();
    await privacy.getByText('Done.').waitFor();
    const ask = async (): Promise<number> =>
      (await fetch(`${server.url}/api/v1/conversations`, { headers: { authorization: `Bearer ${token}` } })).status;
    assert.equal(await ask(), 403);
    await privacy.getByRole('button', { name: 'Let this visitor in again' }).click();
    await privacy.getByRole('button', { name: 'Block this visitor' }).waitFor();
    assert.equal(await ask(), 200);
    const erase = async (answer: 'Cancel' | 'Erase'): Promise<void> => {
      await privacy.getByRole('button', { name: 'Erase this visitor' }).click();
      await page.locator('dialog[open]').getByRole('button', { name: answer, exact: true }).click();
      await page.locator('dialog[open]').waitFor({ state: 'detached' });
    };
    await erase('Cancel');
    assert.deepEqual(await agent.messages.allInnerTexts(), ['before', 'heard']);
    await erase('Erase');
    await page.locator('.conversation .text.redacted').first().waitFor();
    assert.equal(await agent.message('before').count(), 0);
  });

  await t.test('who did what is there to be read, and addresses can be kept out', async () => {
    await page.goto(`${server.url}/console#/settings/security`);
    const audit = section('Who did what');
    for (const deed of [
      'erased a visitor',
      'blocked a visitor',
      'revoked an API key',
      'switched the second factor on',
    ]) {
      await audit.locator('.entry', { hasText: deed }).waitFor();
    }
    const blocks = section('Blocked addresses');
    await blocks.getByLabel('IP address').fill('192.0.2.7');
    await blocks.getByRole('button', { name: 'Block' }).click();
    await blocks.locator('.entry', { hasText: '192.0.2.7' }).getByRole('button', { name: 'Let in again' }).click();
    await blocks.getByText('None.').waitFor();
  });

  await t.test(
    'what the server has not said is not shown as if it were so, and is asked for until it has',
    async () => {
      let isAway = true;
      await page.route(/retention|blocked-addresses/, (route) => (isAway ? route.abort() : route.continue()));
      await page.goto(`${server.url}/console#/`);
      await page.goto(`${server.url}/console#/settings/security`);
      await section('Blocked addresses').getByText('Loading').waitFor();
      await section('How long contents are kept').getByText('Loading').waitFor();
      assert.equal(await page.getByText('None.').count(), 0);
      assert.equal(await page.getByRole('radio').count(), 0, 'nothing that would be kept in place of what is set');
      isAway = false;
      await section('Blocked addresses').getByText('None.').waitFor();
      await section('How long contents are kept').getByLabel('Keep for ever').waitFor();
    },
  );

  assertNoComplaints(agent);
});
