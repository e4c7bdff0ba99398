import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { call } from '../support/call.ts';
import { AgentPage, assertNoComplaints, openConversation } from './people.ts';

/** What a page called its agent by, in the place of what the system would show and play. */
interface Calls {
  notes: string[];
  tones: number;
  click: () => void;
}

/** In the page: notifications and tones are counted, shown and played to nobody. */
const countCalls = (): void => {
  const calls: Calls = { notes: [], tones: 0, click: () => {} };
  const param = { value: 0, setValueAtTime() {}, exponentialRampToValueAtTime() {} };
  const node = () => ({ frequency: param, gain: param, connect: () => node(), start() {}, stop() {} });
  class CountedNotification {
    static permission = 'granted';
    static requestPermission = async () => 'granted';
    onclick = (): void => {};
    constructor(title: string, { body }: { body: string }) {
      calls.notes.push(body);
      calls.click = () => this.onclick();
      if (title === '') throw new Error('a notification without a title');
    }
    close(): void {}
  }
  class CountedAudio {
    currentTime = 0;
    destination = node();
    createGain = node;
    createOscillator() {
      calls.tones += 1;
      return node();
    }
    async close() {}
  }
  Object.assign(window, { calls, Notification: CountedNotification, AudioContext: CountedAudio });
};

const callsOf = (page: Page): Promise<Pick<Calls, 'notes' | 'tones'>> =>
  page.evaluate(() => {
    const { notes, tones } = (window as unknown as { calls: Calls }).calls;
    return { notes, tones };
  });

/** Whether the window is in front, as far as its page can tell. */
const beInFront = (page: Page, isSo: boolean): Promise<void> =>
  page.evaluate((answer) => {
    document.hasFocus = () => answer;
    if (answer) dispatchEvent(new Event('focus'));
  }, isSo);

test('an agent is called when away and only then, pastes files, and finds drafts where they were left', async (t) => {
  const people = await openConversation(t, undefined, { init: countCalls });
  if (!people) return;
  const { server, agent, visitor } = people;
  const { page } = agent;
  const field = page.locator('.composer textarea');
  const first = page.url();

  await t.test('a sound and a notification for whoever looks elsewhere, none for who is looking', async () => {
    await page.goto(`${server.url}/console#/preferences`);
    await page.getByLabel('A sound when a visitor').setChecked(true);
    await page.getByLabel('A notification of the system').setChecked(true);
    await beInFront(page, false);
    const before = await callsOf(page);
    assert.deepEqual(before.notes, []);
    await visitor.say('Is anybody there?');
    await page.waitForFunction(() => (window as unknown as { calls: Calls }).calls.notes.length > 0);
    assert.deepEqual(await callsOf(page), { notes: ['Is anybody there?'], tones: before.tones + 2 });
    await beInFront(page, true);
    await page.evaluate(() => (window as unknown as { calls: Calls }).calls.click());
    await agent.message('Is anybody there?').waitFor();
    assert.equal(page.url(), first);
    await visitor.say('Ah, there you are.');
    await agent.message('Ah, there you are.').waitFor();
    assert.deepEqual(await callsOf(page), { notes: ['Is anybody there?'], tones: before.tones + 2 });
    await page.goto(`${server.url}/console#/preferences`);
    await page.getByLabel('A sound when a visitor').setChecked(false);
    await page.getByLabel('A notification of the system').setChecked(false);
    await beInFront(page, false);
    await visitor.say('And now?');
    await page.locator('.row-text', { hasText: 'And now?' }).waitFor();
    assert.equal((await callsOf(page)).notes.length, 1, 'not wished, not called');
    await page.goto(first);
    await beInFront(page, true);
    await agent.message('And now?').waitFor();
    await page.locator('.row:not(.unread)').waitFor();
  });

  await t.test('a file that is pasted goes with the message', async () => {
    await field.evaluate((element) => {
      const clipboardData = new DataTransfer();
      clipboardData.items.add(new File(['Two bottles left.'], 'stock.txt', { type: 'text/plain' }));
      element.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    });
    await page.locator('.chosen').getByText('stock.txt').waitFor();
    await agent.say('What is left');
    await visitor.message('What is left').getByText('stock.txt').waitFor();
    await page.locator('.chosen').waitFor({ state: 'detached' });
  });

  await t.test('drafts stay with their conversation, over two tabs and a reload', async () => {
    const body = { id: 'second', userId: 'v-second', message: { content: 'Another matter' } };
    assert.equal((await call(server, 'POST', '/conversations', body)).status, 201);
    await field.fill('about the first');
    const other = new AgentPage(await page.context().newPage());
    await other.page.goto(`${server.url}/console#/c/second`);
    await other.page.locator('.composer textarea').fill('about the second');
    // Each tab knows of the other's, and writes over none of them.
    await page.locator('.row[data-id=second] .row-draft').waitFor();
    await field.fill('about the first, again');
    await other.page.locator('.row-draft').nth(1).waitFor();
    await agent.rows.filter({ hasText: 'Another matter' }).click();
    await page.locator('.conversation-title', { hasText: 'Visitor' }).waitFor();
    await page.waitForFunction(() => document.querySelector('textarea')?.value === 'about the second');
    await other.page.goto(first);
    await other.page.reload();
    await other.connected();
    await other.page.waitForFunction(() => document.querySelector('textarea')?.value === 'about the first, again');
    // Sent in one, gone from both.
    await other.page.locator('.composer textarea').press('Enter');
    await visitor.message('about the first, again').waitFor();
    await page.goto(first);
    await agent.message('about the first, again').waitFor();
    assert.equal(await field.inputValue(), '');
  });

  await t.test('a name that an agent corrects is corrected for everybody', async () => {
    const colleague = new AgentPage(await page.context().newPage());
    await colleague.page.goto(first);
    await page.getByRole('button', { name: 'Correct name and e-mail' }).click();
    await page.locator('.contact-form').getByLabel('Name').fill('Ana Cruz');
    await page.locator('.contact-form').getByLabel('E-mail').fill('ana@example.org');
    await page.locator('.contact-form').getByRole('button', { name: 'Save' }).click();
    await page.locator('.contact-form').waitFor({ state: 'detached' });
    for (const face of [agent, colleague]) {
      await face.page.locator('.conversation-title h2', { hasText: 'Ana Cruz' }).waitFor();
      await face.page.locator('.details', { hasText: 'ana@example.org' }).waitFor();
    }
    await page.locator('.details button:focus').waitFor();
  });

  assertNoComplaints(agent, visitor);
});
