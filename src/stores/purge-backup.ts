import { join } from 'node:path';
import { filesNamedIn } from '../domain/attachments/files-named.ts';
import { headOf } from '../domain/copy-log.ts';
import type { Erasure } from '../domain/model/erased.ts';
import type { LogRecord } from '../domain/model/record.ts';
import { WithoutErased } from '../domain/without-erased.ts';
import { backUpAsCopied } from './back-up.ts';
import { type BackupManifest, readBackupManifest } from './file/backup/backup-format.ts';
import type { Disk } from './file/disk.ts';
import { FileStore } from './file/file-store.ts';
import { readChain } from './file/journal-chain.ts';
import { readSegment } from './file/journal-reader.ts';
import type { Logger } from './file/logger.ts';

interface Place {
  readonly disk: Disk;
  /** Of the backup. */
  readonly path: string;
  readonly logger: Logger;
}

/** Whether a backup holds anything of those who were erased, in what it shows or in the journal behind it. */
export const holdsErased = (place: Place, erasures: readonly Erasure[]): Promise<boolean> =>
  withBackup(place, async (source) => {
    const without = new WithoutErased(source, (await headOf(source)).log.id, erasures);
    const changes = async (records: readonly LogRecord[]): Promise<boolean> => {
      for (const record of records) if ((await without.record(record)) !== record) return true;
      return false;
    };
    if ((await without.held()) > 0) return true;
    for (const { path } of (await readChain(place.disk, join(place.path, 'journal'))).links) {
      const batches: (readonly LogRecord[])[] = [];
      await readSegment(place.disk, path, { batch: ({ records }) => void batches.push(records) });
      for (const records of batches) if (await changes(records)) return true;
    }
    return false;
  });

/**
 * Writes a backup again without what was erased, reads it back and compares it by digest as any backup is. It keeps
 * its position and its time; of the moments behind it those are left that its journal can still show.
 * @param to becomes the new one; the old one stays for whoever asked to take away
 */
export const rewriteBackup = (place: Place, to: string, erasures: readonly Erasure[]): Promise<BackupManifest> =>
  withBackup(place, async (source) => {
    const { disk, path, logger } = place;
    const without = new WithoutErased(source, (await headOf(source)).log.id, erasures);
    const named = await filesNamedIn(without);
    const { takenAt } = (await readBackupManifest(disk, path))!;
    const blobs = { from: join(path, 'blobs'), wanted: (id: string) => named.has(id) };
    return backUpAsCopied(without, to, { disk, logger, blobs, now: () => takenAt });
  });

const withBackup = async <T>({ disk, path, logger }: Place, use: (source: FileStore) => Promise<T>): Promise<T> => {
  const source = new FileStore({ directory: path, disk, logger });
  try {
    await source.open({ reading: true });
    return await use(source);
  } finally {
    await source.close();
  }
};
