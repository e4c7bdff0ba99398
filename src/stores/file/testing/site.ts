import assert from 'node:assert/strict';
import { type Scope, undoAfter } from '../../../../test/support/undo-after.ts';
import { post, start } from '../../../domain/testing/changes.ts';
import { ANNA, Writer } from '../../contract/writer.ts';
import type { Disk } from '../disk.ts';
import { FileStore, type FileStoreOptions } from '../file-store.ts';
import type { Logger } from '../logger.ts';
import { SimulatedDisk } from './simulated-disk.ts';

/** What a store told its owner. */
export class Told implements Logger {
  readonly lines: string[] = [];
  info(message: string): void {
    this.lines.push(`info ${message}`);
  }
  warn(message: string): void {
    this.lines.push(`warn ${message}`);
  }
  error(message: string): void {
    this.lines.push(`error ${message}`);
  }

  /** Lines of a level that match. */
  of(level: 'info' | 'warn' | 'error', pattern: RegExp): string[] {
    return this.lines.filter((line) => line.startsWith(level) && pattern.test(line));
  }
}

export const DATA = '/data';

export interface Opened {
  readonly store: FileStore;
  readonly writer: Writer;
  readonly told: Told;
}

/** A file store, not open yet, closed when the test is over. */
export const storeOn = (
  t: Scope,
  disk: Disk,
  options: Partial<FileStoreOptions> = {},
): { store: FileStore; told: Told } => {
  const told = new Told();
  const store = new FileStore({ directory: DATA, disk, snapshotEverySeconds: 0, logger: told, ...options });
  undoAfter(t, () => store.close().catch(() => {}));
  return { store, told };
};

/** The same, open, with a writer. */
export const openOn = async (t: Scope, disk: Disk, options: Partial<FileStoreOptions> = {}): Promise<Opened> => {
  const { store, told } = storeOn(t, disk, options);
  return { store, told, writer: new Writer(store, await store.open()) };
};

/** An open store with two visitors, two agents and the conversation `c`, of anna. */
export const opened = async (
  t: Scope,
  disk: SimulatedDisk = new SimulatedDisk(),
): Promise<Opened & { disk: SimulatedDisk }> => {
  const site = await openOn(t, disk);
  await site.writer.people();
  await site.writer.submit(start(ANNA, 'c'));
  return { ...site, disk };
};

/** Posts one message a batch, under the ids `<prefix>1`, `<prefix>2` ... */
export const say = async (writer: Writer, prefix: string, count: number, conversationId = 'c'): Promise<void> => {
  for (let i = 1; i <= count; i += 1) await writer.submit(post(ANNA, conversationId, `${prefix}${i}`));
};

/** Path of a journal segment. */
export const segment = (number: number): string => `${DATA}/journal/${String(number).padStart(10, '0')}.log`;
export const snapshotFile = (position: number, name: string): string =>
  `${DATA}/snapshots/${String(position).padStart(15, '0')}/${name}`;

/** Changes a file on the medium. */
export const damage = (disk: SimulatedDisk, path: string, change: (bytes: Buffer) => Buffer): void => {
  disk.put(path, change(disk.bytes(path)));
};

/** Turns one bit of the byte at the place where a text stands in a file. */
export const flipAt = (disk: SimulatedDisk, path: string, text: string): void => {
  damage(disk, path, (bytes) => {
    const at = bytes.indexOf(text);
    if (at < 0) throw new Error(`test: ${text} is not in ${path}`);
    bytes[at]! ^= 1;
    return bytes;
  });
};

/** Ids of the messages of `c` that a store holds which is opened on the disk now; their numbers have no gap. */
export const contents = async (t: Scope, disk: SimulatedDisk): Promise<string[]> => {
  const { store } = await openOn(t, disk);
  const { messages } = await store.messages('c', { limit: 500 });
  assert.deepEqual(
    messages.map(({ value }) => value.seq),
    messages.map((_, i) => i + 1),
  );
  return messages.map(({ value }) => value.id);
};
