import { crc32 } from 'node:zlib';
import { GuichetError } from '../../domain/errors.ts';
import type { LogRecord } from '../../domain/model/record.ts';
import type { DiskFile } from './disk.ts';
import { asOutage, readFully } from './disk-files.ts';
import { parseMessageLine } from './message-line.ts';

/**
 * The messages of one snapshot: where each stands in its `messages.json`, in 25 bytes a message and no object.
 * Messages are numbered by their place in the file; those of a thread stand together, in order of seq from 1.
 */
export class Generation {
  readonly path: string;
  readonly #file: DiskFile;
  readonly #index: GenerationIndex;
  #readers = 0;
  #retired = false;

  constructor(path: string, file: DiskFile, index: GenerationIndex) {
    this.path = path;
    this.#file = file;
    this.#index = index;
  }

  get index(): GenerationIndex {
    return this.#index;
  }

  /** Number of messages of a thread. */
  count(thread: number): number {
    return this.#index.threadCounts[thread] ?? 0;
  }

  flags(thread: number, seq: number): number {
    return this.#index.flags[this.#index.place(thread, seq)]!;
  }

  position(thread: number, seq: number): number {
    return this.#index.positions[this.#index.place(thread, seq)]!;
  }

  /**
   * Reads the messages at these places, rising, with as few reads as their neighbourhood allows.
   * @throws GuichetError `unavailable` when the bytes are not those that were stored
   */
  async read(places: readonly number[]): Promise<LogRecord<'message'>[]> {
    const found: LogRecord<'message'>[] = [];
    this.#readers += 1;
    try {
      for (let from = 0; from < places.length; ) {
        let to = from + 1;
        while (to < places.length && this.#near(places[from]!, places[to - 1]!, places[to]!)) to += 1;
        await this.#readSpan(places.slice(from, to), found);
        from = to;
      }
    } finally {
      this.#readers -= 1;
      this.#release();
    }
    return found;
  }

  #near(first: number, last: number, candidate: number): boolean {
    const { offsets, lengths } = this.#index;
    const gap = offsets[candidate]! - (offsets[last]! + lengths[last]!);
    return gap < GAP_BYTES && offsets[candidate]! + lengths[candidate]! - offsets[first]! < SPAN_BYTES;
  }

  async #readSpan(places: readonly number[], into: LogRecord<'message'>[]): Promise<void> {
    const { offsets, lengths, crcs } = this.#index;
    const start = offsets[places[0]!]!;
    const last = places.at(-1)!;
    const bytes = Buffer.allocUnsafe(offsets[last]! + lengths[last]! - start);
    const filled = await readFully(this.#file, bytes, start).catch((error: unknown) => Promise.reject(asOutage(error)));
    for (const place of places) {
      const from = offsets[place]! - start;
      const end = from + lengths[place]!;
      const good = end <= filled && crc32(bytes.subarray(from, end)) === crcs[place];
      const record = good ? parseMessageLine(bytes, from, end) : undefined;
      if (record === undefined) {
        const cause = new Error(`${this.path}: the message at byte ${offsets[place]} does not have its checksum.`);
        throw new GuichetError('unavailable', undefined, { cause });
      }
      into.push(record);
    }
  }

  /** Copies a range of bytes of the file. */
  async bytes(into: Uint8Array, position: number): Promise<number> {
    return readFully(this.#file, into, position);
  }

  /** Closes the file once the last reader is done. */
  retire(): void {
    this.#retired = true;
    this.#release();
  }

  #release(): void {
    if (!this.#retired || this.#readers > 0) return;
    this.#retired = false;
    void this.#file.close().catch(() => {});
  }
}

/** Lines this near each other are fetched by one read, up to this many bytes at a time. */
const GAP_BYTES = 16 * 1024;
const SPAN_BYTES = 4 * 1024 * 1024;

/** The numbers of a {@link Generation}, filled in the order of the file. */
export class GenerationIndex {
  readonly offsets: Float64Array;
  readonly lengths: Uint32Array;
  readonly positions: Float64Array;
  readonly crcs: Uint32Array;
  readonly flags: Uint8Array;
  /** By thread: place of its first message, and how many there are. */
  readonly threadStarts: Uint32Array;
  readonly threadCounts: Uint32Array;
  messages = 0;

  constructor(messages: number, threads: number) {
    this.offsets = new Float64Array(messages);
    this.lengths = new Uint32Array(messages);
    this.positions = new Float64Array(messages);
    this.crcs = new Uint32Array(messages);
    this.flags = new Uint8Array(messages);
    this.threadStarts = new Uint32Array(threads);
    this.threadCounts = new Uint32Array(threads);
  }

  place(thread: number, seq: number): number {
    return this.threadStarts[thread]! + seq - 1;
  }

  /** Offset behind the last line of a thread. */
  threadEnd(thread: number): number {
    const last = this.place(thread, this.threadCounts[thread]!);
    return this.offsets[last]! + this.lengths[last]!;
  }

  beginThread(thread: number): void {
    this.threadStarts[thread] = this.messages;
  }

  /** Adds the next message of the thread that was begun last. */
  add(thread: number, offset: number, length: number, position: number, crc: number, flags: number): void {
    const place = this.messages;
    this.offsets[place] = offset;
    this.lengths[place] = length;
    this.positions[place] = position;
    this.crcs[place] = crc;
    this.flags[place] = flags;
    this.threadCounts[thread]! += 1;
    this.messages = place + 1;
  }

  /** Adds messages of a thread that stand in another file in the same bytes, `shift` bytes further on in this one. */
  addCopies(thread: number, from: GenerationIndex, shift: number, fromSeq: number, toSeq: number): void {
    const { offsets, lengths, positions, crcs, flags } = from;
    const last = from.place(thread, toSeq);
    for (let place = from.place(thread, fromSeq); place <= last; place += 1) {
      this.add(thread, offsets[place]! + shift, lengths[place]!, positions[place]!, crcs[place]!, flags[place]!);
    }
  }
}
