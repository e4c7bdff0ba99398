import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { GuichetError } from '../../domain/errors.ts';
import { DIRECTORY_KINDS, type DirectoryKind } from '../../domain/model/directory.ts';
import type { LogRecord } from '../../domain/model/record.ts';
import { LogState } from '../../domain/state/log-state.ts';
import type { Disk } from './disk.ts';
import { readSmallFile } from './disk-files.ts';
import { Generation, GenerationIndex } from './generation.ts';
import type { LineVisitor } from './line-stream.ts';
import { glance, type MessageGlance } from './message-line.ts';
import { MessageShelf, type Thread } from './message-shelf.ts';
import { isIntact } from './sealed-json.ts';
import { decodeHead, SNAPSHOT_FORMAT, type SnapshotManifest, UNSEALED_SNAPSHOT_KEYS } from './snapshot-format.ts';
import { SnapshotDamage, verifyFile } from './snapshot-verify.ts';
import { parseStoredLine } from './stored-line.ts';

/** A snapshot in memory. */
export interface LoadedSnapshot {
  readonly manifest: SnapshotManifest;
  readonly state: LogState;
  readonly shelf: MessageShelf;
}

/** The manifest of a snapshot. Rejects with SnapshotDamage, or `refused` when a newer Guichet wrote it. */
export const readSnapshotManifest = async (disk: Disk, path: string): Promise<SnapshotManifest> => {
  const file = join(path, 'manifest.json');
  const bytes = await readSmallFile(disk, file);
  if (bytes === undefined) throw new SnapshotDamage(file, `${file} is missing.`);
  let found: (SnapshotManifest & { readonly crc32?: string }) | null;
  try {
    found = JSON.parse(bytes.toString()) as typeof found;
  } catch {
    throw new SnapshotDamage(file, `${file} is not JSON.`);
  }
  const { crc32: _, ...manifest } = found ?? ({} as NonNullable<typeof found>);
  if (manifest.format > SNAPSHOT_FORMAT) {
    throw new GuichetError('refused', `${file} was written by a newer version of Guichet (format ${manifest.format}).`);
  }
  if (!isIntact(bytes, found ?? {}, UNSEALED_SNAPSHOT_KEYS)) {
    throw new SnapshotDamage(file, `${file} does not have its checksum.`);
  }
  if (!isWhole(manifest)) throw new SnapshotDamage(file, `${file} lacks fields.`);
  return manifest;
};

const isWhole = (manifest: SnapshotManifest): boolean =>
  manifest.format === SNAPSHOT_FORMAT &&
  typeof manifest.log?.id === 'string' &&
  Number.isInteger(manifest.position) &&
  Number.isInteger(manifest.counts?.messages) &&
  typeof manifest.files?.['messages.json']?.sha256 === 'string';

/**
 * Reads a snapshot, verifying it in the same pass. Messages become numbers, not objects; their text stays in the file.
 * Rejects with SnapshotDamage when it is not what its manifest says.
 */
export const loadSnapshot = async (disk: Disk, path: string): Promise<LoadedSnapshot> => {
  const manifest = await readSnapshotManifest(disk, path);
  const state = new LogState();
  const shelf = new MessageShelf();
  const read = (name: keyof SnapshotManifest['files'], reader: LineVisitor): Promise<void> =>
    verifyFile(disk, join(path, name), manifest.files[name], reader);
  await read('conversations.json', conversationReader(state));
  await read('directory.json', directoryReader(state));
  const messages = join(path, 'messages.json');
  const reader = new MessagesReader(messages, manifest, shelf);
  await read('messages.json', reader);
  const counted = { conversations: state.conversations.heads.size, messages: reader.index.messages };
  for (const kind of ['conversations', 'messages'] as const) {
    if (counted[kind] === manifest.counts[kind]) continue;
    throw new SnapshotDamage(path, `${path} holds ${counted[kind]} ${kind} instead of ${manifest.counts[kind]}.`);
  }
  shelf.load(new Generation(messages, await disk.open(messages, 'read'), reader.index));
  return { manifest, state, shelf };
};

