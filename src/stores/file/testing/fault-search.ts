import assert from 'node:assert/strict';
import { seededRandom } from '../../../../test/support/random.ts';
import type { GuichetError } from '../../../domain/errors.ts';
import { contactEntry, post, put, redact, start } from '../../../domain/testing/changes.ts';
import { ANNA, CLAIRE, Writer } from '../../contract/writer.ts';
import { FileStore } from '../file-store.ts';
import { Known } from './known.ts';
import { survives } from './power-cuts.ts';
import { type DiskCall, type Fault, SimulatedDisk } from './simulated-disk.ts';
import { DATA } from './site.ts';

/** Calls of a disk by which something is written, and a few that only look. */
const CALLS = [
  ...(['write', 'sync', 'syncDirectory', 'rename', 'open', 'truncate', 'unlink', 'copy'] as const),
  ...(['makeDirectory', 'removeDirectory', 'read', 'stat', 'list'] as const),
] satisfies DiskCall['op'][];

/** So often those calls are tried that are not made when nothing goes wrong. */
const RARE = 8;

/** Of calls that write; of those that look, one that fails is enough. */
const PLAUSIBLE = new Set(['EIO false', 'EIO true', 'ENOSPC false', 'EROFS true']);

/** Everything that can go wrong in a short life; `all` with every code, once and for good. */
export const troubles = async (all: boolean): Promise<Trouble[]> => {
  const counts = await callsOfLife();
  const found: Trouble[] = [];
  for (const op of CALLS) {
    const last = counts.get(op) ?? RARE;
    for (let nth = 1; nth <= last; nth += 1) {
      for (const code of ['EIO', 'ENOSPC', 'EROFS'] as const) {
        for (const lasts of [false, true]) {
          const isPlausible = WRITING.has(op) ? PLAUSIBLE.has(`${code} ${lasts}`) : code === 'EIO' && !lasts;
          if (all || isPlausible) found.push({ op, nth, code, lasts });
        }
      }
    }
  }
  return found;
};

/** What goes wrong: one call, or that call and every later one that writes. */
export interface Trouble {
  readonly op: DiskCall['op'];
  /** Which of the calls of this kind, from 1. */
  readonly nth: number;
  readonly code: 'EIO' | 'ENOSPC' | 'EROFS';
  readonly lasts: boolean;
}

const WRITING: ReadonlySet<DiskCall['op']> = new Set<DiskCall['op']>([
  ...(['write', 'sync', 'syncDirectory', 'rename', 'truncate', 'unlink', 'copy'] as const),
  ...(['makeDirectory', 'removeDirectory'] as const),
]);

const storeOn = (disk: SimulatedDisk): FileStore =>
  new FileStore({ directory: DATA, disk, snapshotEverySeconds: 0, timezone: 'UTC' });

/** Callers hear that storing does not work, or why a place is refused; never anything else. */
const assertHonest = (error: GuichetError): void => {
  assert.match(error.code, /^(unavailable|storage_full|refused)$/, String(error));
  if (error.code === 'refused') assert.ok((error.detail ?? error.message).length > 20, 'a refusal says why');
};

const openWriter = async (store: FileStore, known: Known): Promise<Writer | undefined> => {
  known.listenTo(store);
  try {
    return new Writer(store, await store.open());
  } catch (error) {
    assertHonest(error as GuichetError);
    return undefined;
  }
};

/** A short life that meets every kind of call: a start, batches, snapshots while writing, old ones going, a stop. */
const live = async (disk: SimulatedDisk, known: Known): Promise<FileStore | undefined> => {
  const attempt = async (writer: Writer, ...changes: Parameters<Writer['attempt']>): Promise<void> => {
    for (const outcome of await writer.attempt(...changes)) {
      // What leans on something that was refused is refused as well, by what it is.
      if (!outcome.ok && !['not_found', 'invalid'].includes(outcome.error.code)) assertHonest(outcome.error);
    }
  };
  let last: FileStore | undefined;
  for (const life of ['a', 'b']) {
    const store = storeOn(disk);
    const writer = await openWriter(store, known);
    if (writer === undefined) continue;
    await attempt(writer, put(contactEntry('anna')), start(ANNA, 'c'), post(ANNA, 'c', `${life}1`));
    const snapshot = store.takeSnapshot();
    await attempt(writer, post(ANNA, 'c', `${life}2`));
    await snapshot;
    await attempt(writer, redact(CLAIRE, 'c', `${life}1`));
    await store.takeSnapshot(true);
    await attempt(writer, post(ANNA, 'c', `${life}3`));
    if (life === 'a') await store.close();
    else last = store;
  }
  return last;
};

/** How often each kind of call is made when nothing goes wrong. */
const callsOfLife = async (): Promise<Map<DiskCall['op'], number>> => {
  const disk = new SimulatedDisk();
  await live(disk, new Known());
  const counts = new Map<DiskCall['op'], number>();
  for (const { op } of disk.calls) counts.set(op, (counts.get(op) ?? 0) + 1);
  return counts;
};

/**
 * Lives through that life with one kind of trouble in it. Then the trouble is over: the store has to take writes again
 * by itself, or at its next start where it could not open; and when the power fails everything acknowledged is there.
 * @returns whether the trouble was met
 */
export const liveThrough = async ({ op, nth, code, lasts }: Trouble, cuts: number): Promise<boolean> => {
  const disk = new SimulatedDisk();
  const known = new Known();
  let seen = 0;
  let isMet = false;
  disk.fault = (call): Fault | undefined => {
    if (call.op === op) seen += 1;
    const isTheOne = call.op === op && seen === nth;
    if (isTheOne) isMet = true;
    if (isTheOne || (isMet && lasts && WRITING.has(call.op))) return { code };
    // A disk that is full is cut back, and may fail at that as well.
    if (op === 'truncate' && nth > seen && call.op === 'write' && call.path.endsWith('.log')) return fillingUp(call);
    return undefined;
  };
  const store = await live(disk, known);
  disk.fault = undefined;
  if (!isMet) return false;
  const again = store ?? storeOn(disk);
  const writer = store === undefined ? await openWriter(again, known) : new Writer(store, (await headOf(store))!);
  assert.ok(writer, 'it opens once the trouble is over');
  const [outcome] = await writer.attempt(put(contactEntry('after')));
  assert.ok(outcome!.ok, `it takes writes again once the trouble is over: ${String(!outcome!.ok && outcome!.error)}`);
  assert.equal(again.health().state, 'open');
  for (let cut = 0; cut < cuts; cut += 1) await survives(disk.powerCut(seededRandom(nth + cut)), known.now());
  return true;
};

/** Every third write to the journal takes a part, and the one behind it finds no room. */
const fillingUp = ({ number, bytes = 0 }: DiskCall): Fault | undefined => {
  if (number % 3 === 0 && bytes > 1) return { short: bytes >> 1 };
  return number % 3 === 1 ? { code: 'ENOSPC' } : undefined;
};

const headOf = async (store: FileStore) =>
  (await store.view({ conversations: [], messages: [], entries: [], agentEmails: [] })).head;
