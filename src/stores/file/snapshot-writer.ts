import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { ConversationHead } from '../../domain/model/conversation.ts';
import { DIRECTORY_KINDS } from '../../domain/model/directory.ts';
import type { LogIdentity } from '../../domain/model/log-identity.ts';
import type { LogRecord } from '../../domain/model/record.ts';
import { TimeSlice } from '../../lib/time-slice.ts';
import type { Disk } from './disk.ts';
import { createFile, removeTree } from './disk-files.ts';
import { type Generation, GenerationIndex } from './generation.ts';
import type { MessageLayer, RecentMessage } from './message-layer.ts';
import type { Thread } from './message-shelf.ts';
import { sealJson } from './sealed-json.ts';
import { SnapshotFile } from './snapshot-file.ts';
import {
  encodeHead,
  SNAPSHOT_FORMAT,
  type SnapshotFileName,
  type SnapshotManifest,
  snapshotName,
  snapshotPath,
  snapshotsDirectory,
  UNFINISHED,
} from './snapshot-format.ts';
import { verifySnapshot } from './snapshot-verify.ts';
import { storedLine, storedTail } from './stored-line.ts';

/** The log as it was at one position: references to things that do not change any more. */
export interface Pinned {
  readonly log: LogIdentity;
  readonly epoch: number;
  readonly position: number;
  readonly time: number;
  readonly floor: number;
  readonly heads: readonly ConversationHead[];
  readonly entries: readonly LogRecord[];
  /** Messages: those of the former snapshot, with the layer above it. */
  readonly generation: Generation | undefined;
  readonly layer: MessageLayer;
  readonly threads: readonly Thread[];
}

export interface WrittenSnapshot {
  readonly manifest: SnapshotManifest;
  readonly index: GenerationIndex;
}

/** What is written, wherever it goes. */
export interface SnapshotContent {
  readonly disk: Disk;
  readonly pinned: Pinned;
  readonly now: () => number;
  /** Gives up; the unfinished files are removed. */
  readonly signal: AbortSignal;
}

export interface SnapshotJob extends SnapshotContent {
  /** The data directory. */
  readonly directory: string;
}

/**
 * Writes a snapshot under a name of its own and verifies it by reading it again; it counts once the data directory's
 * manifest names it. Works in slices: the event loop is never kept for longer than about two milliseconds.
 */
export const writeSnapshot = async (job: SnapshotJob): Promise<WrittenSnapshot> => {
  const { disk, directory, pinned } = job;
  const unfinished = join(snapshotsDirectory(directory), `${UNFINISHED}${snapshotName(pinned.position)}`);
  await removeTree(disk, unfinished);
  try {
    const written = await writeVerified(job, unfinished);
    // One that was rejected at a start but not yet moved away, or left by a commit that failed half-way.
    await removeTree(disk, snapshotPath(directory, pinned.position));
    await disk.rename(unfinished, snapshotPath(directory, pinned.position));
    await disk.syncDirectory(snapshotsDirectory(directory));
    return written;
  } catch (error) {
    await removeTree(disk, unfinished).catch(() => {});
    throw error;
  }
};

/** Writes the files of a snapshot into a new directory, syncs them, and reads them again. */
export const writeVerified = async (job: SnapshotContent, path: string): Promise<WrittenSnapshot> => {
  const { disk, signal } = job;
  await disk.makeDirectory(path);
  const written = await writeFiles(job, path);
  await disk.syncDirectory(path);
  await verifySnapshot(disk, path, written.manifest, { index: written.index, signal });
  return written;
};

const writeFiles = async (job: SnapshotContent, path: string): Promise<WrittenSnapshot> => {
  const { disk, pinned } = job;
  const files: Partial<Record<SnapshotFileName, { bytes: number; sha256: string }>> = {};
  const write = async (name: SnapshotFileName, fill: (file: SnapshotFile) => Promise<void>): Promise<void> => {
    const file = await SnapshotFile.create(disk, join(path, name));
    try {
      await fill(file);
      files[name] = await file.finish();
    } finally {
      await file.close();
    }
  };
  await write('conversations.json', (file) => writeConversations(job, file));
  await write('directory.json', (file) => writeDirectory(job, file));
  let index: GenerationIndex | undefined;
  await write('messages.json', async (file) => {
    index = await new MessagesWriter(job, file).write();
  });
  const { log, epoch, position, time, floor, heads, entries } = pinned;
  const counts = { conversations: heads.length, messages: index!.messages, entries: entries.length };
  const manifest: SnapshotManifest = {
    ...{ format: SNAPSHOT_FORMAT, log, epoch, position, time, floor, takenAt: job.now(), counts },
    files: files as SnapshotManifest['files'],
  };
  await createFile(disk, join(path, 'manifest.json'), sealJson(manifest));
  return { manifest, index: index! };
};

const writeConversations = async ({ pinned, signal }: SnapshotContent, file: SnapshotFile): Promise<void> => {
  const slice = new TimeSlice();
  await file.text('{');
  let separator = '\n';
  for (const head of pinned.heads) {
    await file.text(`${separator}${JSON.stringify(head.conversation.id)}:${encodeHead(head)}`);
    separator = ',\n';
    await slice.pause();
    signal.throwIfAborted();
  }
  await file.text('\n}\n');
};

