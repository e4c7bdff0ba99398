import { join } from 'node:path';
import { GuichetError } from '../../../domain/errors.ts';
import type { Disk } from '../disk.ts';
import { readSmallFile } from '../disk-files.ts';
import type { SnapshotManifest } from '../snapshot-format.ts';
import { readSnapshotManifest } from '../snapshot-reader.ts';

export const BACKUP_FORMAT = 1;

/** One file of a backup beside those of its snapshot. */
export interface BackupFile {
  readonly bytes: number;
  readonly sha256: string;
}

/** `manifest.json` of a backup: that of the snapshot in it, and what stands beside it. */
export interface BackupManifest extends SnapshotManifest {
  readonly backup: {
    readonly format: number;
    /** Digest of everything (src/domain/digest.ts): what was backed up, and what the backup was read back as. */
    readonly digest: string;
    /** Segments below `journal/` by name, as far as they count. */
    readonly journal: Readonly<Record<string, BackupFile>>;
  };
}

/** The manifest of a backup, `undefined` where there is none. Rejects one by a newer Guichet as `refused`. */
export const readBackupManifest = async (disk: Disk, path: string): Promise<BackupManifest | undefined> => {
  const file = join(path, 'manifest.json');
  const bytes = await readSmallFile(disk, file);
  if (bytes === undefined || !bytes.includes('"backup"')) return undefined;
  const manifest = (await readSnapshotManifest(disk, path)) as BackupManifest;
  const { format } = manifest.backup;
  if (format > BACKUP_FORMAT) {
    throw new GuichetError('refused', `${file} was written by a newer version of Guichet (backup format ${format}).`);
  }
  return manifest;
};

/** Names of daily backups, a second one of a day with a number; whatever else is in their directory is left alone. */
export const isBackupName = (name: string): boolean => /^\d{4}-\d\d-\d\d(\.\d+)?$/.test(name);

/** What a backup is called while it is written. */
export const UNFINISHED_BACKUP = '.unfinished';
