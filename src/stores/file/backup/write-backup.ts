import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { digestLog, wholeDigest } from '../../../domain/digest.ts';
import type { Store } from '../../../domain/store.ts';
import { StoreProblem } from '../../../domain/store-problem.ts';
import type { Disk } from '../disk.ts';
import {
  CHUNK_BYTES,
  digestFile,
  ensureDirectory,
  readFully,
  removeTree,
  replaceFile,
  writeFully,
} from '../disk-files.ts';
import type { Segment } from '../journal-segment.ts';
import { sealJson } from '../sealed-json.ts';
import { loadSnapshot } from '../snapshot-reader.ts';
import { type Pinned, writeVerified } from '../snapshot-writer.ts';
import { BACKUP_FORMAT, type BackupFile, type BackupManifest, UNFINISHED_BACKUP } from './backup-format.ts';

export interface BackupJob {
  readonly disk: Disk;
  /** Becomes the backup; empty, or not there yet. */
  readonly to: string;
  readonly pinned: Pinned;
  /** Of the journal behind it, oldest first. */
  readonly segments: readonly Segment[];
  /** Digest of what is pinned. */
  readonly digest: string;
  readonly now: () => number;
  /** Adds what else belongs to it, before it has its name. */
  readonly add: (path: string) => Promise<void>;
  /** A store on what was written to `path`, to be opened for reading. */
  readonly reopen: (path: string) => Store;
}

/**
 * Writes a backup beside its place, reads it back, and gives it its name once both are the same. One that fails at any
 * point leaves nothing behind.
 * @throws StoreProblem `not_empty`, `backup_differs`
 */
export const writeBackup = async (job: BackupJob): Promise<BackupManifest> => {
  const { disk, to, digest } = job;
  if ((await disk.list(to)).length > 0) throw new StoreProblem({ code: 'not_empty', dir: to });
  const unfinished = `${to}${UNFINISHED_BACKUP}`;
  await ensureDirectory(disk, dirname(to));
  await removeTree(disk, unfinished);
  try {
    const manifest = await writeFiles(job, unfinished);
    await job.add(unfinished);
    if ((await readBack(job, unfinished)) !== digest) throw new StoreProblem({ code: 'backup_differs', dir: to });
    if ((await disk.stat(to)) !== undefined) await disk.removeDirectory(to);
    await disk.rename(unfinished, to);
    await disk.syncDirectory(dirname(to));
    return manifest;
  } catch (error) {
    await removeTree(disk, unfinished).catch(() => {});
    throw error;
  }
};

/** Answers the digest of what can be read from a backup. */
const readBack = async ({ disk, reopen }: BackupJob, path: string): Promise<string> => {
  // By itself: a restore may also make up for damage from the journal.
  (await loadSnapshot(disk, path)).shelf.close();
  const back = reopen(path);
  try {
    await back.open({ reading: true });
    return wholeDigest(await digestLog(back));
  } finally {
    await back.close();
  }
};

const writeFiles = async (job: BackupJob, path: string): Promise<BackupManifest> => {
  const { disk, pinned, now, digest } = job;
  const written = await writeVerified({ disk, pinned, now, signal: new AbortController().signal }, path);
  const journal = await copyJournal(disk, job.segments, join(path, 'journal'));
  const manifest = { ...written.manifest, backup: { format: BACKUP_FORMAT, digest, journal } };
  await replaceFile(disk, join(path, 'manifest.json'), sealJson(manifest));
  return manifest;
};

/** Copies segments as far as they count, newest first: where a snapshot took one away meanwhile, the journal begins. */
const copyJournal = async (disk: Disk, segments: readonly Segment[], to: string) => {
  const files: Record<string, BackupFile> = {};
  await disk.makeDirectory(to);
  for (const { path, bytes } of segments.toReversed()) {
    try {
      files[basename(path)] = await copyStart(disk, path, bytes, join(to, basename(path)));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      break;
    }
  }
  await disk.syncDirectory(to);
  return files;
};

/** Copies the first bytes of a file to a new one, synced. */
const copyStart = async (disk: Disk, from: string, bytes: number, to: string): Promise<BackupFile> => {
  const hash = createHash('sha256');
  const source = await disk.open(from, 'read');
  try {
    const target = await disk.open(to, 'create');
    try {
      const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, bytes));
      for (let at = 0; at < bytes; ) {
        const count = await readFully(source, chunk.subarray(0, Math.min(chunk.length, bytes - at)), at);
        if (count === 0) throw new Error(`${from} ends at byte ${at} instead of ${bytes}.`);
        hash.update(chunk.subarray(0, count));
        await writeFully(target, chunk.subarray(0, count), at);
        at += count;
      }
      await target.sync();
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
  const sha256 = hash.digest('hex');
  if ((await digestFile(disk, to)) !== sha256) throw new Error(`${to} was not read back as it was written.`);
  return { bytes, sha256 };
};