const writeDirectory = async ({ pinned, signal }: SnapshotContent, file: SnapshotFile): Promise<void> => {
  const slice = new TimeSlice();
  await file.text('{');
  let separator = '\n';
  for (const kind of DIRECTORY_KINDS) {
    await file.text(`${separator}"${kind}":{`);
    separator = '\n';
    for (const record of pinned.entries) {
      if (record.kind !== kind) continue;
      const id = JSON.stringify((record.value as { id: string }).id);
      await file.text(`${separator}${id}:${storedLine(record.json, record.position, record.time)}`);
      separator = ',\n';
      await slice.pause();
      signal.throwIfAborted();
    }
    await file.text('\n}');
    separator = ',\n';
  }
  await file.text('\n}\n');
};

/** Blocks of a thread each: the key with `:[`, its messages one a line, `]`. What did not change is copied as bytes. */
class MessagesWriter {
  readonly #job: SnapshotContent;
  readonly #file: SnapshotFile;
  readonly #index: GenerationIndex;
  readonly #former: GenerationIndex | undefined;
  readonly #slice = new TimeSlice();
  #separator = '\n';
  /** Threads that stand behind each other in the former file and did not change: copied in one piece. */
  #run: Thread[] = [];

  constructor(job: SnapshotContent, file: SnapshotFile) {
    const { generation, layer, threads } = job.pinned;
    let recent = 0;
    for (const messages of layer.threads.values()) recent += messages.length;
    this.#job = job;
    this.#file = file;
    this.#former = generation?.index;
    // Redactions of older messages are counted twice here: room that stays unused.
    this.#index = new GenerationIndex(recent + (this.#former?.messages ?? 0), threads.length);
  }

  async write(): Promise<GenerationIndex> {
    const { layer, threads, generation } = this.#job.pinned;
    await this.#file.text('{');
    for (const thread of threads) {
      const recent = layer.threads.get(thread.number);
      if (recent !== undefined) {
        await this.#copyRun();
        await this.#writeThread(thread, recent);
      } else if (generation !== undefined && generation.count(thread.number) > 0) this.#run.push(thread);
      await this.#pause();
    }
    await this.#copyRun();
    await this.#file.text('\n}\n');
    return this.#index;
  }

  async #copyRun(): Promise<void> {
    const run = this.#run;
    const former = this.#former;
    if (run.length === 0 || former === undefined) return;
    this.#run = [];
    await this.#separate();
    const first = run[0]!;
    const start = former.offsets[former.place(first.number, 1)]! - Buffer.byteLength(opening(first));
    const shift = this.#file.offset - start;
    for (const { number } of run) {
      this.#index.beginThread(number);
      this.#index.addCopies(number, former, shift, 1, former.threadCounts[number]!);
      await this.#pause();
    }
    await this.#copy(start, former.threadEnd(run.at(-1)!.number) + CLOSING.length);
  }

  async #writeThread(thread: Thread, recent: readonly RecentMessage[]): Promise<void> {
    const { number } = thread;
    const held = this.#former?.threadCounts[number] ?? 0;
    await this.#separate();
    await this.#file.text(opening(thread));
    this.#index.beginThread(number);
    let next = 1;
    for (const message of recent) {
      if (next < message.seq) await this.#copyLines(number, next, Math.min(message.seq - 1, held));
      if (message.seq > 1) await this.#file.text(',\n');
      const { position, flags } = message;
      const json = message.bytes.subarray(message.start, message.end - 1);
      const tail = storedTail(position, message.told ? undefined : message.time);
      const offset = this.#file.offset;
      await this.#file.bytes(json);
      await this.#file.text(tail);
      this.#index.add(number, offset, json.length + tail.length, position, crc32(tail, crc32(json)), flags);
      next = message.seq + 1;
      await this.#pause();
    }
    if (next <= held) await this.#copyLines(number, next, held);
    await this.#file.text(CLOSING);
  }

  /** Lines of the former file from one seq to another, with the separators between them. */
  async #copyLines(number: number, from: number, to: number): Promise<void> {
    const former = this.#former!;
    if (from > 1) await this.#file.text(',\n');
    const start = former.offsets[former.place(number, from)]!;
    const last = former.place(number, to);
    this.#index.addCopies(number, former, this.#file.offset - start, from, to);
    await this.#copy(start, former.offsets[last]! + former.lengths[last]!);
  }

  async #copy(start: number, end: number): Promise<void> {
    await this.#file.copy(end - start, (into, at) => this.#job.pinned.generation!.bytes(into, start + at));
  }

  async #separate(): Promise<void> {
    await this.#file.text(this.#separator);
    this.#separator = ',\n';
  }

  async #pause(): Promise<void> {
    await this.#slice.pause();
    this.#job.signal.throwIfAborted();
  }
}

const opening = (thread: Thread): string => `${JSON.stringify(thread.conversationId)}:[\n`;
const CLOSING = '\n]';
