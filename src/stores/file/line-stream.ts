import type { DiskFile } from './disk.ts';
import { CHUNK_BYTES, readFully } from './disk-files.ts';

const NEWLINE = 10;
const SMALLEST_CHUNK = 4096;

export interface LineVisitor {
  /**
   * One line: `bytes[start, end)` without its newline, valid only during the call; `offset` is its place in the file.
   * Answering false ends the reading.
   */
  line(bytes: Buffer, start: number, end: number, offset: number): boolean | undefined | void;
  /** Bytes as they come from the disk, in order, before their lines are shown. */
  chunk?(bytes: Buffer): void;
}

export interface LineRange {
  readonly from?: number;
  /** Nothing at or behind this offset is looked at. */
  readonly until?: number;
  /** How much is read, and shown, without giving way to others. */
  readonly chunkBytes?: number;
}

/**
 * Shows a file line by line, reading a chunk at a time, so that no file is too large and no turn of the event loop
 * too long; the next chunk is read while the lines of one are shown. Resolves to the offset behind the last newline:
 * what follows it is a line without an end.
 */
export const readLines = async (file: DiskFile, range: LineRange, visitor: LineVisitor): Promise<number> => {
  const { from = 0, until = Number.POSITIVE_INFINITY } = range;
  // For a small file a small buffer, with a byte more to see that it ends there.
  const most = Math.min(range.chunkBytes ?? CHUNK_BYTES, Math.max(until - from, 0));
  const chunkBytes = Math.min(most, Math.max((await file.size()) - from + 1, SMALLEST_CHUNK));
  const read = async (into: Buffer, at: number): Promise<Buffer> =>
    into.subarray(0, await readFully(file, into.subarray(0, Math.max(0, Math.min(chunkBytes, until - at))), at));
  let spare: Buffer = Buffer.allocUnsafe(chunkBytes);
  let ahead = read(Buffer.allocUnsafe(chunkBytes), from);
  /** What earlier chunks hold of the line that is not over, and where it begins. */
  let begun: Buffer[] = [];
  let lineStart = from;
  try {
    for (let offset = from; ; ) {
      const chunk = await ahead;
      if (chunk.length === 0) return lineStart;
      ahead = read(spare, offset + chunk.length);
      visitor.chunk?.(chunk);
      let start = 0;
      for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
        const line = begun.length === 0 ? chunk : Buffer.concat([...begun, chunk.subarray(0, end)]);
        const [first, last] = begun.length === 0 ? [start, end] : [0, line.length];
        begun = [];
        if (visitor.line(line, first, last, lineStart) === false) return lineStart;
        start = end + 1;
        lineStart = offset + start;
      }
      if (start < chunk.length) begun.push(Buffer.from(chunk.subarray(start)));
      offset += chunk.length;
      spare = Buffer.from(chunk.buffer, chunk.byteOffset, chunkBytes);
    }
  } finally {
    // The caller may close the file at once: no read of it must be under way then, and its error is nobody's.
    await ahead.catch(() => {});
  }
};
