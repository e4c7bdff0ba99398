import { dirname, join } from 'node:path';
import { copyBlobs } from '../blobs/copy-blobs.ts';
import { copyLog, headOf } from '../domain/copy-log.ts';
import type { WholeReads } from '../domain/digest.ts';
import type { Store } from '../domain/store.ts';
import { type BackupManifest, isBackupName } from './file/backup/backup-format.ts';
import type { Disk } from './file/disk.ts';
import { ensureDirectory, removeTree } from './file/disk-files.ts';
import { FileStore } from './file/file-store.ts';
import type { Logger } from './file/logger.ts';
import { NodeDisk } from './file/node-disk.ts';

/** What a backup is made with, besides the log. */
export interface BackUpWith {
  readonly disk: Disk;
  readonly logger: Logger;
  /** Where the content of files is, and which of it; it goes into `blobs/` of the backup. */
  readonly blobs: { readonly from: string; readonly wanted?: (id: string) => boolean } | undefined;
  /** When it says that it was taken; epoch ms. */
  readonly now?: () => number;
}

/**
 * Writes a verified backup of an open store. A file store that was opened for reading is backed up as its files are;
 * any other is first copied.
 * @param to becomes the backup: empty, or not there yet
 * @param blobs where the content of files is; it goes into `blobs/` of the backup. What the newest backup beside it
 *   holds as well is one more name of the same file.
 */
export const backUp = async (
  source: Store,
  to: string,
  blobs: string | undefined,
  logger: Logger,
): Promise<BackupManifest> => {
  const how: BackUpWith = { disk: new NodeDisk(), logger, blobs: blobs === undefined ? undefined : { from: blobs } };
  return source instanceof FileStore ? source.backUp(to, withBlobs(how)) : backUpAsCopied(source, to, how);
};

const withBlobs =
  ({ disk, logger, blobs }: BackUpWith) =>
  async (path: string): Promise<void> => {
    if (blobs === undefined) return;
    const shelf = dirname(path);
    const newest = (await disk.list(shelf)).findLast(isBackupName);
    const earlier = newest === undefined ? undefined : join(shelf, newest, 'blobs');
    await copyBlobs(disk, blobs.from, join(path, 'blobs'), logger, { wanted: blobs.wanted, earlier });
  };

/** The same by way of a file store beside the backup, copied and compared, which is removed again. */
export const backUpAsCopied = async (source: WholeReads, to: string, how: BackUpWith): Promise<BackupManifest> => {
  const { disk, logger, now } = how;
  const directory = `${to}.scratch`;
  await removeTree(disk, directory);
  try {
    await ensureDirectory(disk, directory);
    const { log } = await headOf(source);
    const scratch = new FileStore({ directory, disk, logger, snapshotEverySeconds: 0 });
    try {
      await copyLog(source, scratch, await scratch.open({ log }), { log });
    } finally {
      await scratch.close();
    }
    const reader = new FileStore({ directory, disk, logger, ...(now && { now }) });
    try {
      await reader.open({ reading: true });
      return await reader.backUp(to, withBlobs(how));
    } finally {
      await reader.close();
    }
  } finally {
    await removeTree(disk, directory).catch(() => {});
  }
};
