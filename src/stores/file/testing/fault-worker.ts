import { parentPort, workerData } from 'node:worker_threads';
import { liveThrough, troubles } from './fault-search.ts';

/** Whether to try every error at every call, and how often the power is cut afterwards. */
const { all, cuts } = workerData as { readonly all: boolean; readonly cuts: number };

let met = 0;
for (const trouble of await troubles(all)) {
  try {
    if (await liveThrough(trouble, cuts)) met += 1;
  } catch (cause) {
    const { op, nth, code, lasts } = trouble;
    throw new Error(`${code} at ${op} ${nth}${lasts ? ', and of all that writes from then on' : ''}`, { cause });
  }
}
parentPort!.postMessage(met);