const COMMA = 44;
const QUOTE = 34;
const BRACE = 123;

/** Lines of an object are shown without the comma behind them; its braces are not shown. */
const memberLines = (member: (bytes: Buffer, start: number, end: number) => void): LineVisitor => ({
  line: (bytes, start, lineEnd) => {
    if (bytes[start] === QUOTE) member(bytes, start, bytes[lineEnd - 1] === COMMA ? lineEnd - 1 : lineEnd);
  },
});

const conversationReader = (state: LogState): LineVisitor =>
  memberLines((bytes, start, end) => {
    const member = JSON.parse(`{${bytes.toString('utf8', start, end)}}`) as object;
    state.conversations.set(decodeHead(Object.values(member)[0]));
  });

const directoryReader = (state: LogState): LineVisitor => {
  let kind: DirectoryKind = 'agent';
  return memberLines((bytes, start, end) => {
    const section = DIRECTORY_KINDS.find((name) => bytes.toString('utf8', start, end) === `"${name}":{`);
    if (section !== undefined) kind = section;
    else {
      const from = valueStart(bytes, start, end);
      const record = parseStoredLine(kind, bytes, from, end, () => Number.NaN);
      if (record === undefined) throw new Error('it has no position');
      state.directory.set(record as LogRecord<DirectoryKind>);
    }
  });
};

/** Where the value of a member begins: behind the quote and colon that end its key. */
const valueStart = (bytes: Buffer, start: number, end: number): number => {
  for (let at = start + 1; at < end; at += 1) {
    if (bytes[at] === 92) at += 1;
    else if (bytes[at] === QUOTE) return at + 2;
  }
  throw new Error('its key has no end');
};

/** Fills the index of a generation and the ids of the shelf from the lines of `messages.json`. */
class MessagesReader implements LineVisitor {
  readonly index: GenerationIndex;
  readonly #path: string;
  readonly #shelf: MessageShelf;
  readonly #glance: MessageGlance = { idStart: 0, idEnd: 0, id: undefined, seq: 0, position: 0, flags: 0 };
  #thread: Thread | undefined;
  #keyLength = 0;

  constructor(path: string, manifest: SnapshotManifest, shelf: MessageShelf) {
    this.#path = path;
    this.#shelf = shelf;
    shelf.ids.reserve(manifest.counts.messages);
    this.index = new GenerationIndex(manifest.counts.messages, manifest.counts.conversations);
  }

  line(bytes: Buffer, start: number, lineEnd: number, offset: number): void {
    const first = bytes[start];
    if (first === QUOTE) this.#beginThread(bytes, start, lineEnd);
    else if (first === BRACE && lineEnd - start > 1) {
      const end = bytes[lineEnd - 1] === COMMA ? lineEnd - 1 : lineEnd;
      this.#message(bytes, start, end, offset);
    }
  }

  #beginThread(bytes: Buffer, start: number, end: number): void {
    this.#keyLength = end - start - ':['.length;
    const id = JSON.parse(bytes.toString('utf8', start, start + this.#keyLength)) as string;
    this.#thread = this.#shelf.thread(id);
    this.index.beginThread(this.#thread.number);
  }

  #message(bytes: Buffer, start: number, end: number, offset: number): void {
    const thread = this.#thread;
    const seen = glance(bytes, start, end, this.#keyLength, this.#glance);
    if (seen === undefined || thread === undefined || seen.seq !== (this.index.threadCounts[thread.number] ?? 0) + 1) {
      throw new SnapshotDamage(
        this.#path,
        `${this.#path}: the line at byte ${offset} is not the next message.`,
        offset,
      );
    }
    const { ids } = this.#shelf;
    const hash = seen.id === undefined ? ids.hashBytes(bytes, seen.idStart, seen.idEnd) : ids.hash(seen.id);
    ids.add(hash, thread.number, seen.seq);
    const crc = crc32(bytes.subarray(start, end));
    this.index.add(thread.number, offset, end - start, seen.position, crc, seen.flags);
  }
}
