import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Disk } from './disk.ts';
import type { GenerationIndex } from './generation.ts';
import { type LineVisitor, readLines } from './line-stream.ts';
import { SNAPSHOT_FILES, type SnapshotFileName, type SnapshotManifest } from './snapshot-format.ts';

/** A snapshot, or a copy of its files, does not hold what its manifest says. */
export class SnapshotDamage extends Error {
  override readonly name = 'SnapshotDamage';
  readonly file: string;
  readonly offset: number | undefined;

  constructor(file: string, message: string, offset?: number) {
    super(message);
    this.file = file;
    this.offset = offset;
  }
}

const COMMA = 44;
const NOTHING: LineVisitor = { line: () => {} };

/**
 * Reads a file whole and compares size and sha256.
 * @throws SnapshotDamage when they differ
 */
export const verifyFile = async (
  disk: Disk,
  path: string,
  expected: { readonly bytes: number; readonly sha256: string },
  visitor: LineVisitor = NOTHING,
): Promise<void> => {
  const found = await disk.stat(path);
  if (found === undefined) throw new SnapshotDamage(path, `${path} is missing.`);
  if (found.size !== expected.bytes) {
    throw new SnapshotDamage(path, `${path} has ${found.size} bytes instead of ${expected.bytes}.`);
  }
  const hash = createHash('sha256');
  const file = await disk.open(path, 'read');
  try {
    const chunk = (bytes: Buffer): void => void hash.update(bytes);
    // What is damaged makes readers stumble long before the checksum is known.
    const line: LineVisitor['line'] = (bytes, start, end, offset) => {
      try {
        return visitor.line(bytes, start, end, offset);
      } catch (cause) {
        if (cause instanceof SnapshotDamage) throw cause;
        throw new SnapshotDamage(
          path,
          `${path}: the line at byte ${offset} cannot be read (${String(cause)}).`,
          offset,
        );
      }
    };
    await readLines(file, { chunkBytes: VERIFY_CHUNK_BYTES }, { chunk, line });
  } finally {
    await file.close();
  }
  if (hash.digest('hex') !== expected.sha256) throw new SnapshotDamage(path, `${path} does not have its checksum.`);
};

const VERIFY_CHUNK_BYTES = 256 * 1024;

/**
 * Reads the files of a new snapshot again. The checksum of every message is compared too: bytes copied from a former
 * file that has rotted since would otherwise get a checksum that calls them good.
 */
export const verifySnapshot = async (
  disk: Disk,
  path: string,
  manifest: SnapshotManifest,
  { index, signal }: { index: GenerationIndex; signal: AbortSignal },
): Promise<void> => {
  for (const name of SNAPSHOT_FILES) {
    signal.throwIfAborted();
    const file = join(path, name);
    const checker = name === 'messages.json' ? messageChecker(file, index, signal) : undefined;
    await verifyFile(disk, file, manifest.files[name as SnapshotFileName], checker);
    if (checker !== undefined && checker.seen() !== index.messages) {
      throw new SnapshotDamage(
        file,
        `${file} holds ${checker.seen()} of ${index.messages} messages where they belong.`,
      );
    }
  }
};

const messageChecker = (
  path: string,
  index: GenerationIndex,
  signal: AbortSignal,
): LineVisitor & { seen(): number } => {
  let place = 0;
  return {
    seen: () => place,
    line: (bytes, start, lineEnd, offset) => {
      if (signal.aborted) return false;
      if (place === index.messages || offset !== index.offsets[place]) return undefined;
      const end = bytes[lineEnd - 1] === COMMA ? lineEnd - 1 : lineEnd;
      if (end - start !== index.lengths[place] || crc32(bytes.subarray(start, end)) !== index.crcs[place]) {
        throw new SnapshotDamage(
          path,
          `${path}: the message at byte ${offset} is not the one that was stored.`,
          offset,
        );
      }
      place += 1;
      return undefined;
    },
  };
};
