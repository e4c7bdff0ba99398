import { join } from 'node:path';
import type { Disk } from './disk.ts';
import { reasonOf, replaceByCopy } from './disk-files.ts';
import type { Logger } from './logger.ts';
import { Quarantine } from './quarantine.ts';
import { SNAPSHOT_FILES, type SnapshotFileName, type SnapshotManifest, snapshotPath } from './snapshot-format.ts';
import { SnapshotDamage, verifyFile } from './snapshot-verify.ts';

/** Puts copies of a snapshot's files at the top of the data directory. Copies, for a person may edit them in place. */
export const writeReadableCopies = async (disk: Disk, directory: string, snapshot: SnapshotManifest): Promise<void> => {
  for (const name of SNAPSHOT_FILES) {
    await replaceByCopy(disk, join(snapshotPath(directory, snapshot.position), name), join(directory, name));
  }
};

interface Place {
  readonly disk: Disk;
  readonly directory: string;
  readonly logger: Logger;
}

/**
 * Sees to it at a start that the readable files are those of the newest snapshot. One that somebody changed is kept in
 * quarantine: the store never takes it for its own, and never throws it away. Never rejects: the store does not need
 * them.
 * @param snapshots that can be read, newest first
 * @param except names of files that are left as they are
 */
export const restoreReadableCopies = async (
  place: Place,
  snapshots: readonly SnapshotManifest[],
  except: ReadonlySet<string> = new Set(),
): Promise<void> => {
  for (const name of SNAPSHOT_FILES) {
    if (except.has(name)) continue;
    await restoreCopy(place, name, snapshots).catch((error: unknown) => {
      place.logger.warn(`${join(place.directory, name)} could not be checked: ${reasonOf(error)}`);
    });
  }
};

const restoreCopy = async (
  { disk, directory, logger }: Place,
  name: SnapshotFileName,
  snapshots: readonly SnapshotManifest[],
): Promise<void> => {
  const [newest] = snapshots;
  const path = join(directory, name);
  const of = await whoseCopy(disk, path, name, snapshots);
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
