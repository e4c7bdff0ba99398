/** A tab that was frozen while it had its turn must not keep the others waiting for ever. */
const PATIENCE_MS = 30_000;

/**
 * Runs the work while no other tab of this browser does any of that name (Web Locks). Where there are no locks, or one
 * is held too long, it runs all the same: turns keep order and spare calls, but what makes a thing happen once is
 * its id.
 */
export const inTurn = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
  let running: Promise<T> | undefined;
  try {
    await navigator.locks.request(`guichet ${name}`, { signal: AbortSignal.timeout(PATIENCE_MS) }, () => {
      running = work();
      return running;
    });
  } catch {
    // Refused, absent or out of patience; what the work itself rejects with is told below.
  }
  return running ?? work();
};
