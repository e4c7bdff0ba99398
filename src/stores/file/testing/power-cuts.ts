import assert from 'node:assert/strict';
import { randomChoice } from '../../../../test/support/random.ts';
import { verifyFileStore } from '../check.ts';
import { FileStore } from '../file-store.ts';
import { Known } from './known.ts';
import { type Life, startAgain } from './lives.ts';
import { type DiskCall, SimulatedDisk } from './simulated-disk.ts';
import { DATA, Told } from './site.ts';

/** The disk as it stands between two calls of a life, with everything at stake, and what is known then. */
export interface Moment {
  readonly disk: SimulatedDisk;
  readonly known: Known;
  /** The call that is about to be made. */
  readonly call: DiskCall;
}

/** Calls after which a power cut can leave something else than before. */
const CHANGING: ReadonlySet<DiskCall['op']> = new Set([
  ...(['open', 'write', 'sync', 'truncate', 'syncDirectory', 'makeDirectory', 'removeDirectory'] as const),
  ...(['rename', 'unlink', 'copy', 'link'] as const),
]);

/**
 * Lives through a life and keeps every moment of it at which a power cut can leave something that it could not leave
 * before, or at which more was promised.
 */
export const momentsOf = async (
  life: Life,
  random: () => number,
  { disk = new SimulatedDisk(), known = new Known() }: { disk?: SimulatedDisk; known?: Known } = {},
): Promise<Moment[]> => {
  const moments: Moment[] = [];
  let changed = true;
  let promises = '';
  const keep = (call: DiskCall): void => {
    if (changed || known.promises !== promises) moments.push({ disk: disk.twin(), known: known.now(), call });
    ({ promises } = known);
    changed = CHANGING.has(call.op);
  };
  disk.watch = keep;
  await life(disk, known, random);
  disk.watch = undefined;
  keep({ op: 'close', path: 'the end', number: disk.calls.length + 1 });
  return moments;
};

/**
 * Asserts that a store opens on what a power cut left, holds what was promised, finds the same when it is killed and
 * started once more, and is sound by its own check; and whatever else a life has promised.
 */
export const survives = async (disk: SimulatedDisk, known: Known): Promise<void> => {
  const first = await startOn(disk, known);
  // The process that was killed does nothing any more: the next one has a disk of its own.
  const again = disk.twin();
  assert.deepEqual(await startOn(again, known), first, 'a second start finds the same');
  const { findings } = await verifyFileStore(DATA, again);
  assert.deepEqual(
    findings.filter(({ severity }) => severity === 'error'),
    [],
  );
};

const startOn = async (disk: SimulatedDisk, known: Known): Promise<unknown> => {
  const told = new Told();
  const store = new FileStore({ directory: DATA, disk, snapshotEverySeconds: 0, timezone: 'UTC', logger: told });
  await store.open();
  assert.deepEqual(told.of('error', /./), []);
  return known.holdsIn(store);
};

export interface SearchOptions {
  readonly random: () => number;
  /** How many disks to start from, about; all there are where the life is searched exhaustively. */
  readonly points: number;
  /** Of how many starts the power is cut again at every call: a recovery has to survive its own power cut. */
  readonly again: number;
}

/** At most so many power cuts at one moment of a life. */
const FATES = 8;

/** Cuts the power in one life, again and again. */
export class Search {
  /** Disks that a power cut left, each another one, and each started from. */
  points = 0;
  moments = 0;
  readonly #life: Life;
  readonly #options: SearchOptions;
  /** What was started from: the same disk with the same promises has the same outcome. */
  readonly #seen = new Set<string>();
  #world = 0;

  constructor(life: Life, options: SearchOptions) {
    this.#life = life;
    this.#options = options;
  }

  /**
   * Random fates of what was at stake at random moments, now and then also while the start that follows is under way.
   * Each moment gets its turn before any has a second one.
   * @throws Error that names the moment and carries what went wrong as its cause
   */
  async atRandom(): Promise<this> {
    const { random, points, again } = this.#options;
    const moments = await momentsOf(this.#life, random);
    this.moments += moments.length;
    for (let round = 0; this.points < points && round < FATES; round += 1) {
      for (const moment of shuffled(moments, random)) {
        if (this.points >= points) break;
        const left = moment.disk.powerCut(random);
        const twin = left.twin();
        if ((await this.#check(moment, left)) && moment.known.isStore && random() < again)
          await this.#cutWhileStarting(moment, twin);
      }
    }
    return this;
  }

  /** Every disk that a power cut at any moment of the life can leave. */
  async everywhere(): Promise<this> {
    const moments = await momentsOf(this.#life, this.#options.random);
    this.moments += moments.length;
    for (const moment of moments) {
      for (const left of moment.disk.everyPowerCut()) await this.#check(moment, left);
    }
    return this;
  }

  async #cutWhileStarting(before: Moment, disk: SimulatedDisk): Promise<void> {
    const { random } = this.#options;
    const moments = await named(before, () => momentsOf(startAgain, random, { disk, known: before.known.now() }));
    this.moments += moments.length;
    // What is promised by this start is promised in no other.
    this.#world += 1;
    const world = this.#world;
    for (const moment of moments) await named(before, () => this.#check(moment, moment.disk.powerCut(random), world));
  }

  /** False when the same was tried before. */
  async #check(moment: Moment, left: SimulatedDisk, world = 0): Promise<boolean> {
    const what = `${world} ${moment.known.promises} ${left.fingerprint}`;
    if (this.#seen.has(what)) return false;
    this.#seen.add(what);
    this.points += 1;
    await named(moment, async () => {
      const known = moment.known.now();
      const twin = left.twin();
      if (known.isStore) await survives(left, known);
      for (const check of known.checks) await check(twin.twin());
    });
    return true;
  }
}

const shuffled = <T>(all: readonly T[], random: () => number): T[] => {
  const choose = randomChoice(random);
  const rest = [...all];
  return Array.from(rest, () => rest.splice(choose(rest.length), 1)[0]!);
};

const named = async <T>({ call }: Moment, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (cause) {
    throw new Error(`power cut before call ${call.number}: ${call.op} ${call.path}`, { cause });
  }
};
