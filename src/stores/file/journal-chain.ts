import { join } from 'node:path';
import { GuichetError } from '../../domain/errors.ts';
import type { Disk } from './disk.ts';
import { JOURNAL_FORMAT, parseLine, type SegmentHeader } from './journal-line.ts';
import { segmentNumber } from './journal-segment.ts';
import { readLines } from './line-stream.ts';

/** A segment with a valid header. */
export interface ChainLink {
  readonly number: number;
  readonly path: string;
  readonly header: SegmentHeader;
  /** Bytes that count, as the segment that goes on from it says; `undefined` for the newest. */
  readonly validBytes: number | undefined;
}

/** The segments of a journal that go on from each other, and the rest of the directory. */
export interface JournalChain {
  /** Oldest first. */
  readonly links: readonly ChainLink[];
  /** A segment that the oldest link goes on from and that is not there. */
  readonly missing: number | undefined;
  /** Files newer than the chain whose header cannot be read. */
  readonly headless: readonly { readonly number: number; readonly path: string }[];
  /** Segments that nothing goes on from: a new file was tried there while the disk failed. */
  readonly abandoned: readonly string[];
  /** Highest number and epoch seen, whatever became of the file. */
  readonly lastNumber: number;
  readonly epoch: number;
  /** Which keeper wrote the newest header. */
  readonly keeper: string | undefined;
}

/** Follows the headers from the newest segment back. */
export const readChain = async (disk: Disk, journal: string): Promise<JournalChain> => {
  const files: { number: number; path: string; header: SegmentHeader | undefined }[] = [];
  for (const name of await disk.list(journal)) {
    const number = segmentNumber(name);
    if (number === undefined) continue;
    const path = join(journal, name);
    files.push({ number, path, header: await readHeader(disk, path, number) });
  }
  const newest = files.findLast(({ header }) => header !== undefined);
  const links: ChainLink[] = [];
  let missing: number | undefined;
  let validBytes: number | undefined;
  for (let file = newest; file?.header !== undefined; ) {
    links.unshift({ ...file, header: file.header, validBytes });
    const previous: SegmentHeader['previous'] = file.header.previous;
    if (previous === null) break;
    validBytes = previous.bytes;
    file = files.find(({ number, header }) => number === previous.segment && header !== undefined);
    if (file === undefined) missing = previous.segment;
  }
  const linked = new Set(links.map(({ number }) => number));
  const newer = (number: number): boolean => newest === undefined || number > newest.number;
  return {
    links,
    missing,
    headless: files.filter(({ number }) => newer(number)),
    abandoned: files.filter(({ number }) => !newer(number) && !linked.has(number)).map(({ path }) => path),
    lastNumber: files.at(-1)?.number ?? 0,
    epoch: Math.max(0, ...links.map(({ header }) => header.epoch)),
    keeper: newest?.header?.keeper,
  };
};

/** The header of a segment, if its first line is one and names this number. */
export const readHeader = async (disk: Disk, path: string, number: number): Promise<SegmentHeader | undefined> => {
  const file = await disk.open(path, 'read');
  let header: SegmentHeader | undefined;
  try {
    await readLines(
      file,
      { until: HEADER_MAX_BYTES, chunkBytes: HEADER_MAX_BYTES },
      {
        line: (bytes, start, end) => {
          const line = parseLine(bytes, start, end);
          if (typeof line !== 'string' && line.type === 'H') header = line.header;
          return false;
        },
      },
    );
  } finally {
    await file.close();
  }
  if (header !== undefined && header.format > JOURNAL_FORMAT) {
    throw new GuichetError('refused', `${path} was written by a newer version of Guichet (format ${header.format}).`);
  }
  return header?.segment === number ? header : undefined;
};

const HEADER_MAX_BYTES = 4096;
