import { existsSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { type Browser, chromium } from 'playwright-core';
import { needs } from './needs.ts';
import { findProgram } from './programs.ts';
import { undoAfter } from './undo-after.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge', 'msedge'];
/** Where installers put browsers that are not on the path. */
const PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

/** Path of a Chromium, Chrome or Edge: `$CHROME` first; undefined when there is none. */
export const findBrowser = (): string | undefined =>
  [process.env.CHROME, ...NAMES.map(findProgram), ...PLACES].find((path) => path && existsSync(path));

/** What keeps a test browser off the network and out of a sandbox it cannot have as root. */
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A headless browser, closed when the test is over; undefined when there is none and the test was skipped. */
export const launchBrowser = async (t: TestContext): Promise<Browser | undefined> => {
  const executablePath = needs(
    t,
    findBrowser(),
    'no browser found: install Chromium, Chrome or Edge, or name one in $CHROME',
  );
  if (!executablePath) return undefined;
  const browser = await chromium.launch({ executablePath, args: ARGS });
  undoAfter(t, () => browser.close());
  return browser;
};
