import type { LogIdentity } from '../../domain/model/log-identity.ts';
import type { LogRecord } from '../../domain/model/record.ts';
import type { Disk, DiskFile } from './disk.ts';
import { asOutage, isFullError, removeFile, writeFully } from './disk-files.ts';
import { BatchEncoder, durableLine, type EncodedBatch, headerLine, JOURNAL_FORMAT } from './journal-line.ts';
import { addMark, type Segment, segmentPath } from './journal-segment.ts';

export interface JournalWriterOptions {
  readonly disk: Disk;
  /** The journal's directory; it exists. */
  readonly directory: string;
  readonly log: LogIdentity;
  readonly keeper: string;
  readonly epoch: number;
  /** Segments that the new ones go on from, oldest first; the writer adds its own to the same array. */
  readonly segments: Segment[];
  /** The highest segment number ever seen in the directory, whatever became of it. */
  readonly lastNumber: number;
  readonly now: () => number;
  /** Rejects once the data directory is not where it was, and something else may be there. */
  readonly requirePlace: () => Promise<void>;
}

export interface JournalEntry {
  readonly after: number;
  readonly through: number;
  readonly records: readonly LogRecord[];
  readonly compacted?: boolean | undefined;
}

/** A file being written; thrown away whole at the first error whose effect nobody can know. */
interface Open {
  readonly segment: Segment;
  readonly file: DiskFile;
  /** Offset behind the last byte written; `segment.bytes` is behind the last byte synced. */
  end: number;
}

/** A lazy line of evidence follows a batch after this time without another one. */
const IDLE_MILLISECONDS = 50;

/**
 * Appends batches to the newest segment: one write and one sync at a time, and nothing is reported as stored before
 * its sync has returned. Calls are made one after another.
 *
 * A file whose sync failed, or that another segment may already go on from, is never written or synced again: Linux
 * marks the pages of a failed sync as clean, so a second one reports success for data that is nowhere.
 */
