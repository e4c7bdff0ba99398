import { createHash, randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { BLOB_ID, type Blob, type Blobs } from '../domain/blobs.ts';
import { GuichetError } from '../domain/errors.ts';
import type { Disk, DiskFile } from '../stores/file/disk.ts';
import { asOutage, ensureDirectory, readFully, removeFile, writeFully } from '../stores/file/disk-files.ts';

const READ_BYTES = 256 * 1024;
const INCOMING = 'incoming';
/** Behind the name of a content that is being removed. */
const GOING = '.going';
/** Another file system, one without such names, too many names of one file, or a name that went meanwhile. */
const CANNOT_LINK: ReadonlySet<string> = new Set([
  'EXDEV',
  'EPERM',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EMLINK',
  'ENOENT',
]);

/**
 * Contents as files of one directory: `ab/cdef...`, named after their hash. A content is written under another name,
 * synced, renamed, and its name is synced, before anybody is told that it is kept.
 */
export class DiskBlobs implements Blobs {
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #folders = new Map<string, Promise<void>>();

  /** @param directory absolute; made when the first content comes */
  constructor(disk: Disk, directory: string) {
    this.#disk = disk;
    this.#directory = directory;
  }

  async write(content: AsyncIterable<Uint8Array>, expected?: string): Promise<Blob> {
    const incoming = join(this.#directory, INCOMING, randomUUID());
    try {
      await this.#folder(dirname(incoming));
      const blob = await this.#receive(incoming, content);
      if (expected !== undefined && blob.id !== expected) {
        throw new GuichetError('invalid', `The content is not that of ${expected}.`);
      }
      const path = this.#pathOf(blob.id);
      await this.#folder(dirname(path));
      // Over one that is there: it holds the same, or is damaged, and its name may never have been synced.
      await this.#disk.rename(incoming, path);
      await this.#disk.syncDirectory(dirname(path));
      return blob;
    } catch (error) {
      // A disk that cannot even do this keeps a leftover, which goes with the next sweep.
      await removeFile(this.#disk, incoming).catch(() => {});
      throw asOutage(error);
    }
  }

  async #receive(path: string, content: AsyncIterable<Uint8Array>): Promise<Blob> {
    const file = await this.#disk.open(path, 'create');
    const hash = createHash('sha256');
    let size = 0;
    try {
      for await (const chunk of content) {
        await writeFully(file, chunk, size);
        hash.update(chunk);
        size += chunk.length;
      }
      await file.sync();
    } finally {
      await file.close();
    }
    return { id: hash.digest('hex'), size };
  }

  /**
   * Keeps a content that another directory holds by giving its file one more name: it takes no room and is as durable
   * as it is there.
   * @returns false when it is not whole there, or the two are not on one file system: then it has to be written
   */
  async share(other: DiskBlobs, id: string): Promise<boolean> {
    const path = this.#pathOf(id);
    try {
      if (!(await other.isWhole(id))) return false;
      await this.#folder(dirname(path));
      await this.#disk.link(other.#pathOf(id), path);
      await this.#disk.syncDirectory(dirname(path));
      return true;
    } catch (error) {
      if (CANNOT_LINK.has((error as { code?: string }).code ?? '')) return false;
      throw asOutage(error);
    }
  }

  /** Reads all of a content. False where it is damaged or not there. */
  async isWhole(id: string): Promise<boolean> {
    const found = await this.read(id);
    try {
      for await (const _ of found?.content ?? []);
      return found !== undefined;
    } catch {
      return false;
    }
  }

  async read(id: string): Promise<{ size: number; content: AsyncIterable<Buffer> } | undefined> {
    try {
      const found = BLOB_ID.test(id) ? await this.#disk.stat(this.#pathOf(id)) : undefined;
      if (found === undefined) return undefined;
      const file = await this.#disk.open(this.#pathOf(id), 'read');
      return { size: found.size, content: contentOf(file, id) };
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw asOutage(error);
    }
  }

  async has(id: string): Promise<boolean> {
    return BLOB_ID.test(id) && (await this.#disk.stat(this.#pathOf(id))) !== undefined;
  }

  async *list(): AsyncGenerator<Blob & { touchedAt: number }> {
    for (const folder of await this.#disk.list(this.#directory)) {
      for (const name of await this.#disk.list(join(this.#directory, folder))) {
        const id = folder + name;
        const found = BLOB_ID.test(id) ? await this.#disk.stat(this.#pathOf(id)) : undefined;
        if (found !== undefined) yield { id, size: found.size, touchedAt: found.touchedAt };
      }
    }
  }

  async touch(id: string): Promise<boolean> {
    if (!BLOB_ID.test(id)) return false;
    try {
      await this.#disk.touch(this.#pathOf(id));
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      throw asOutage(error);
    }
  }

  /**
   * Takes the name away first and looks at the time afterwards: whoever touches it before that is seen, and whoever
   * comes after it is told that it is not there. So no lock is needed, between processes neither.
   */
  async removeUntouched(id: string, since: number): Promise<boolean> {
    const path = this.#pathOf(id);
    try {
      await this.#disk.rename(path, path + GOING);
      const found = await this.#disk.stat(path + GOING);
      if (found !== undefined && found.touchedAt >= since) {
        await this.#disk.rename(path + GOING, path);
        return false;
      }
      await removeFile(this.#disk, path + GOING);
      await this.#disk.syncDirectory(dirname(path));
      return true;
    } catch (error) {
      if (isMissing(error)) return !(await this.has(id));
      throw asOutage(error);
    }
  }

  async removeLeftovers(before: number): Promise<void> {
    for (const folder of await this.#disk.list(this.#directory)) {
      for (const name of await this.#disk.list(join(this.#directory, folder))) {
        const path = join(this.#directory, folder, name);
        // A removal that was cut short had found it untouched, or had not looked yet: it is given back and swept anew.
        if (name.endsWith(GOING)) await this.#disk.rename(path, path.slice(0, -GOING.length));
        else if (folder === INCOMING && ((await this.#disk.stat(path))?.touchedAt ?? before) < before) {
          await removeFile(this.#disk, path);
        }
      }
    }
  }

  #pathOf(id: string): string {
    return join(this.#directory, id.slice(0, 2), id.slice(2));
  }

  /** Makes a directory; once in the life of a process its name is synced, also where another made it and was cut short. */
  #folder(path: string): Promise<void> {
    let ready = this.#folders.get(path);
    if (ready === undefined) {
      ready = this.#makeFolder(path);
      this.#folders.set(path, ready);
      ready.catch(() => this.#folders.delete(path));
    }
    return ready;
  }

  async #makeFolder(path: string): Promise<void> {
    if (path !== this.#directory) await this.#folder(this.#directory);
    await ensureDirectory(this.#disk, path);
    await this.#disk.syncDirectory(dirname(path));
  }
}

/** The bytes of a file; at its end they are compared with the name, so that rot is an error and no content. */
async function* contentOf(file: DiskFile, id: string): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  try {
    for (let at = 0; ; ) {
      const chunk = Buffer.allocUnsafe(READ_BYTES);
      const count = await readFully(file, chunk, at);
      hash.update(chunk.subarray(0, count));
      at += count;
      if (count < READ_BYTES && hash.copy().digest('hex') !== id) {
        throw new GuichetError('unavailable', undefined, { cause: new Error(`The content of ${id} is damaged.`) });
      }
      if (count > 0) yield chunk.subarray(0, count);
      if (count < READ_BYTES) return;
    }
  } finally {
    await file.close();
  }
}

const isMissing = (error: unknown): boolean => (error as { code?: string } | undefined)?.code === 'ENOENT';
