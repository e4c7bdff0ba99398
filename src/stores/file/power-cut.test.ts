import { test } from 'node:test';
import { inThread } from '../../../test/support/in-thread.ts';
import { seedOfRun } from '../../../test/support/random.ts';
import { LIVES } from './testing/lives.ts';
import type { Task } from './testing/power-cut-worker.ts';

/** How many disks that a power cut left are started from, about; npm run lab -- power-cut --points N. */
const POINTS = Number(process.env.GUICHET_POINTS ?? 800);
const SEED = seedOfRun();
const NAMES = Object.keys(LIVES) as Task['life'][];
/** A point takes some milliseconds, on a machine that does nothing else. */
const LIMIT = { timeout: 120_000 + POINTS * 1_000 };

const WORKER = new URL('./testing/power-cut-worker.ts', import.meta.url);

const search = (task: Task): Promise<{ points: number; moments: number }> => inThread(WORKER, task);

test('[FS-30] every disk that a power cut can leave of the shortest life there is', LIMIT, async (t) => {
  const { points, moments } = await search({ life: 'first', seed: 1 });
  t.diagnostic(`${points} crash points at ${moments} moments, all there are`);
});

test(
  `[FS-30] [FS-38] a power cut at any moment, of a start too, leaves a store that opens and holds what was promised (GUICHET_SEED=${SEED})`,
  LIMIT,
  async (t) => {
    let points = 0;
    for (const life of NAMES) {
      const searched = await search({ life, seed: SEED, points: Math.ceil(POINTS / NAMES.length) });
      points += searched.points;
      t.diagnostic(`${life}: ${searched.points} crash points at ${searched.moments} moments`);
    }
    t.diagnostic(`${points} crash points, GUICHET_SEED=${SEED}`);
  },
);
