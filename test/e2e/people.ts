import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { launchBrowser } from '../support/browser.ts';
import { startServer, type TestServer } from '../support/server.ts';

/** The two sides of the counter as a browser sees them. Each has a context of its own: its own storage and cookies. */

export interface PersonOptions {
  colorScheme?: 'light' | 'dark';
  locale?: string;
  viewport?: { width: number; height: number };
  /** Runs in the page before its own scripts. */
  init?: () => void;
}

const DESKTOP = { width: 1440, height: 900 };

/** Everything that went wrong in a page, or was refused by its content security policy. */
const complaints = new WeakMap<Page, string[]>();

const openPage = async (browser: Browser, options: PersonOptions): Promise<{ context: BrowserContext; page: Page }> => {
  const context = await browser.newContext({
    viewport: options.viewport ?? DESKTOP,
    colorScheme: options.colorScheme ?? 'light',
    locale: options.locale ?? 'en-GB',
    reducedMotion: 'reduce',
  });
  // The library's own half minute is short where much else runs; the runner's limit ends what never comes.
  context.setDefaultTimeout(90_000);
  if (options.init) await context.addInitScript(options.init);
  const page = await context.newPage();
  const list: string[] = [];
  complaints.set(page, list);
  page.on('pageerror', (error) => list.push(String(error)));
  page.on('console', (message) => {
    // A server that is down is part of the tests; what a page says of it is not a fault of the page.
    if (message.type() === 'error' && !/Failed to load resource|WebSocket connection/.test(message.text())) {
      list.push(message.text());
    }
  });
  return { context, page };
};

export const assertNoComplaints = (...people: { page: Page }[]): void => {
  for (const { page } of people) assert.deepEqual(complaints.get(page), []);
};

export class VisitorPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  static async open(browser: Browser, url: string, options: PersonOptions = {}): Promise<VisitorPage> {
    const { page } = await openPage(browser, options);
    await page.goto(`${url}/demo`);
    const visitor = new VisitorPage(page);
    await visitor.launcher.waitFor();
    return visitor;
  }

  get launcher(): Locator {
    return this.page.locator('guichet-widget .launcher');
  }

  get panel(): Locator {
    return this.page.locator('guichet-widget .panel');
  }

  get messages(): Locator {
    return this.panel.locator('.message .text');
  }

  message(text: string): Locator {
    return this.panel.locator('.message', { hasText: text });
  }

  /** What this visitor is known by, as the widget keeps it. */
  async token(): Promise<string> {
    const kept = await this.page.evaluate(() => JSON.stringify(Object.values(localStorage)));
    const found = /v1\.[\w.-]+/.exec(kept)?.[0];
    assert.ok(found, 'the widget keeps a token');
    return found;
  }

  async openPanel(): Promise<void> {
    await this.launcher.click();
    await this.panel.waitFor();
  }

  async say(text: string): Promise<void> {
    await this.panel.locator('textarea').fill(text);
    await this.panel.locator('textarea').press('Enter');
  }
}

export class AgentPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Opens the set-up link of the server's present life, as its log shows it, and makes the first account. */
  static async setUp(browser: Browser, server: TestServer, options: PersonOptions = {}): Promise<AgentPage> {
    const { page } = await openPage(browser, options);
    const link = server.logs.findLast((line) => line.msg === 'set up')?.setupUrl;
    await page.goto(String(link));
    await page.locator('[name=name]').fill('Camille Roche');
    await page.locator('[name=email]').fill('camille@loriot.example');
    await page.locator('[name=password]').fill('a long password');
    await page.locator('button[type=submit]').click();
    const agent = new AgentPage(page);
    await agent.connected();
    return agent;
  }

  /** An agent there is, at a browser of their own. */
  static async signIn(
    browser: Browser,
    server: TestServer,
    email: string,
    password: string,
    options: PersonOptions = {},
  ): Promise<AgentPage> {
    const agent = await AgentPage.atTheDoor(browser, server, email, password, options);
    await agent.connected();
    return agent;
  }

  /** The same, up to what is answered to the password. */
  static async atTheDoor(
    browser: Browser,
    server: TestServer,
    email: string,
    password: string,
    options: PersonOptions = {},
  ): Promise<AgentPage> {
    const { page } = await openPage(browser, options);
    await page.goto(`${server.url}/console`);
    await page.locator('[name=email]').fill(email);
    await page.locator('[name=password]').fill(password);
    await page.locator('button[type=submit]').click();
    return new AgentPage(page);
  }

  async connected(): Promise<void> {
    await this.page.locator('.status-line.well').waitFor();
  }

  get rows(): Locator {
    return this.page.locator('.row');
  }

  get messages(): Locator {
    return this.page.locator('.conversation .message .text');
  }

  message(text: string): Locator {
    return this.page.locator('.conversation .message', { hasText: text });
  }

  async openConversation(preview: string): Promise<void> {
    await this.rows.filter({ hasText: preview }).click();
    await this.page.locator('.conversation .message').first().waitFor();
  }

  async say(text: string, kind: 'Reply' | 'Private note' = 'Reply'): Promise<void> {
    await this.page.locator('.composer .tabs').getByRole('button', { name: kind }).click();
    await this.page.locator('.composer textarea').fill(text);
    await this.page.locator('.composer textarea').press('Enter');
  }
}

/** The stamp of a message once it says this; in the words of the English strings. */
export const stampOf = (message: Locator, state: string): Locator => message.locator(`.stamp.${state}`);

/** The stamp of a message that the server has acknowledged, whatever has become of it since. */
export const acknowledgedStampOf = (message: Locator): Locator =>
  message.locator('.stamp:is(.stored, .delivered, .read)');

/** An agent at the console, and a visitor whose panel is open; `undefined`, and a skipped test, without a browser. */
export const openCounter = async (t: TestContext, given?: TestServer, options?: PersonOptions) => {
  const browser = await launchBrowser(t);
  if (!browser) return undefined;
  const server = given ?? (await startServer(t));
  const agent = await AgentPage.setUp(browser, server, options);
  const visitor = await VisitorPage.open(browser, server.url);
  await visitor.openPanel();
  return { browser, server, agent, visitor };
};

/** The two have spoken: `before` was said, `heard` answered, and each saw it. */
export const openConversation = async (t: TestContext, given?: TestServer, options?: PersonOptions) => {
  const counter = await openCounter(t, given, options);
  if (counter === undefined) return undefined;
  const { agent, visitor } = counter;
  await visitor.say('before');
  await agent.openConversation('before');
  await agent.say('heard');
  await visitor.message('heard').waitFor();
  await stampOf(visitor.message('before'), 'read').waitFor();
  return counter;
};
