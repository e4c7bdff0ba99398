import { basename, join } from 'node:path';
import type { Disk } from './disk.ts';
import { CHUNK_BYTES, ensureDirectory, freeName, readFully, writeFully } from './disk-files.ts';

/** Where everything goes that could not be read: nothing is deleted because it is damaged. */
export class Quarantine {
  readonly #disk: Disk;
  readonly #directory: string;

  constructor(disk: Disk, dataDirectory: string) {
    this.#disk = disk;
    this.#directory = join(dataDirectory, 'quarantine');
  }

  /** Moves a file or a directory there; resolves to its new path. */
  async move(path: string): Promise<string> {
    await ensureDirectory(this.#disk, this.#directory);
    const target = await freeName(this.#disk, this.#directory, basename(path));
    await this.#disk.rename(path, target);
    await this.#disk.syncDirectory(this.#directory);
    await this.#disk.syncDirectory(join(path, '..'));
    return target;
  }

  /** Copies bytes [offset, end) of a file there; resolves to the copy's path. A second time nothing is done. */
  async copy(path: string, offset: number, end: number): Promise<string> {
    await ensureDirectory(this.#disk, this.#directory);
    const target = join(this.#directory, `${basename(path)}.${offset}-${end}`);
    if ((await this.#disk.stat(target)) !== undefined) return target;
    const [from, to] = [await this.#disk.open(path, 'read'), await this.#disk.open(target, 'create')];
    try {
      const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, end - offset));
      for (let at = offset; at < end; at += buffer.length) {
        const count = await readFully(from, buffer.subarray(0, end - at), at);
        await writeFully(to, buffer.subarray(0, count), at - offset);
      }
      await to.sync();
    } finally {
      await from.close();
      await to.close();
    }
    await this.#disk.syncDirectory(this.#directory);
    return target;
  }
}
