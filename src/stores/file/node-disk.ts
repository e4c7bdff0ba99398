import fs, { type BigIntStats } from 'node:fs';
import { access, link, mkdir, readdir, rename, rmdir, stat, unlink, utimes } from 'node:fs/promises';
import { holdFile } from '../../lib/file-lock.ts';
import { type Disk, type DiskEntry, type DiskFile, type DiskLock, LockHeldError } from './disk.ts';

const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;
const FLAGS = { read: 'r', update: 'r+', create: 'wx+' } as const;

/** The real disk. Callbacks of node:fs are used directly where it is hot: no handle objects, no extra promises. */
export class NodeDisk implements Disk {
  open(path: string, mode: 'read' | 'update' | 'create'): Promise<DiskFile> {
    return new Promise((resolve, reject) => {
      fs.open(path, FLAGS[mode], FILE_MODE, (error, descriptor) => {
        if (error) reject(error);
        else resolve(new NodeFile(descriptor));
      });
    });
  }

  async syncDirectory(path: string): Promise<void> {
    // Windows cannot open a directory; its file systems keep names in a journal of their own.
    if (process.platform === 'win32') return;
    const descriptor = await new Promise<number>((resolve, reject) => {
      fs.open(path, 'r', (error, opened) => (error ? reject(error) : resolve(opened)));
    });
    try {
      await new Promise<void>((resolve, reject) => {
        fs.fsync(descriptor, (error) => (error ? reject(error) : resolve()));
      });
    } finally {
      await new Promise<void>((resolve) => fs.close(descriptor, () => resolve()));
    }
  }

  async makeDirectory(path: string): Promise<void> {
    await mkdir(path, { mode: DIRECTORY_MODE }).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST' || !(await stat(path)).isDirectory()) throw error;
    });
  }

  removeDirectory(path: string): Promise<void> {
    return rmdir(path);
  }

  rename(from: string, to: string): Promise<void> {
    return rename(from, to);
  }

  unlink(path: string): Promise<void> {
    return unlink(path);
  }

  copy(from: string, to: string): Promise<void> {
    const flags = fs.constants.COPYFILE_EXCL | fs.constants.COPYFILE_FICLONE;
    return new Promise((resolve, reject) => {
      fs.copyFile(from, to, flags, (error) => (error ? reject(error) : resolve()));
    });
  }

  link(existing: string, name: string): Promise<void> {
    return link(existing, name);
  }

  async list(path: string): Promise<string[]> {
    try {
      return (await readdir(path)).sort();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }

  async stat(path: string): Promise<DiskEntry | undefined> {
    try {
      const found = await stat(path);
      return { size: found.size, directory: found.isDirectory(), touchedAt: found.mtimeMs };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  async touch(path: string): Promise<void> {
    const now = new Date();
    await utimes(path, now, now);
  }

  nativePath(path: string): string {
    return path;
  }

  async lock(path: string): Promise<DiskLock> {
    // A file that exists must not be opened here: closing any descriptor of it would drop this process's locks on it.
    const missing = await access(path).then(
      () => false,
      () => true,
    );
    if (missing) {
      const file = await this.open(path, 'create').catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error;
      });
      await file?.close();
    }
    const lock = holdFile(path);
    if (lock === undefined) throw new LockHeldError(`${path} is held`);
    const held = await identityOf(path);
    return {
      release: async () => lock.release(),
      isInPlace: async () => isSame(await identityOf(path).catch(() => undefined), held),
    };
  }
}

/** Which file a path leads to. */
const identityOf = (path: string): Promise<BigIntStats> => stat(path, { bigint: true });

const isSame = (a: BigIntStats | undefined, b: BigIntStats): boolean => a?.ino === b.ino && a.dev === b.dev;

class NodeFile implements DiskFile {
  readonly #descriptor: number;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  write(bytes: Uint8Array, position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      fs.write(this.#descriptor, bytes, 0, bytes.length, position, (error, written) =>
        error ? reject(error) : resolve(written),
      );
    });
  }

  read(into: Uint8Array, position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      fs.read(this.#descriptor, into, 0, into.length, position, (error, count) =>
        error ? reject(error) : resolve(count),
      );
    });
  }

  sync(): Promise<void> {
    return new Promise((resolve, reject) => {
      fs.fdatasync(this.#descriptor, (error) => (error ? reject(error) : resolve()));
    });
  }

  truncate(length: number): Promise<void> {
    return new Promise((resolve, reject) => {
      fs.ftruncate(this.#descriptor, length, (error) => (error ? reject(error) : resolve()));
    });
  }

  size(): Promise<number> {
    return new Promise((resolve, reject) => {
      fs.fstat(this.#descriptor, (error, found) => (error ? reject(error) : resolve(found.size)));
    });
  }

  async isAt(path: string): Promise<boolean> {
    const own = new Promise<BigIntStats>((resolve, reject) => {
      fs.fstat(this.#descriptor, { bigint: true }, (error, found) => (error ? reject(error) : resolve(found)));
    });
    const [there, held] = await Promise.all([identityOf(path).catch(() => undefined), own]);
    return isSame(there, held);
  }

  close(): Promise<void> {
    return new Promise((resolve, reject) => {
      fs.close(this.#descriptor, (error) => (error ? reject(error) : resolve()));
    });
  }
}
