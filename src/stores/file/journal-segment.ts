import { join } from 'node:path';

/** One file of the journal as it is known in memory. */
export interface Segment {
  readonly number: number;
  readonly path: string;
  /** Position of the last record in front of it. */
  readonly after: number;
  /** Bytes that count: synced, or named by the header of the segment that follows. */
  bytes: number;
  /** Places from which reading may start, in order; `undefined` until somebody has to look for them. */
  marks: SegmentMark[] | undefined;
}

/** The batch behind this offset begins with the record after `position`. */
export interface SegmentMark {
  readonly position: number;
  readonly offset: number;
}

/** Marks are this far apart: what a reader passes over at most to find a record. */
export const MARK_DISTANCE = 64 * 1024;

const NAME = /^(\d{10})\.log$/;

export const segmentPath = (journal: string, number: number): string =>
  join(journal, `${String(number).padStart(10, '0')}.log`);

/** The number of a segment by its file name; `undefined` for other files. */
export const segmentNumber = (name: string): number | undefined => {
  const match = NAME.exec(name);
  return match === null ? undefined : Number(match[1]);
};

/** Remembers where a batch begins, unless a mark is near. */
export const addMark = (segment: Segment, mark: SegmentMark): void => {
  segment.marks ??= [];
  const last = segment.marks.at(-1);
  if (last === undefined || mark.offset - last.offset >= MARK_DISTANCE) segment.marks.push(mark);
};
