import { join } from 'node:path';
import type { Disk } from './disk.ts';
import { reasonOf, replaceByCopy } from './disk-files.ts';
import type { Logger } from './logger.ts';
import { Quarantine } from './quarantine.ts';
import { SNAPSHOT_FILES, type SnapshotFileName, type SnapshotManifest, snapshotPath } from './snapshot-format.ts';
import { SnapshotDamage, verifyFile } from './snapshot-verify.ts';

interface Place {
  readonly disk: Disk;
  readonly directory: string;
  readonly logger: Logger;
}

/** Files of another program that stand at the top as they came, and are kept elsewhere: they may be replaced. */
export type Originals = ReadonlySet<string>;
export const NO_ORIGINALS: Originals = new Set();

/**
 * Sees to it that the readable files at the top of the data directory are copies of the newest snapshot's; copies, for a
 * person may edit them in place. One that somebody changed is kept in quarantine: the store never takes it for its own,
 * and never throws it away.
 * @param snapshots whose copies may stand there, newest first
 */
export const renewReadableCopies = async (
  place: Place,
  snapshots: readonly SnapshotManifest[],
  originals = NO_ORIGINALS,
): Promise<void> => {
  for (const name of SNAPSHOT_FILES) await renewCopy(place, name, snapshots, originals);
};

/** The same at a start. Never rejects: the store does not need them. */
export const restoreReadableCopies = async (
  place: Place,
  snapshots: readonly SnapshotManifest[],
  originals = NO_ORIGINALS,
): Promise<void> => {
  for (const name of SNAPSHOT_FILES) {
    await renewCopy(place, name, snapshots, originals).catch((error: unknown) => {
      place.logger.warn(`${join(place.directory, name)} could not be checked: ${reasonOf(error)}`);
    });
  }
};

const renewCopy = async (
  { disk, directory, logger }: Place,
  name: SnapshotFileName,
  snapshots: readonly SnapshotManifest[],
  originals: Originals,
): Promise<void> => {
  const [newest] = snapshots;
  const path = join(directory, name);
  const of = originals.has(name) ? undefined : await whoseCopy(disk, path, name, snapshots);
  if (of === 'nobody') {
    const kept = await new Quarantine(disk, directory).move(path);
    logger.warn(
      `${path} was changed by hand or by another program. It is kept as ${kept}. To add what it holds, put it in a directory of its own as ${name} and run: guichet import --from THAT_DIRECTORY --store file:${directory}`,
    );
  }
  if (newest !== undefined && of !== newest) {
    await replaceByCopy(disk, join(snapshotPath(directory, newest.position), name), path);
  }
};

/** The snapshot whose file stands at the top; an older one when a power cut came before the copies were renewed. */
const whoseCopy = async (
  disk: Disk,
  path: string,
  name: SnapshotFileName,
  snapshots: readonly SnapshotManifest[],
): Promise<SnapshotManifest | 'nobody' | undefined> => {
  if ((await disk.stat(path)) === undefined) return undefined;
  for (const snapshot of snapshots) {
    try {
      await verifyFile(disk, path, snapshot.files[name]);
      return snapshot;
    } catch (error) {
      if (!(error instanceof SnapshotDamage)) throw error;
    }
  }
  return 'nobody';
};
