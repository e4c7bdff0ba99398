import { parentPort, workerData } from 'node:worker_threads';
import { seededRandom } from '../../../../test/support/random.ts';
import { LIVES } from './lives.ts';
import { Search } from './power-cuts.ts';

/** What a thread that cuts the power is asked for. */
export interface Task {
  readonly life: keyof typeof LIVES;
  readonly seed: number;
  /** About so many disks to start from; undefined: every one there is. */
  readonly points?: number;
}

/** How often a start has its power cut again. */
const AGAIN = 0.02;
/** Of one life; then it is lived again with another seed, and with it other texts and other orders. */
const POINTS_AT_ONCE = 1000;

const { life, seed, points = Number.POSITIVE_INFINITY } = workerData as Task;

const searched = { points: 0, moments: 0 };
for (let round = 0; searched.points < points; round += 1) {
  const wanted = Math.min(points - searched.points, POINTS_AT_ONCE);
  const search = new Search(LIVES[life], { random: seededRandom(seed + round), points: wanted, again: AGAIN });
  try {
    await (points === Number.POSITIVE_INFINITY ? search.everywhere() : search.atRandom());
  } catch (cause) {
    throw new Error(`${life}, GUICHET_SEED=${seed + round}`, { cause });
  }
  searched.points += search.points;
  searched.moments += search.moments;
  if (points === Number.POSITIVE_INFINITY) break;
}
parentPort!.postMessage(searched);
