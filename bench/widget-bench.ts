import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { type Browser, chromium } from 'playwright-core';
import { findBrowser } from '../test/support/browser.ts';
import { startServer } from '../test/support/server.ts';
import type { Scope } from '../test/support/temp-dir.ts';
import { scope as benchScope } from './scope.ts';

/**
 * What the widget costs the page that carries it, in a real browser: bytes, time of the main thread, and whether
 * anything on the page moves. The same page without it is the measure.
 */
export const benchWidget = async ({ rounds }: { rounds: number }): Promise<void> => {
  const scope = benchScope();
  try {
    await measure(scope, Math.max(rounds, ROUNDS_MIN));
  } finally {
    await scope.end();
  }
};

const ROUNDS_MIN = 7;

const pageOf = (script: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title>${script}</head>
   <body><h1>Shop</h1>${'<p>A paragraph of a page that somebody reads.</p>'.repeat(40)}</body></html>`;

interface Cost {
  /** Milliseconds of the main thread in scripts, styles and layout until the page is at rest. */
  task: number;
  script: number;
  /** Cumulative layout shift, as the browser counts it. */
  shift: number;
  /** Tasks of more than 50 ms. */
  long: number;
  /** Bytes over the wire, of everything but the page itself. */
  bytes: number;
  requests: number;
  /** Milliseconds from the start of the page to the launcher. */
  shown: number | undefined;
}

const visit = async (browser: Browser, url: string, carries: boolean): Promise<Cost> => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send('Performance.enable');
  await session.send('Network.enable');
  let bytes = 0;
  let requests = 0;
  session.on('Network.loadingFinished', ({ encodedDataLength }) => {
    bytes += encodedDataLength;
    requests += 1;
  });
  await page.addInitScript(`
    window.moved = 0; window.long = 0;
    new PerformanceObserver((list) => { for (const entry of list.getEntries()) moved += entry.value; })
      .observe({ type: 'layout-shift', buffered: true });
    new PerformanceObserver((list) => { long += list.getEntries().length; }).observe({ type: 'longtask', buffered: true });
  `);
  await page.goto(url);
  let shown: number | undefined;
  if (carries) {
    await page.locator('guichet-widget .launcher').waitFor();
    shown = Number(await page.evaluate('performance.now()'));
  }
  await page.waitForLoadState('networkidle');
  const { metrics } = await session.send('Performance.getMetrics');
  const metric = (name: string): number => 1000 * (metrics.find((each) => each.name === name)?.value ?? 0);
  const { moved, long } = (await page.evaluate('({ moved, long })')) as { moved: number; long: number };
  await context.close();
  return { task: metric('TaskDuration'), script: metric('ScriptDuration'), shift: moved, long, bytes, requests, shown };
};

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;

const measure = async (scope: Scope, rounds: number): Promise<void> => {
  const executablePath = findBrowser();
  if (executablePath === undefined) throw new Error('No browser found. Name one in $CHROME.');
  const site = createServer((request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(pageOf(request.url === '/with' ? `<script src="${server.url}/widget.js" async></script>` : ''));
  });
  await new Promise<void>((resolved) => site.listen(0, '127.0.0.1', resolved));
  scope.after(() => void site.close());
  const origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
  const server = await startServer(scope, { flags: [`--allowed-origins=${origin}`] });
  const file = Buffer.from(await (await fetch(`${server.url}/widget.js`)).arrayBuffer());
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  scope.after(() => browser.close());
  await visit(browser, `${origin}/with`, true);
  const costs = { without: [] as Cost[], with: [] as Cost[] };
  for (let round = 0; round < rounds; round += 1) {
    costs.without.push(await visit(browser, `${origin}/`, false));
    costs.with.push(await visit(browser, `${origin}/with`, true));
  }
  const of = (which: 'without' | 'with', name: keyof Cost): number =>
    median(costs[which].map((cost) => cost[name] ?? 0));
  const more = (name: keyof Cost): string => (of('with', name) - of('without', name)).toFixed(1);
  const report = {
    'widget.js, bytes as gzip -9': gzipSync(file, { level: 9 }).length,
    'bytes over the wire': Math.round(of('with', 'bytes') - of('without', 'bytes')),
    'requests (the script, what it asks of its server)': of('with', 'requests') - of('without', 'requests'),
    'main thread, ms': more('task'),
    'of it in scripts, ms': more('script'),
    'tasks over 50 ms': of('with', 'long') - of('without', 'long'),
    'layout shift': Math.max(...costs.with.map(({ shift }) => shift)),
    'launcher is there after, ms': of('with', 'shown').toFixed(0),
  };
  for (const [name, value] of Object.entries(report)) console.log(`${name.padEnd(52)} ${value}`);
};
