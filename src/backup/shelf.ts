import { join } from 'node:path';
import {
  type BackupManifest,
  isBackupName,
  readBackupManifest,
  UNFINISHED_BACKUP,
} from '../stores/file/backup/backup-format.ts';
import type { Disk } from '../stores/file/disk.ts';
import { freeName, removeFile, removeTree } from '../stores/file/disk-files.ts';
import { NodeDisk } from '../stores/file/node-disk.ts';

export interface ShelvedBackup {
  /** Its day. */
  readonly name: string;
  readonly manifest: BackupManifest;
}

/** The directory of daily backups. What is in it under other names is never touched. */
export class Shelf {
  readonly #directory: string | null;
  readonly #disk: Disk;

  constructor(directory: string | null, disk: Disk = new NodeDisk()) {
    this.#directory = directory;
    this.#disk = disk;
  }

  /** Oldest first; what has no manifest that can be read is none. */
  async list(): Promise<ShelvedBackup[]> {
    if (this.#directory === null) return [];
    const found: ShelvedBackup[] = [];
    for (const name of (await this.#disk.list(this.#directory)).filter(isBackupName)) {
      const manifest = await readBackupManifest(this.#disk, join(this.#directory, name)).catch(() => undefined);
      if (manifest !== undefined) found.push({ name, manifest });
    }
    return found.sort((a, b) => a.manifest.takenAt - b.manifest.takenAt);
  }

  /** Where the next backup of a day goes: another one of it, or what is left of one, stays. */
  placeFor(day: string): Promise<string> {
    return freeName(this.#disk, this.#directory!, day);
  }

  /** Takes a backup away. The manifest goes first: half a backup is none. */
  async remove(name: string): Promise<void> {
    const path = join(this.#directory!, name);
    await removeFile(this.#disk, join(path, 'manifest.json'));
    await this.#disk.syncDirectory(path);
    await removeTree(this.#disk, path);
  }

  /** Takes away all but the newest, and what was never finished. */
  async keep(count: number): Promise<void> {
    const directory = this.#directory!;
    for (const { name } of (await this.list()).slice(0, -count)) await this.remove(name);
    const left = (await this.#disk.list(directory)).filter(
      (name) => name.endsWith(UNFINISHED_BACKUP) && isBackupName(name.slice(0, -UNFINISHED_BACKUP.length)),
    );
    for (const name of left) await removeTree(this.#disk, join(directory, name));
  }
}
