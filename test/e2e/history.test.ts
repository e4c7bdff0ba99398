import assert from 'node:assert/strict';
import { test } from 'node:test';
import { launchBrowser } from '../support/browser.ts';
import { writeLongHistory } from '../support/long-history.ts';
import { startServer } from '../support/server.ts';
import { tempDir } from '../support/temp-dir.ts';
import { AgentPage, assertNoComplaints } from './people.ts';

const MESSAGES = 900;
const CONVERSATIONS = 1_200;
/** However long a list is, only about as much of it is drawn as fits on a screen. */
const ROWS_DRAWN_MAX = 60;
const MESSAGES_DRAWN_MAX = 120;

test('long histories are walked page by page, whole and in order, and little of them is drawn at a time', async (t) => {
  const browser = await launchBrowser(t);
  if (!browser) return;
  const dataDir = tempDir(t);
  await writeLongHistory(dataDir, { conversations: CONVERSATIONS, messages: MESSAGES });
  const server = await startServer(t, { dataDir });
  const agent = await AgentPage.setUp(browser, server);
  const { page } = agent;

  await t.test('the list', async () => {
    await agent.rows.first().waitFor();
    const list = page.locator('.rows');
    const seen = new Map<number, string>();
    let drawn = 0;
    // A screen at a time, as somebody scrolls: what is below is loaded when its place comes into sight.
    while (seen.size < CONVERSATIONS) {
      const rows = await list.evaluate((element) =>
        [...element.querySelectorAll<HTMLElement>('.row')].map((row) => ({
          at: Number(row.dataset.at),
          text: row.querySelector('.row-text')?.textContent ?? '',
        })),
      );
      drawn = Math.max(drawn, rows.length);
      const known = seen.size;
      for (const { at, text } of rows) seen.set(at, text);
      const last = Math.max(...seen.keys());
      await list.evaluate((element, top) => element.scrollTo(0, top), last * 58);
      if (seen.size === known) await page.locator(`.row[data-at="${last + 1}"]`).waitFor({ state: 'attached' });
    }
    assert.ok(drawn <= ROWS_DRAWN_MAX, `${drawn} rows at once`);
    const others = Array.from({ length: CONVERSATIONS - 1 }, (_, i) => `conversation ${i + 2}.`);
    assert.deepEqual(
      others.map((_, i) => seen.get(i + 1)),
      others,
    );
    // From the keyboard, over the edge of what is drawn.
    await page.locator(`.row[data-at="${CONVERSATIONS - 1}"]`).focus();
    await page.keyboard.press('Home');
    await page.locator('.row[data-at="0"]:focus').waitFor();
    await page.keyboard.press('End');
    await page.locator(`.row[data-at="${CONVERSATIONS - 1}"]:focus`).waitFor();
    await page.keyboard.press('Home');
  });

  await t.test('the thread', async () => {
    const scroller = page.locator('.conversation .scroller');
    await agent.openConversation(`message ${MESSAGES - 1}.`);
    const seen = new Set<string>();
    let drawn = 0;
    while (!seen.has('conversation 1.')) {
      const texts = await agent.messages.allInnerTexts();
      drawn = Math.max(drawn, texts.length);
      const numbers = texts.map((text) => (text === 'conversation 1.' ? 0 : Number(/\d+/.exec(text)?.[0])));
      assert.deepEqual(
        numbers,
        numbers.map((_, i) => numbers[0]! + i),
        'no gap in what is drawn',
      );
      for (const text of texts) seen.add(text);
      if (seen.has('conversation 1.')) break;
      // In one go: the page above may be there before a second look.
      const stays = await page.locator('.conversation .message').nth(5).elementHandle();
      const { text, place } = await scroller.evaluate((element) => {
        element.scrollTo(0, 0);
        const first = element.querySelector('.message .text')!;
        return { text: first.textContent, place: first.getBoundingClientRect().y };
      });
      await page.waitForFunction((before) => document.querySelector('.message .text')?.textContent !== before, text);
      assert.ok(await stays!.evaluate((row) => row.isConnected), 'what stays is not drawn again');
      const same = page.locator('.message .text').filter({ hasText: new RegExp(`^${text}$`) });
      const moved = Math.abs(((await same.boundingBox())?.y ?? 0) - place);
      assert.ok(moved < 60, `what was being read has moved by ${moved} px`);
    }
    assert.equal(seen.size, MESSAGES, 'every one was seen');
    assert.ok(drawn <= MESSAGES_DRAWN_MAX, `${drawn} messages at once`);
    await page.locator('.to-end').click();
    await agent.message(`message ${MESSAGES - 1}.`).waitFor();
  });

  await t.test('a hit of a search opens at its place, far back', async () => {
    await page.locator('.search-field').fill('message 40');
    const hit = page.locator('.hit', { hasText: 'message 40.' });
    await hit.waitFor();
    assert.deepEqual(await hit.locator('mark').allInnerTexts(), ['message', '40']);
    await page.goto(server.url.concat('/console#/c/c2'));
    await page.locator('.search-field').fill('message 40');
    await hit.click();
    const found = page.locator('.message.targeted', { hasText: 'message 40.' });
    await found.waitFor();
    const box = (await found.boundingBox())!;
    const view = (await page.locator('.conversation .scroller').boundingBox())!;
    assert.ok(box.y > view.y && box.y + box.height < view.y + view.height, 'it is in sight');
  });

  assertNoComplaints(agent);
});
