import { createHash } from 'node:crypto';
import type { Disk, DiskFile } from './disk.ts';
import { writeFully } from './disk-files.ts';

/** Collects this much before it writes: about a millisecond of work. */
const BUFFER_BYTES = 256 * 1024;

/** A file of a snapshot as it is written: buffered, hashed on the way, synced at its end. */
export class SnapshotFile {
  readonly #file: DiskFile;
  readonly #hash = createHash('sha256');
  #buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  #filled = 0;
  #flushed = 0;

  private constructor(file: DiskFile) {
    this.#file = file;
  }

  static async create(disk: Disk, path: string): Promise<SnapshotFile> {
    return new SnapshotFile(await disk.open(path, 'create'));
  }

  /** Where the next byte goes. */
  get offset(): number {
    return this.#flushed + this.#filled;
  }

  /** Adds text; resolves to the number of its bytes. */
  async text(text: string): Promise<number> {
    const room = text.length * 3;
    if (this.#filled + room > this.#buffer.length) {
      await this.#flush();
      if (room > this.#buffer.length) this.#buffer = Buffer.allocUnsafe(room);
    }
    const bytes = this.#buffer.write(text, this.#filled);
    this.#filled += bytes;
    return bytes;
  }

  /** Adds bytes that are in memory. */
  async bytes(bytes: Uint8Array): Promise<void> {
    await this.copy(bytes.length, async (into, at) => {
      into.set(bytes.subarray(at, at + into.length));
      return into.length;
    });
  }

  /** Adds `length` bytes that `read` fills in, a buffer at a time. */
  async copy(length: number, read: (into: Uint8Array, at: number) => Promise<number>): Promise<void> {
    for (let done = 0; done < length; ) {
      if (this.#filled === this.#buffer.length) await this.#flush();
      const size = Math.min(length - done, this.#buffer.length - this.#filled);
      const count = await read(this.#buffer.subarray(this.#filled, this.#filled + size), done);
      if (count !== size) throw new Error(`The former snapshot ends ${size - count} bytes early.`);
      this.#filled += size;
      done += size;
    }
  }

  async #flush(): Promise<void> {
    const bytes = this.#buffer.subarray(0, this.#filled);
    this.#hash.update(bytes);
    await writeFully(this.#file, bytes, this.#flushed);
    this.#flushed += this.#filled;
    this.#filled = 0;
  }

  /** Writes what is left and syncs; resolves to what a manifest says of the file. */
  async finish(): Promise<{ bytes: number; sha256: string }> {
    await this.#flush();
    await this.#file.sync();
    return { bytes: this.#flushed, sha256: this.#hash.digest('hex') };
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}
