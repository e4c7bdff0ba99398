import assert from 'node:assert/strict';
import { test } from 'node:test';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { launchBrowser } from '../support/browser.ts';
import { startServer } from '../support/server.ts';
import { AgentPage, assertNoComplaints, VisitorPage } from './people.ts';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Colour does not depend on the width, nor structure on the theme: two views see what four would. */
const VIEWS = [
  { colorScheme: 'light', viewport: { width: 1440, height: 900 }, locale: 'en-GB' },
  { colorScheme: 'dark', viewport: { width: 390, height: 844 }, locale: 'fr-FR' },
] as const;

const PAGES = [
  'preferences',
  'statistics',
  'settings/widget',
  'settings/hours',
  'settings/agents',
  'settings/labels',
  'settings/replies',
  'doctor',
];

/** Looks at the page as it stands, the widget's shadow root included; every violation with where it is. */
const violations = async (page: Page): Promise<string[]> => {
  await page.evaluate(axe.source);
  const options = JSON.stringify({ runOnly: TAGS });
  const found = (await page.evaluate(
    `axe.run(document, ${options}).then((r) => r.violations)`,
  )) as axe.AxeResults['violations'];
  return found.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, any }) => `${id} (${help}): ${target.join(' ')} ${any[0]?.message ?? ''}`),
  );
};

test('every screen is clean of what axe can find, in both themes, on desktop and phone', async (t) => {
  const browser = await launchBrowser(t);
  if (!browser) return;
  const server = await startServer(t);
  const first = await AgentPage.setUp(browser, server);
  const look = async (name: string, page: Page): Promise<void> => {
    await t.test(name, async () => assert.deepEqual(await violations(page), []));
  };

  for (const options of VIEWS) {
    const where = `${options.colorScheme}, ${options.viewport.width} px`;
    const visitor = await VisitorPage.open(browser, server.url, options);
    await look(`demo page, ${where}`, visitor.page);
    await visitor.openPanel();
    await look(`widget before the first message, ${where}`, visitor.page);
    await visitor.say(`Good morning (${where})`);
    await visitor.panel.locator('.stamp.stored, .stamp.delivered').waitFor();
    await look(`widget with a conversation, ${where}`, visitor.page);

    const context = await browser.newContext({ ...options, storageState: await first.page.context().storageState() });
    t.after(() => context.close());
    const agent = new AgentPage(await context.newPage());
    await agent.page.goto(`${server.url}/console`);
    await agent.connected();
    await look(`inbox, ${where}`, agent.page);
    await agent.openConversation(`Good morning (${where})`);
    await agent.page.locator('.composer .tabs button').nth(1).click();
    await agent.page.locator('.composer textarea').fill('for us alone');
    await agent.page.locator('.composer textarea').press('Enter');
    await agent.page.locator('.message.note .stamp.stored').waitFor();
    await agent.page.locator('[data-menu=snooze]').click();
    await look(`conversation with a note and an open menu, ${where}`, agent.page);
    await agent.page.goto(`${server.url}/console#/storage`);
    await agent.page.locator('.tiers').waitFor();
    await look(`storage page, ${where}`, agent.page);
    for (const name of PAGES) {
      await agent.page.goto(`${server.url}/console#/${name}`);
      await agent.page.locator('.page[aria-busy="false"] h2').waitFor({ timeout: 60_000 });
      await look(`${name}, ${where}`, agent.page);
    }
    await agent.page.goto(`${server.url}/console#/`);
    await agent.page.locator('.search-field').fill('morning');
    await agent.page.locator('.hit').first().waitFor();
    await agent.page.locator('.brand').focus();
    await agent.page.keyboard.press('?');
    await agent.page.locator('dialog[open]').waitFor();
    await look(`search and the sheet of keys, ${where}`, agent.page);

    await visitor.page.goto(server.url);
    await visitor.page.locator('h1').waitFor();
    await look(`start page, ${where}`, visitor.page);
    await visitor.page.goto(`${server.url}/console`);
    await visitor.page.locator('form').waitFor();
    await look(`sign-in, ${where}`, visitor.page);
    assertNoComplaints(visitor);
  }
});
