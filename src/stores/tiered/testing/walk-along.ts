import assert from 'node:assert/strict';
import { answers } from '../../contract/answers.ts';
import { ModelWorld, randomStep, type Step } from '../model/walk.ts';
import type { Rules } from '../model/world.ts';
import type { FaultyDisk } from './faulty-disk.ts';
import { PRELUDE, RealWorld } from './real-world.ts';

/** What is walked: the disks, and how far. */
export interface Walk {
  /** Of the walk: the same one takes the same steps. */
  readonly seed: number;
  readonly random: () => number;
  readonly disks: readonly FaultyDisk[];
  readonly rules: Rules;
  readonly steps: number;
  readonly messages: number;
}

/** Seeds of the walks of this run; one alone when it is given, to look at one that failed. */
export const walkSeeds = (usual: readonly number[]): readonly number[] => {
  const { GUICHET_WALKS, GUICHET_SEED } = process.env;
  if (GUICHET_SEED !== undefined) return [Number(GUICHET_SEED)];
  return GUICHET_WALKS === undefined ? usual : firstSeeds(Number(GUICHET_WALKS));
};

export const firstSeeds = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

const BEGIN: readonly Step[] = [
  { type: 'start' },
  { type: 'post', messages: ['contact'] },
  { type: 'post', messages: ['conversation'] },
];

/** Everything is well again. */
const healing = (tiers: number): Step[] => [
  ...Array.from({ length: tiers }, (_, tier): Step => ({ type: 'settle', tier, lands: false })),
  ...Array.from({ length: tiers }, (_, tier): Step => ({ type: 'condition', tier, condition: 'well' })),
  { type: 'start' },
  ...Array.from({ length: tiers + 2 }, (): Step => ({ type: 'probe' })),
];

/** Walks model and store together; throws at the first difference, with all that led there. */
export const walkAlong = async ({ seed, random, disks, rules, steps, messages }: Walk): Promise<void> => {
  const names = [...PRELUDE, ...Array.from({ length: messages }, (_, i) => `m${i + 1}`)];
  const model = new ModelWorld(disks.length, names, rules);
  const real = new RealWorld(disks, names, rules.volatile, rules.tailBound);
  const trail: string[] = [`${disks.length} tiers, memory: ${rules.volatile}, bound: ${rules.tailBound}`];
  const take = async (step: Step): Promise<void> => {
    trail.push(JSON.stringify(step));
    model.do(step);
    await real.do(step);
    assert.deepEqual(await real.picture(), model.picture);
    assert.equal(model.problem, undefined);
  };
  try {
    for (const step of BEGIN) await take(step);
    for (let i = 0; i < steps; i += 1) await take(randomStep(model, random));
    for (const step of healing(disks.length)) {
      if (step.type !== 'start' || model.state.process === null) await take(step);
    }
    // And everybody sends what is not durable yet.
    for (const message of names) {
      if (model.state.told[message]!.state !== 'durable') await take({ type: 'post', messages: [message] });
    }
    const { told, disks: held } = await real.picture();
    assert.ok(Object.values(told).every(({ state }) => state === 'durable'));
    assert.ok(held.every((disk) => disk.join() === held[0]!.join()));
    const said = await Promise.all(disks.map((disk) => answers(disk.inner!)));
    for (const each of said) assert.deepEqual(each, said[0]);
  } catch (error) {
    throw new Error(`GUICHET_SEED=${seed}\n${trail.join('\n')}`, { cause: error });
  }
};
