/**
 * The only way the file store reaches a disk: few operations, each with the promise it makes about power cuts, so
 * that tests can put a simulated disk in its place. Paths are absolute. Errors carry the system's `code` (ENOSPC ...).
 */
export interface Disk {
  /** `create` fails with EEXIST on an existing file and makes it readable by its owner only. */
  open(path: string, mode: 'read' | 'update' | 'create'): Promise<DiskFile>;
  /** Makes what happened to the names in this directory survive a power cut. */
  syncDirectory(path: string): Promise<void>;
  /** One directory below an existing one, for its owner only. An existing one is left as it is. */
  makeDirectory(path: string): Promise<void>;
  /** Of an empty directory. */
  removeDirectory(path: string): Promise<void>;
  /** Atomic as seen by readers; replaces a file of that name. Survives a power cut once the directory is synced. */
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  /** Copies contents to a new file, by reference where the file system can. Not synced. */
  copy(from: string, to: string): Promise<void>;
  /** One more name for a file of the same file system. Survives a power cut once the directory is synced. */
  link(existing: string, name: string): Promise<void>;
  /** Names in a directory, sorted by code unit; none when there is no such directory. */
  list(path: string): Promise<string[]>;
  stat(path: string): Promise<DiskEntry | undefined>;
  /** Sets the time of a file to now; rejects with ENOENT when there is none. */
  touch(path: string): Promise<void>;
  /** Where SQLite finds a file of this disk; undefined when that is nowhere: then such a file is kept in memory. */
  nativePath(path: string): string | undefined;
  /** Holds a file for this process until released or until the process ends, however it ends. */
  lock(path: string): Promise<DiskLock>;
}

export interface DiskEntry {
  readonly size: number;
  readonly directory: boolean;
  /** When its content was written or it was touched, epoch ms. */
  readonly touchedAt: number;
}

export interface DiskFile {
  /** Writes some of the bytes at `position` and says how many: a full disk writes fewer without an error. */
  write(bytes: Uint8Array, position: number): Promise<number>;
  /** Reads up to as many bytes as fit; fewer at the end of the file. */
  read(into: Uint8Array, position: number): Promise<number>;
  /** fdatasync: what was written, and the size, survive a power cut. After an error this file is not to be synced again. */
  sync(): Promise<void>;
  truncate(length: number): Promise<void>;
  size(): Promise<number>;
  /** Whether a path leads to this very file: not when it was removed, or something else was put in its place. */
  isAt(path: string): Promise<boolean>;
  close(): Promise<void>;
}

export interface DiskLock {
  /** Whether the path that was locked still leads to the file that is held. */
  isInPlace(): Promise<boolean>;
  release(): Promise<void>;
}

/** What {@link Disk.lock} rejects with when another process, or another store of this one, holds the file. */
export class LockHeldError extends Error {
  override readonly name = 'LockHeldError';
}
