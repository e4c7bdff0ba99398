import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { findRuntime, npm, root, Stop } from './runtime.js';

/** Whether web/dist is newer than what it is made of, and Vite where it is not. */

const SOURCES = ['web', 'src/client', 'src/protocol', 'package-lock.json'];
/** Made by the first and the last step of a build: both there, both new, or the build is not whole. */
const RESULTS = ['web/dist/index.html', 'web/dist/widget.js'];

/** Whether there is a web part, be it of an earlier state of its sources. */
export const hasWebBuild = () => RESULTS.every((path) => existsSync(join(root, path)));

const newest = (path) => {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  const names = readdirSync(path).filter((name) => name !== 'dist' && name !== 'node_modules');
  return Math.max(0, ...names.map((name) => newest(join(path, name))));
};

const isBuilt = () => {
  const built = RESULTS.map((path) => statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0);
  return Math.min(...built) > Math.max(...SOURCES.map((path) => newest(join(root, path))));
};

/** Why the web part cannot be built here, in a sentence; undefined when it can. */
const obstacle = () => {
  if (!existsSync(join(root, 'node_modules/vite'))) {
    return 'The web part is not built: Vite is a development package, and those were left out. npm ci --include=dev brings it.';
  }
  if (!findRuntime()) return 'The web part is not built: there is no Node 26 here (see optionalDependencies).';
  return undefined;
};

const hasSources = () => existsSync(join(root, 'web/vite.config.ts'));

const build = async () => {
  console.error('Building the web part...');
  if ((await npm(['run', 'build', '--silent'])) !== 0) throw new Stop('The web part could not be built: see above.');
};

/**
 * Builds when something changed. Where that is impossible an earlier build does; without one says so in a line and
 * goes on: the API needs no web part.
 */
export const ensureWebBuilt = async () => {
  if (!hasSources() || isBuilt()) return;
  const reason = obstacle();
  if (!reason) await build();
  else if (!hasWebBuild()) console.error(reason);
};

/** Builds in any case, as after an install: packages may have changed though no source did. */
export const buildWeb = async () => {
  if (!hasSources()) return;
  const reason = obstacle();
  if (reason) console.error(reason);
  else await build();
};
