import { setTimeout as pause } from 'node:timers/promises';

const PATIENCE_MS = 30_000;

/** Resolves once something is so; a test that waits in vain fails by its own limit. */
export const until = async (isSo: () => Promise<boolean> | boolean): Promise<void> => {
  const end = Date.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error('It never came to be so.');
    await pause(10);
  }
};
