import { loadavg } from 'node:os';
import { type Browser, chromium, type Page } from 'playwright-core';
import { findBrowser } from '../test/support/browser.ts';
import { writeLongHistory } from '../test/support/long-history.ts';
import { startServer } from '../test/support/server.ts';
import { type Scope, tempDir } from '../test/support/temp-dir.ts';

/**
 * What a long list and a long thread cost the console: elements drawn and tasks of more than 50 ms while it is scrolled.
 *   node tools/measure-console.ts [CONVERSATIONS] [MESSAGES]
 */
const [conversations = 50_000, messages = 20_000] = process.argv.slice(2).map(Number);
const cleanUps: (() => void | Promise<void>)[] = [];
const scope: Scope = { after: (fn) => void cleanUps.push(fn) };

/** A task of the page's main thread in a trace of Chromium; times in microseconds, `tdur` of the processor alone. */
interface TracedEvent {
  name: string;
  pid: number;
  tid: number;
  tdur?: number;
  args: { name?: string };
}

/**
 * Does something in a page and says what its main thread had to do for it. Counted in processor time, so that what else
 * the machine is busy with does not make a task long.
 */
const watch = async (browser: Browser, page: Page, what: () => Promise<string>): Promise<void> => {
  await browser.startTracing(page, { categories: ['toplevel'] });
  const done = await what();
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TracedEvent[] };
  const mains = traceEvents.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain');
  const tasks = traceEvents
    .filter(
      ({ name, pid, tid }) =>
        name === 'ThreadControllerImpl::RunTask' && mains.some((main) => main.pid === pid && main.tid === tid),
    )
    .map(({ tdur = 0 }) => tdur / 1000);
  const longest = Math.round(Math.max(...tasks));
  const busy = Math.round(tasks.reduce((sum, task) => sum + task, 0));
  const elements = await page.locator('*').count();
  const long = tasks.filter((task) => task > 50).length;
  console.log(
    `${done}: ${long} tasks over 50 ms, longest ${longest} ms, ${busy} ms in all, ${elements} elements; load ${loadavg()[0]!.toFixed(1)}`,
  );
};

/** A fast flick of the wheel: this far a turn, in CSS pixels, for this many turns of 16 ms. */
const FLICK_PX = 400;
const FLICK_TURNS = 200;

const flick = async (page: Page, x: number): Promise<void> => {
  await page.mouse.move(x, 500);
  for (let i = 0; i < FLICK_TURNS; i += 1) {
    await page.mouse.wheel(0, FLICK_PX);
    await page.waitForTimeout(16);
  }
};

const measure = async (browser: Browser): Promise<void> => {
  const dataDir = tempDir(scope);
  await writeLongHistory(dataDir, { conversations, messages });
  const server = await startServer(scope, { dataDir });
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  const link = server.logs.findLast((line) => line.msg === 'set up')?.setupUrl;
  await page.goto(String(link));
  await page.locator('[name=name]').fill('Camille');
  await page.locator('[name=email]').fill('camille@loriot.example');
  await page.locator('[name=password]').fill('the paper is patient');
  await page.locator('button[type=submit]').click();
  await page.locator('.row').first().waitFor();
  const list = page.locator('.rows');
  await watch(browser, page, async () => {
    const began = performance.now();
    for (;;) {
      const end = await list.evaluate((element) => {
        element.scrollTo(0, element.scrollHeight);
        return (
          element.querySelectorAll('.row').length > 0 &&
          [...element.querySelectorAll<HTMLElement>('.row')].at(-1)!.dataset.at
        );
      });
      if (Number(end) >= conversations - 1) break;
      await page.waitForTimeout(20);
    }
    return `list, ${conversations} conversations loaded in ${Math.round((performance.now() - began) / 1000)} s`;
  });
  await list.evaluate((element) => element.scrollTo(0, 0));
  await watch(browser, page, async () => {
    await flick(page, 100);
    return 'list, all loaded, flicked';
  });
  await watch(browser, page, async () => {
    await page.goto(`${server.url}/console#/c/c1?at=10`);
    await page.locator('.message.targeted').waitFor({ timeout: 120_000 });
    return `thread, ${messages} messages, opened at the 10th`;
  });
  await watch(browser, page, async () => {
    await flick(page, 700);
    return `thread, flicked down to "${await page.locator('.message .text').last().innerText()}"`;
  });
};

const executablePath = findBrowser();
if (executablePath === undefined) {
  console.error('No browser found. Name one in $CHROME.');
  process.exit(2);
}
try {
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  scope.after(() => browser.close());
  await measure(browser);
} finally {
  for (const cleanUp of cleanUps.reverse()) await cleanUp();
}
