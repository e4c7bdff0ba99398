import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { GuichetError } from '../../domain/errors.ts';
import type { LogIdentity } from '../../domain/model/log-identity.ts';
import type { Disk } from './disk.ts';
import { readSmallFile } from './disk-files.ts';
import { readChain } from './journal-chain.ts';
import { readSegment } from './journal-reader.ts';
import { manifestPath, readManifest } from './manifest.ts';
import { examine, type Recovered } from './recovery.ts';

export interface LivePlace {
  readonly disk: Disk;
  readonly directory: string;
  readonly log?: LogIdentity | undefined;
}

/** A live store may commit a snapshot while it is read; then it is read again, at most so often. */
const ATTEMPTS = 5;
/** A store that runs proves its last batch within 50 ms; one that stopped in between never does. */
const PROOF_EVERY_MILLISECONDS = 20;
const PROOF_WITHIN_MILLISECONDS = 2000;

/**
 * Runs `read` on a directory until its manifest was the same before and behind it: what a snapshot moved meanwhile is
 * no damage. Rejects as `read` did when it fails on a directory that stood still, or every time.
 * @param settled whether a result needs no second look
 */
export const onStillDirectory = async <T>(
  { disk, directory }: LivePlace,
  read: () => Promise<T>,
  settled: (result: T) => boolean,
): Promise<T> => {
  const manifest = async (): Promise<string | undefined> =>
    (await readSmallFile(disk, manifestPath(directory)).catch(() => undefined))?.toString();
  for (let attempt = 1; ; attempt += 1) {
    const before = await manifest();
    let outcome: { readonly result: T } | { readonly error: unknown };
    try {
      outcome = { result: await read() };
    } catch (error) {
      outcome = { error };
    }
    if ('result' in outcome && settled(outcome.result)) return outcome.result;
    const gone = 'error' in outcome && (outcome.error as NodeJS.ErrnoException).code === 'ENOENT';
    if (attempt < ATTEMPTS && (gone || before !== (await manifest()))) continue;
    if ('error' in outcome) throw outcome.error;
    return outcome.result;
  }
};

/**
 * What a directory holds, read without a lock beside whoever writes to it, and without changing it. Only what is
 * acknowledged, or would be found by the next start, is in it.
 * @throws GuichetError `refused` when there is no store, or the store could not be opened either
 */
export const readAlong = async (place: LivePlace): Promise<Recovered> => {
  const { disk, directory } = place;
  for (let attempt = 1; ; attempt += 1) {
    const found = await onStillDirectory(
      place,
      async () => {
        await requireStore(disk, directory);
        const { recovered, findings } = await examine(place);
        return { recovered, sound: findings.every(({ severity }) => severity === 'info') };
      },
      ({ sound }) => sound,
    );
    const { recovered } = found;
    if (recovered.unproven.length === 0 || attempt === ATTEMPTS) return recovered;
    if (await isProven(disk, directory, recovered.position)) return recovered;
    // Nobody writes any more, and these batches are what a start would write again; or they were cut off, and the
    // next look tells.
    const again = await readChain(disk, join(directory, 'journal'));
    if (again.lastNumber === recovered.lastSegmentNumber) {
      const last = again.links.at(-1);
      const report = last && (await readSegment(disk, last.path));
      if (report?.head === recovered.position) return recovered;
    }
    recovered.shelf.close();
  }
};

const requireStore = async (disk: Disk, directory: string): Promise<void> => {
  const manifest = await readManifest(disk, directory);
  const begun = typeof manifest === 'object' ? manifest.adopting === null : manifest === 'damaged';
  if (begun || (manifest === undefined && (await disk.list(join(directory, 'journal'))).length > 0)) return;
  const sentence =
    manifest === undefined
      ? `There is no store in ${directory}.`
      : `${directory} is still being adopted: start the server on it once.`;
  throw new GuichetError('refused', sentence);
};

/** Whether something on the disk was written after the sync of the record at this position had returned. */
const isProven = async (disk: Disk, directory: string, position: number): Promise<boolean> => {
  const until = performance.now() + PROOF_WITHIN_MILLISECONDS;
  do {
    const { links } = await readChain(disk, join(directory, 'journal'));
    const last = links.at(-1);
    if (last === undefined) return true;
    if (last.header.after >= position) return true;
    if ((await readSegment(disk, last.path)).durable >= position) return true;
    await pause(PROOF_EVERY_MILLISECONDS);
  } while (performance.now() < until);
  return false;
};
