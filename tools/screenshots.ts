import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { VisitorTokens } from '../src/http/auth/visitor-tokens.ts';
import { findBrowser } from '../test/support/browser.ts';
import { FaultProxy } from '../test/support/fault-proxy.ts';
import { pngOf } from '../test/support/pictures.ts';
import { root, startServer } from '../test/support/server.ts';
import { type Scope, tempDir } from '../test/support/temp-dir.ts';
import { AGENTS } from './scene/scene.ts';
import { PASSWORD, type Stage, setScene } from './scene/set-scene.ts';
import { shootWidgetStates } from './scene/shoot-widget-states.ts';

/**
 * Pictures of every screen: both languages, both themes, desktop and phone, of a real server that plays a scene.
 *   node tools/screenshots.ts FOLDER [PATTERN]
 * Those that the README shows go to docs/screenshots/ as well.
 */

const LANGUAGES = { en: 'en-GB', fr: 'fr-FR' } as const;
const THEMES = ['light', 'dark'] as const;
const SIZES = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } } as const;
const README: Record<string, string> = {
  'console-en-light-desktop': 'console',
  'console-fr-light-desktop': 'console.fr',
  'widget-en-light-desktop': 'widget',
};
const SECRET = 'only for pictures, only for pictures, only for pictures';

const cleanUps: (() => void | Promise<void>)[] = [];
const scope: Scope = { after: (fn) => void cleanUps.push(fn) };

interface Shot {
  page: Page;
  url: string;
  stage: Stage;
  save: (name: string) => Promise<void>;
}

const signIn = async (context: BrowserContext, url: string): Promise<void> => {
  await context.request.post(`${url}/api/v1/sessions`, { data: { email: AGENTS[0].email, password: PASSWORD } });
};

/** Lets fonts, pictures and what was asked for arrive. */
const settle = (page: Page): Promise<void> => page.waitForTimeout(700);

const shootPages = async ({ page, url, save }: Shot): Promise<void> => {
  await page.goto(url);
  await settle(page);
  await save('start');
  await page.goto(`${url}/console`);
  await settle(page);
  await save('sign-in');
  await page.goto(`${url}/demo`);
  await page.locator('guichet-widget .launcher').click();
  await settle(page);
  await save('widget-new');
};

const shootWidget = async ({ page, url, stage, save }: Shot): Promise<void> => {
  const kept = JSON.stringify({ token: new VisitorTokens(SECRET).issue({ id: stage.visitorId }) });
  await page.goto(url);
  await page.evaluate(`localStorage.setItem('guichet ' + location.origin, ${JSON.stringify(kept)})`);
  await page.goto(`${url}/demo`);
  await page.locator('guichet-widget .launcher').click();
  await page.locator('guichet-widget .message').last().waitFor();
  await settle(page);
  await save('widget');
  await page.locator('guichet-widget .picker').setInputFiles([
    { name: 'nib.png', mimeType: 'image/png', buffer: Buffer.from(pngOf(640, 400, [58, 66, 92])) },
    { name: 'order LR-2048.txt', mimeType: 'text/plain', buffer: Buffer.from('LR-2048\n'.repeat(700)) },
  ]);
  await page.locator('guichet-widget .chosen').waitFor();
  await settle(page);
  await save('widget-chosen');
  await page.locator('guichet-widget .send').click();
  await page.locator('guichet-widget canvas.drawn').last().waitFor();
  await settle(page);
  await save('widget-files');
};

const shootConsole = async ({ page, url, stage, save }: Shot): Promise<void> => {
  await signIn(page.context(), url);
  await page.goto(`${url}/console`);
  await page.locator('.row').first().waitFor();
  await settle(page);
  await save('inbox');
  await page.goto(`${url}/console#/c/${stage.conversationId}`);
  await page.locator('.conversation .message').last().waitFor();
  await settle(page);
  await save('console');
  await page.locator('.composer .tabs button').nth(1).click();
  await page.locator('[data-menu=snooze]').click();
  await save('note-and-menu');
  await page.keyboard.press('Escape');
  if ((page.viewportSize()?.width ?? 0) < 1200) await page.locator('.conversation-head > button').click();
  await settle(page);
  await save('details');
  await page.locator('.details-title .icon-button').click();
  await page.locator('.contact-form').waitFor();
  await save('details-edit');
  await page.keyboard.press('Escape');
  await page.locator('.privacy summary').click();
  await page.locator('.privacy').scrollIntoViewIfNeeded();
  await settle(page);
  await save('privacy');
  for (const place of ['account', 'settings/security'] as const) {
    await page.goto(`${url}/console#/${place}`);
    await page.locator('.page').waitFor();
    await settle(page);
    await save(place.replace('/', '-'));
  }
  await page.goto(`${url}/console#/?q=tomasz`);
  await page.locator('.row').waitFor();
  await page.locator('.found').waitFor({ state: 'detached' });
  await settle(page);
  await save('search');
  await page.goto(`${url}/console#/storage`);
  await page.locator('.tiers').waitFor();
  await settle(page);
  await save('storage');
  for (const [name, place] of Object.entries(CONSOLE_PAGES)) {
    await page.goto(`${url}/console#/${place}`);
    await page.locator('.page[aria-busy="false"] h2').waitFor({ timeout: 60_000 });
    await settle(page);
    await save(name);
  }
};

