import { backoffMs, type ClientError } from '../../src/client/index.ts';

/**
 * Loads something, and again after ever longer pauses until that works: a connection that comes back goes on where it
 * was, so that nothing else would ask again. Ends without it when it is not wanted any more, or never to be had.
 */
export const persist = async (load: () => Promise<unknown>, isWanted: () => boolean): Promise<void> => {
  for (let failures = 0; ; failures++) {
    try {
      await load();
      return;
    } catch (error) {
      if ((error as Partial<ClientError>).retry === 'never') return;
    }
    await new Promise((resolve) => setTimeout(resolve, backoffMs(failures)));
    if (!isWanted()) return;
  }
};
