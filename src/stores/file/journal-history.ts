import type { LogRecord } from '../../domain/model/record.ts';
import type { Disk } from './disk.ts';
import { readSegment, type SegmentReport } from './journal-reader.ts';
import { addMark, type Segment } from './journal-segment.ts';

/** The journal cannot answer from `position` to `until`: bytes of it cannot be read any more. */
export class HistoryDamage extends Error {
  override readonly name = 'HistoryDamage';
  readonly until: number;

  constructor(message: string, until: number) {
    super(message);
    this.until = until;
  }
}

/**
 * Records after `position` up to `head`, one by one from the journal, at most `limit`.
 * @param segments the kept ones, oldest first; the first begins at or in front of `position`
 */
export const readHistory = async (
  disk: Disk,
  segments: readonly Segment[],
  position: number,
  limit: number,
  head: number,
): Promise<LogRecord[]> => {
  const found: LogRecord[] = [];
  let at = position;
  // Of its own: while we read, a snapshot takes old segments out of the array.
  const kept = segments.slice(
    Math.max(
      0,
      segments.findLastIndex((segment) => segment.after <= position),
    ),
  );
  for (const [i, segment] of kept.entries()) {
    const end = Math.min(kept[i + 1]?.after ?? head, head);
    if (end > at && found.length < limit) at = await readFrom(disk, segment, at, end, limit, found);
  }
  if (found.length < limit && at < head) throw new HistoryDamage('The journal ends early.', head);
  return found;
};

const readFrom = async (
  disk: Disk,
  segment: Segment,
  position: number,
  end: number,
  limit: number,
  into: LogRecord[],
): Promise<number> => {
  let at = position;
  const marks = segment.marks;
  const mark = marks?.findLast((candidate) => candidate.position <= position);
  const unmarked: Segment | undefined = marks === undefined ? { ...segment, marks: [] } : undefined;
  const report = await readSegment(disk, segment.path, {
    until: segment.bytes,
    ...(mark && { from: mark.offset, head: mark.position }),
    batch: (batch) => {
      if (unmarked !== undefined) addMark(unmarked, { position: batch.after, offset: batch.offset });
      for (const record of batch.records) {
        if (record.position <= at || record.position > end || into.length === limit) continue;
        into.push(record);
        at = record.position;
      }
      // A segment without marks is read to its end once, to make them.
      return unmarked !== undefined || (into.length < limit && at < end);
    },
  });
  if (unmarked !== undefined) segment.marks ??= unmarked.marks;
  const missing = into.length < limit && at < end;
  if (missing || hasGap(report, position, at))
    throw new HistoryDamage(`${segment.path} has bytes that cannot be read.`, end);
  return at;
};

/** Whether records within (from, to] were passed over. */
const hasGap = (report: SegmentReport, from: number, to: number): boolean =>
  report.bad.some(({ head, resumes }) => resumes !== head && head < to && (resumes ?? to) > from);