const CONSOLE_PAGES = {
  statistics: 'statistics',
  preferences: 'preferences',
  'settings-widget': 'settings/widget',
  'settings-hours': 'settings/hours',
  'settings-agents': 'settings/agents',
  'settings-labels': 'settings/labels',
  'settings-replies': 'settings/replies',
  doctor: 'doctor',
};

const shoot = async (browser: Browser, folder: string, pattern: RegExp): Promise<void> => {
  for (const language of Object.keys(LANGUAGES) as (keyof typeof LANGUAGES)[]) {
    const dataDir = tempDir(scope);
    const stage = await setScene(dataDir, language);
    const server = await startServer(scope, { dataDir, behind: ['memory:'], env: { SESSION_SECRET: SECRET } });
    // Somebody is at the counter while visitors look.
    const counter = await browser.newContext();
    await signIn(counter, server.url);
    await (await counter.newPage()).goto(`${server.url}/console`);
    for (const theme of THEMES) {
      for (const size of Object.keys(SIZES) as (keyof typeof SIZES)[]) {
        const view = `${language}-${theme}-${size}`;
        for (const part of [shootPages, shootConsole, shootWidget]) {
          const context = await browser.newContext({
            viewport: SIZES[size],
            colorScheme: theme,
            locale: LANGUAGES[language],
            reducedMotion: 'reduce',
          });
          const page = await context.newPage();
          page.on('pageerror', (error) => console.error(view, error));
          const save = async (name: string): Promise<void> => {
            const file = `${name}-${view}`;
            if (!pattern.test(file)) return;
            await page.screenshot({ path: join(folder, `${file}.png`) });
            const shown = README[file];
            if (shown) await page.screenshot({ path: join(root, 'docs/screenshots', `${shown}.png`) });
          };
          await part({ page, url: server.url, stage, save });
          await context.close();
        }
      }
    }
    await counter.close();
    await server.stop();
    for (const theme of THEMES) await shootStates(browser, language, theme, folder, pattern);
  }
};

/** The widget where things are not as usual, each on a server of its own: on a small phone, and beside a page. */
const shootStates = async (
  browser: Browser,
  language: keyof typeof LANGUAGES,
  theme: (typeof THEMES)[number],
  folder: string,
  pattern: RegExp,
): Promise<void> => {
  for (const [size, viewport] of Object.entries({
    small: { width: 320, height: 640 },
    page: { width: 1000, height: 760 },
  })) {
    const server = await startServer(scope, { dataDir: tempDir(scope) });
    const network = await FaultProxy.start(scope, server.url);
    const options = { viewport, colorScheme: theme, locale: LANGUAGES[language], reducedMotion: 'reduce' } as const;
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const save = async (name: string): Promise<void> => {
      const file = `${name}-${language}-${theme}-${size}`;
      if (pattern.test(file)) await page.screenshot({ path: join(folder, `${file}.png`) });
    };
    await shootWidgetStates({
      page,
      network,
      adminToken: server.adminToken,
      language,
      settle: () => settle(page),
      save,
    });
    await context.close();
    await server.stop();
  }
};

const [folder, pattern = ''] = process.argv.slice(2);
const executablePath = findBrowser();
if (folder === undefined || executablePath === undefined) {
  console.error(
    folder === undefined ? 'Say where to: node tools/screenshots.ts FOLDER' : 'No browser found. Name one in $CHROME.',
  );
  process.exit(2);
}
mkdirSync(folder, { recursive: true });
mkdirSync(join(root, 'docs/screenshots'), { recursive: true });
try {
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--hide-scrollbars'],
  });
  scope.after(() => browser.close());
  await shoot(browser, folder, new RegExp(pattern));
} finally {
  for (const cleanUp of cleanUps) await cleanUp();
}
