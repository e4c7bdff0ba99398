import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { npm, root, Stop } from './runtime.js';

/** Whether node_modules holds what package-lock.json asks for, and npm ci where it does not. */

const LOCK = join(root, 'package-lock.json');
/** npm's own record of what it installed; written last, so a broken-off install has none. */
const INSTALLED = join(root, 'node_modules/.package-lock.json');

const modified = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
const packages = (path) => JSON.parse(readFileSync(path, 'utf8')).packages;

/**
 * True when every package of the lock file is installed in that version. Versions are compared, not times: a mere
 * checkout would have everything installed again. Optional packages may be absent: most are for other systems.
 * @param {{ development: boolean }} wanted whether packages for development belong to it
 */
export const isInstalled = ({ development }) => {
  const installedAt = modified(INSTALLED);
  if (installedAt === 0) return false;
  const wanted = packages(LOCK);
  const installed = packages(INSTALLED);
  return Object.entries(wanted).every(([path, { version, optional, dev, devOptional }]) => {
    if (path === '' || (!development && (dev || devOptional))) return true;
    const found = installed[path];
    return found ? found.version === version : Boolean(optional || devOptional);
  });
};

/**
 * Installs what is missing. Development packages are asked for by name: NODE_ENV=production would leave Vite out.
 * @param {{ development: boolean }} [wanted]
 */
export const ensureInstalled = async (wanted = { development: true }) => {
  if (isInstalled(wanted)) return;
  console.error('Installing packages with npm ci (once; about a minute)...');
  const code = await npm(['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error']);
  if (code !== 0) throw new Stop('npm ci failed: see above. Check the network and run this again.');
};
