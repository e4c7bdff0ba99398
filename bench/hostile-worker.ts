import { parentPort, workerData } from 'node:worker_threads';
import { startHostile } from '../test/support/hostile.ts';

/** Hostile clients on a thread of their own, so that the honest pair's clock does not wait for them. */
const { target, count } = workerData as { target: Parameters<typeof startHostile>[0]; count: number };
const stop = startHostile(target, count);
parentPort!.once('message', () => {
  stop();
  parentPort!.close();
});