export class JournalWriter {
  readonly #options: JournalWriterOptions;
  readonly #encoder = new BatchEncoder();
  #open: Open | undefined;
  #lastNumber: number;
  /** Highest position whose sync has returned, and the last one that was told to the disk as such. */
  #durable: number;
  #proven: number;
  #lazy: Promise<void> | undefined;
  /** A batch or a seam is being written: a line of evidence now would land in the middle of it. */
  #busy = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: JournalWriterOptions, head: number) {
    this.#options = options;
    this.#lastNumber = options.lastNumber;
    this.#durable = head;
    this.#proven = head;
  }

  /** Whether the next batch goes to a file that is known to be good. */
  get ready(): boolean {
    return this.#open !== undefined;
  }

  get currentSegment(): number {
    return this.#options.segments.at(-1)?.number ?? 0;
  }

  /**
   * Makes a batch durable. Rejects with `storage_full` or `unavailable`; then nothing of it counts, except that a
   * start after a crash may find it, as with any answer that was never given.
   * @returns the bytes of the batch, valid until the next append
   */
  append(entry: JournalEntry): Promise<EncodedBatch> {
    return this.#alone(() => this.#append(entry));
  }

  async #append(entry: JournalEntry): Promise<EncodedBatch> {
    const { after, through, records, compacted } = entry;
    // What is held and what is shown have parted: positions written twice would make the journal unreadable.
    if (after !== this.#durable) throw new Error(`A batch after ${after} cannot follow record ${this.#durable}.`);
    const commit = { after, through, count: records.length, durable: this.#durable, ...(compacted && { compacted }) };
    const encoded = this.#encoder.encode(records, commit);
    const { bytes } = encoded;
    if (this.#open === undefined) await this.#begin(entry.after, bytes);
    else if (!(await this.#add(this.#open, bytes))) await this.#begin(entry.after, bytes);
    const open = this.#open!;
    addMark(open.segment, { position: entry.after, offset: open.end - bytes.length });
    open.segment.bytes = open.end;
    this.#durable = entry.through;
    this.#scheduleEvidence();
    return encoded;
  }

  /** False: the file is given up and the batch is to go to a new one. */
  async #add(open: Open, bytes: Buffer): Promise<boolean> {
    try {
      await writeFully(open.file, bytes, open.end);
    } catch (error) {
      if (!isFullError(error)) return this.#seal();
      // What the full disk took is cut off again; nothing behind the synced end was promised to anybody.
      await open.file.truncate(open.segment.bytes).then(
        () => {
          open.end = open.segment.bytes;
        },
        () => this.#seal(),
      );
      throw asOutage(error);
    }
    try {
      // A file that nobody can find again keeps nothing, whatever a sync of it says.
      const [, isThere] = await Promise.all([open.file.sync(), open.file.isAt(open.segment.path)]);
      if (!isThere) return this.#seal();
    } catch {
      return this.#seal();
    }
    open.end += bytes.length;
    return true;
  }

  /** Lets go of the current file for good. */
  #seal(): false {
    const { file } = this.#open!;
    this.#open = undefined;
    // An error of closing says nothing that is not known: the file is given up, and nothing was promised of it.
    void file.close().catch(() => {});
    return false;
  }

  /**
   * Ends the current segment and begins one whose header stands `after` a position: the seam a snapshot is taken at.
   * After an error the old segment is given up too, because the new one may exist and would make it end here.
   */
  rotate(after: number): Promise<void> {
    return this.#alone(async () => {
      if (this.#open?.segment.after === after) return;
      if (this.#open !== undefined) this.#seal();
      await this.#begin(after, Buffer.alloc(0));
    });
  }

  async #alone<T>(work: () => Promise<T>): Promise<T> {
    this.#busy = true;
    try {
      if (this.#lazy !== undefined) await this.#lazy;
      return await work();
    } finally {
      this.#busy = false;
    }
  }

  /** New file with its header and, in the same write, the first batch; its name is synced before anybody counts on it. */
  async #begin(after: number, bytes: Buffer): Promise<void> {
    const { disk, directory, log, keeper, epoch, segments, now } = this.#options;
    this.#lastNumber += 1;
    const number = this.#lastNumber;
    const before = segments.at(-1);
    const previous = before === undefined ? null : { segment: before.number, bytes: before.bytes };
    const header = headerLine({
      ...{ format: JOURNAL_FORMAT, log, keeper, epoch },
      ...{ segment: number, after, time: now(), previous },
    });
    const path = segmentPath(directory, number);
    await this.#options.requirePlace();
    let file: DiskFile | undefined;
    try {
      file = await disk.open(path, 'create');
      await writeFully(file, bytes.length === 0 ? header : Buffer.concat([header, bytes]), 0);
      await file.sync();
      await disk.syncDirectory(directory);
    } catch (error) {
      // Left behind it would do no harm: no later segment goes on from it.
      await file?.close().catch(() => {});
      await removeFile(disk, path).catch(() => {});
      throw asOutage(error);
    }
    const segment: Segment = { number, path, after, bytes: header.length, marks: [] };
    segments.push(segment);
    this.#open = { segment, file, end: header.length + bytes.length };
  }

  /** Tries whether the disk works again, without a batch at stake. Resolves to what {@link ready} then says. */
  async restore(head: number): Promise<boolean> {
    if (this.#open === undefined) await this.#alone(() => this.#begin(head, Buffer.alloc(0))).catch(() => {});
    return this.ready;
  }

  #scheduleEvidence(): void {
    if (this.#timer !== undefined) this.#timer.refresh();
    else {
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        if (this.#lazy === undefined && !this.#busy)
          this.#lazy = this.#writeEvidence().finally(() => (this.#lazy = undefined));
      }, IDLE_MILLISECONDS).unref();
    }
  }

  /** Says that the last batch was synced, so that damage to it can be told from a torn end. Not synced, not awaited. */
  async #writeEvidence(): Promise<void> {
    const open = this.#open;
    if (open === undefined || this.#proven === this.#durable) return;
    const line = durableLine({ durable: this.#durable });
    try {
      await writeFully(open.file, line, open.end);
      open.end += line.length;
      this.#proven = this.#durable;
    } catch {
      // The next batch begins at the same place and is longer than this line; what the disk lacks, that will tell.
    }
  }

  /** Writes the last evidence and lets go of the file. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#lazy;
    if (this.#open === undefined) return;
    await this.#writeEvidence();
    const { file } = this.#open ?? {};
    this.#open = undefined;
    await file?.close();
  }
}
