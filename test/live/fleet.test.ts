import { type TestContext, test } from 'node:test';
import { seededRandom } from '../support/random.ts';
import { Fleet } from './fleet/fleet.ts';

/** How many walks; one walk alone when a seed is given, to look at one that failed. */
const WALKS = Number(process.env.GUICHET_FLEET_WALKS ?? 2);
const SEED = process.env.GUICHET_SEED;
const ROUNDS = 2;
const STEPS = 16;

const seeds = SEED === undefined ? Array.from({ length: WALKS }, (_, i) => i + 1) : [Number(SEED)];

const walk = async (t: TestContext, seed: number): Promise<void> => {
  const fleet = await Fleet.start(t, seededRandom(seed));
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      for (let step = 0; step < STEPS; step += 1) await fleet.step();
      await fleet.settle();
      fleet.trail.push('all is well');
    }
  } catch (error) {
    throw new Error(`GUICHET_SEED=${seed}\n${fleet.trail.join('\n')}`, { cause: error });
  }
};

for (const seed of seeds) {
  test(
    `[CL-11] walk ${seed}: whatever happens, all show in the end what the store holds, in order and once`,
    {
      timeout: 600_000,
    },
    (t) => walk(t, seed),
  );
}
