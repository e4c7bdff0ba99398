import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { GuichetError } from '../../domain/errors.ts';
import type { Disk, DiskFile } from './disk.ts';

/** Read and write this much at a time where a whole file passes through: a turn of the event loop stays short. */
export const CHUNK_BYTES = 1024 * 1024;

/** Writes all bytes, however few the disk takes at a time; the call after a short write tells why it was short. */
export const writeFully = async (file: DiskFile, bytes: Uint8Array, position: number): Promise<void> => {
  let done = 0;
  while (done < bytes.length) {
    const written = await file.write(done === 0 ? bytes : bytes.subarray(done), position + done);
    if (written <= 0) throw Object.assign(new Error('ENOSPC: the disk took no byte'), { code: 'ENOSPC' });
    done += written;
  }
};

/** Reads until `into` is full or the file ends; resolves to the number of bytes read. */
export const readFully = async (file: DiskFile, into: Uint8Array, position: number): Promise<number> => {
  let done = 0;
  while (done < into.length) {
    const count = await file.read(done === 0 ? into : into.subarray(done), position + done);
    if (count === 0) break;
    done += count;
  }
  return done;
};

/** SHA-256 of a whole file, as hex. */
export const digestFile = async (disk: Disk, path: string): Promise<string> => {
  const hash = createHash('sha256');
  const file = await disk.open(path, 'read');
  try {
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, (await file.size()) + 1));
    for (let at = 0, count = -1; count !== 0; at += count) {
      count = await readFully(file, chunk, at);
      hash.update(chunk.subarray(0, count));
    }
  } finally {
    await file.close();
  }
  return hash.digest('hex');
};

/** The bytes of a small file, `undefined` when there is none. */
export const readSmallFile = async (disk: Disk, path: string): Promise<Buffer | undefined> => {
  if ((await disk.stat(path)) === undefined) return undefined;
  const file = await disk.open(path, 'read');
  try {
    const bytes = Buffer.alloc(await file.size());
    return bytes.subarray(0, await readFully(file, bytes, 0));
  } finally {
    await file.close();
  }
};

/** A new file, written and synced; its name survives a power cut once its directory is synced. */
export const createFile = async (disk: Disk, path: string, bytes: Uint8Array): Promise<void> => {
  const file = await disk.open(path, 'create');
  try {
    await writeFully(file, bytes, 0);
    await file.sync();
  } finally {
    await file.close();
  }
};

/** Puts `bytes` in the place of a file: after a power cut it is wholly the old one or wholly the new one. */
export const replaceFile = async (disk: Disk, path: string, bytes: Uint8Array): Promise<void> => {
  await removeFile(disk, `${path}.tmp`);
  await createFile(disk, `${path}.tmp`, bytes);
  await disk.rename(`${path}.tmp`, path);
  await disk.syncDirectory(dirname(path));
};

/**
 * Puts what a file seems to hold in its own place, synced: where its own sync failed a reader sees what is nowhere on
 * the medium, and a second sync of it would say nothing.
 */
export const renewFile = async (disk: Disk, path: string): Promise<void> => {
  const bytes = await readSmallFile(disk, path);
  if (bytes !== undefined) await replaceFile(disk, path, bytes);
};

/** Puts a synced copy of `from` in the place of `to`. */
export const replaceByCopy = async (disk: Disk, from: string, to: string): Promise<void> => {
  await removeFile(disk, `${to}.tmp`);
  await copySynced(disk, from, `${to}.tmp`);
  await disk.rename(`${to}.tmp`, to);
  await disk.syncDirectory(dirname(to));
};

/** A copy under a new name, synced; the directory of it is the caller's to sync. */
export const copySynced = async (disk: Disk, from: string, to: string): Promise<void> => {
  await disk.copy(from, to);
  const file = await disk.open(to, 'update');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
};

/** Removes a file if it is there. */
export const removeFile = async (disk: Disk, path: string): Promise<void> => {
  if ((await disk.stat(path)) !== undefined) await disk.unlink(path);
};

/** Removes a directory and what is in it, if it is there. */
export const removeTree = async (disk: Disk, path: string): Promise<void> => {
  const found = await disk.stat(path);
  if (found === undefined) return;
  if (!found.directory) return disk.unlink(path);
  for (const name of await disk.list(path)) await removeTree(disk, join(path, name));
  await disk.removeDirectory(path);
};

/** Makes a directory and those above it, each synced into the one above, so that no power cut takes it away. */
export const ensureDirectory = async (disk: Disk, path: string): Promise<void> => {
  const found = await disk.stat(path);
  if (found?.directory) return;
  if (found !== undefined) throw Object.assign(new Error(`ENOTDIR: ${path} is not a directory`), { code: 'ENOTDIR' });
  const parent = dirname(path);
  if (parent !== path) await ensureDirectory(disk, parent);
  await disk.makeDirectory(path);
  await disk.syncDirectory(parent);
};

/**
 * Makes sure that a directory is found again after a power cut, whoever made it and those above it: where a sync failed
 * behind the making, it is there for the next process all the same. A directory above that we may not look into was
 * not made by us.
 */
export const syncAbove = async (disk: Disk, path: string): Promise<void> => {
  for (let at = path; dirname(at) !== at; at = dirname(at)) {
    await disk.syncDirectory(dirname(at)).catch((error: NodeJS.ErrnoException) => {
      if (!NOT_OURS.has(error.code ?? '')) throw error;
    });
  }
};

const NOT_OURS = new Set(['EACCES', 'EPERM', 'EINVAL', 'EROFS']);

/** A name in `directory` that nothing has yet: `name`, else `name.1`, `name.2` ... */
export const freeName = async (disk: Disk, directory: string, name: string): Promise<string> => {
  const taken = new Set(await disk.list(directory));
  let candidate = basename(name);
  for (let n = 1; taken.has(candidate); n += 1) candidate = `${basename(name)}.${n}`;
  return join(directory, candidate);
};

const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

export const isFullError = (error: unknown): boolean => FULL.has((error as { code?: string } | undefined)?.code ?? '');

/** An error of the disk as callers of the store meet it; ours pass as they are. */
export const asOutage = (error: unknown): GuichetError =>
  error instanceof GuichetError
    ? error
    : new GuichetError(isFullError(error) ? 'storage_full' : 'unavailable', undefined, { cause: error });

/** Whether a place can never be a data directory as it is: no waiting mends a file in the way or a missing right. */
export const isMisplaced = (error: unknown): boolean =>
  ['ENOTDIR', 'EEXIST', 'EACCES', 'EPERM'].includes(String((error as NodeJS.ErrnoException).code));

/** The refusal of such a place. */
export const misplaced = (directory: string, cause: unknown): GuichetError =>
  new GuichetError(
    'refused',
    `${directory} cannot be used as a data directory (${(cause as Error).message}). Name another, or give this user the right to it.`,
    { cause },
  );

/** What an owner is told of an error: what the system said, where we know it only as an outage. */
export const reasonOf = (error: unknown): string => {
  const { message, cause } = error as Error;
  return cause instanceof Error ? cause.message : (message ?? String(error));
};
