import type { LogRecord } from '../../domain/model/record.ts';
import type { Disk } from './disk.ts';
import { type CommitLine, endByLength, type JournalLine, parseLine, type SegmentHeader } from './journal-line.ts';
import { type LineRange, readLines } from './line-stream.ts';

/** A batch whose commit line is valid, with its place in the segment. */
export interface JournalBatch extends CommitLine {
  readonly records: readonly LogRecord[];
  readonly offset: number;
  readonly end: number;
}

/** Bytes that are no valid batch. */
export interface BadRegion {
  readonly offset: number;
  readonly end: number;
  readonly reason: string;
  /** Position of the last record in front of it. */
  readonly head: number;
  /** Where the records go on behind it: `head` when nothing is missing, `undefined` when no batch follows. */
  readonly resumes: number | undefined;
}

export interface SegmentReport {
  readonly header: SegmentHeader | undefined;
  readonly bad: readonly BadRegion[];
  /** Position of the last record of a valid batch. */
  readonly head: number;
  /** Offset behind the last valid line in front of a bad end, or of the file. */
  readonly end: number;
  /** Highest position that a valid line says was synced. */
  readonly durable: number;
  /** Valid batches above `durable`: they may exist in the page cache only. */
  readonly unproven: readonly JournalBatch[];
}

export interface SegmentScan extends LineRange {
  /** Position in front of the first batch, when the reading does not start at the header. */
  readonly head?: number;
  /** Every valid batch in order. Answering false ends the reading. */
  batch?(batch: JournalBatch): boolean | undefined | void;
}

/** Reads a segment, or the part of it from a batch's offset on. Goes on behind bad lines, at the next newline. */
export const readSegment = async (disk: Disk, path: string, scan: SegmentScan = {}): Promise<SegmentReport> => {
  const file = await disk.open(path, 'read');
  try {
    const size = Math.min(scan.until ?? Number.POSITIVE_INFINITY, await file.size());
    const reading = new SegmentReading(scan);
    const end = await readLines(file, { ...scan, until: size }, reading);
    return reading.finish(end, size);
  } finally {
    await file.close();
  }
};

class SegmentReading {
  readonly #scan: SegmentScan;
  readonly #bad: BadRegion[] = [];
  #header: SegmentHeader | undefined;
  #head: number;
  #end: number;
  #durable = 0;
  #unproven: JournalBatch[] = [];
  #records: LogRecord[] = [];
  #batchStart = -1;
  /** Start and reason of the bad bytes being passed, until a valid batch follows. */
  #badStart = -1;
  #reason = '';
  #stopped = false;

  constructor(scan: SegmentScan) {
    this.#scan = scan;
    this.#head = scan.head ?? 0;
    this.#end = scan.from ?? 0;
  }

  line(bytes: Buffer, start: number, end: number, offset: number): boolean | undefined {
    for (let from = start; ; ) {
      const at = offset + (from - start);
      const line = parseLine(bytes, from, end);
      const ends = typeof line === 'string' ? endByLength(bytes, from, end) : undefined;
      if (ends === undefined) return this.#line(line, at, at + (end - from) + 1);
      // A whole line with another one behind it: only what should be its newline is bad.
      const newline = at + (ends - from);
      if (this.#line(parseLine(bytes, from, ends), at, newline + 1) === false) return false;
      const head = this.#head;
      if (this.#badStart < 0) {
        this.#bad.push({ offset: newline, end: newline + 1, reason: 'a line does not end', head, resumes: head });
      }
      from = ends + 1;
    }
  }

  #line(line: JournalLine | string, offset: number, behind: number): boolean | undefined {
    if (typeof line === 'string') this.#spoil(offset, line);
    else if (line.type === 'R') {
      if (this.#batchStart < 0) this.#batchStart = offset;
      this.#records.push(line.record);
    } else if (line.type === 'C') return this.#commit(line.commit, offset, behind);
    else if (line.type === 'D') {
      if (this.#batchStart >= 0) this.#spoil(offset, 'a batch has no end');
      this.#prove(line.durable);
      if (this.#badStart < 0) this.#end = behind;
    } else if (offset !== 0) this.#spoil(offset, 'a header stands in the middle');
    else {
      this.#header = line.header;
      this.#head = line.header.after;
      this.#end = behind;
    }
    return undefined;
  }

  #commit(commit: CommitLine, offset: number, end: number): boolean | undefined {
    this.#prove(commit.durable);
    const records = this.#records;
    const start = this.#batchStart < 0 ? offset : this.#batchStart;
    const wrong = whatIsWrong(commit, records, this.#head);
    if (wrong !== undefined) {
      this.#spoil(offset, wrong);
      return undefined;
    }
    if (this.#badStart >= 0 || commit.after > this.#head) this.#closeBad(start, commit.after);
    const batch: JournalBatch = { ...commit, records, offset: start, end };
    this.#records = [];
    this.#batchStart = -1;
    this.#head = commit.through;
    this.#end = end;
    if (commit.through > this.#durable) this.#unproven.push(batch);
    if (this.#scan.batch?.(batch) !== false) return undefined;
    this.#stopped = true;
    return false;
  }

  #prove(durable: number): void {
    if (durable <= this.#durable) return;
    this.#durable = durable;
    this.#unproven = this.#unproven.filter((batch) => batch.through > durable);
  }

  /** From the start of the batch in hand, or else from here, the bytes are bad; the records in hand are dropped. */
  #spoil(offset: number, reason: string): void {
    if (this.#badStart < 0) {
      this.#badStart = this.#batchStart >= 0 ? this.#batchStart : offset;
      this.#reason = reason;
    }
    this.#records = [];
    this.#batchStart = -1;
  }

  #closeBad(end: number, resumes: number | undefined): void {
    const offset = this.#badStart < 0 ? end : this.#badStart;
    const reason = this.#badStart < 0 ? 'records are missing' : this.#reason;
    this.#bad.push({ offset, end, reason, head: this.#head, resumes });
    this.#badStart = -1;
  }

  finish(linesEnd: number, size: number): SegmentReport {
    if (!this.#stopped) {
      if (linesEnd < size) this.#spoil(linesEnd, 'it ends in the middle of a line');
      else if (this.#batchStart >= 0) this.#spoil(size, 'a batch has no end');
      if (this.#badStart >= 0) this.#closeBad(size, undefined);
    }
    return {
      header: this.#header,
      bad: this.#bad,
      head: this.#head,
      end: this.#end,
      durable: this.#durable,
      unproven: this.#unproven,
    };
  }
}

const whatIsWrong = (commit: CommitLine, records: readonly LogRecord[], head: number): string | undefined => {
  if (commit.count !== records.length) return 'a batch lacks records';
  if (commit.after < head || commit.through < commit.after) return 'positions go back';
  let last = commit.after;
  for (const { position } of records) {
    if (position <= last || (!commit.compacted && position !== last + 1)) return 'positions are not in order';
    last = position;
  }
  if (last > commit.through || (!commit.compacted && last !== commit.through)) return 'positions are not in order';
  return undefined;
};
