import fc from 'fast-check';
import { isOutage } from '../../../domain/errors.ts';
import { contactEntry, note, post, put, read, redact, start } from '../../../domain/testing/changes.ts';
import { beginRandom, play, rounds } from '../../contract/random-log.ts';
import { ANNA, CLAIRE, Writer } from '../../contract/writer.ts';
import { FileStore, type FileStoreOptions } from '../file-store.ts';
import { backedUp, erased, restored } from './keeping-lives.ts';
import type { Known } from './known.ts';
import type { DiskCall, Fault, SimulatedDisk } from './simulated-disk.ts';
import { DATA } from './site.ts';

/** Something that happens to a data directory, with the world outside watching. */
export type Life = (disk: SimulatedDisk, known: Known, random: () => number) => Promise<void>;

const storeOf = (disk: SimulatedDisk, options: Partial<FileStoreOptions> = {}): FileStore =>
  new FileStore({ directory: DATA, disk, snapshotEverySeconds: 0, timezone: 'UTC', ...options });

/** The shortest there is: a directory is made, one batch is written, the process is killed. */
const first: Life = async (disk, known) => {
  const writer = await known.writerOn(storeOf(disk));
  await writer.submit(put(contactEntry('anna')), start(ANNA, 'c'), post(ANNA, 'c', 'm1'));
  disk.kill();
};

/** Writing, snapshots while writing, an old snapshot and its journal taken away, a kill, stops in good order. */
const snapshots: Life = async (disk, known) => {
  for (const life of ['a', 'b', 'c']) {
    const store = storeOf(disk);
    const writer = await known.writerOn(store);
    if (life === 'a') await writer.people();
    await writer.submit(
      ...[start(ANNA, `c${life}`), post(ANNA, `c${life}`, `${life}1`), note(CLAIRE, `c${life}`, `${life}2`)],
    );
    const snapshot = store.takeSnapshot();
    await writer.submit(post(ANNA, 'ca', `${life}3`), read(CLAIRE, 'ca', 1));
    await writer.submit(redact(CLAIRE, 'ca', 'a1'));
    await snapshot;
    await writer.submit(post(ANNA, 'ca', `${life}4`));
    if (life === 'b') disk.kill();
    else await store.close();
  }
};

/** Anything, in any order, with random faults of the disk in between. */
const anything: Life = async (disk, known, random) => {
  const seed = Math.floor(random() * 2 ** 31);
  const [log = []] = fc.sample(rounds(24), { numRuns: 1, seed });
  let begun = false;
  let open: { store: FileStore; writer: Writer } | undefined;
  for (const round of log) {
    disk.fault = random() < 0.3 ? flakiness(random) : undefined;
    if (open === undefined) {
      const store = storeOf(disk);
      const writer = await known.writerOn(store).catch(() => undefined);
      if (writer === undefined) continue;
      open = { store, writer };
    }
    const { store, writer } = open;
    if (!begun)
      begun = await beginRandom(writer).then(
        () => true,
        () => false,
      );
    const snapshot = random() < 0.3 ? store.takeSnapshot() : undefined;
    // What is asked of a reader first may meet the same disk.
    await play(writer, round).catch((error: unknown) => {
      if (!isOutage(error)) throw error;
    });
    await snapshot;
    if (random() < 0.2) {
      if (random() < 0.5) disk.kill();
      else await store.close();
      open = undefined;
    }
  }
  await open?.store.close();
};

/** A disk of which every now and then a call fails, or a write takes a part only. */
const flakiness = (random: () => number): ((call: DiskCall) => Fault | undefined) => {
  const often = random() * 0.2;
  const codes = ['EIO', 'ENOSPC', 'EROFS', 'EMFILE'];
  return ({ op, bytes = 0 }) => {
    if (random() >= often || op === 'close' || op === 'lock') return undefined;
    if (op === 'write' && random() < 0.5) return { short: Math.floor(random() * bytes) };
    return { code: codes[Math.floor(random() * codes.length)]! };
  };
};

/** An empty store is filled from another keeper, as a chain fills one: from state first, then record by record. */
const filled: Life = async (disk, known) => {
  const elsewhere = storeOf(new (disk.constructor as new () => SimulatedDisk)());
  const source = new Writer(elsewhere, await elsewhere.open());
  await source.people();
  for (const id of ['c1', 'c2']) await source.submit(start(ANNA, id), post(ANNA, id, `${id}-1`));
  await source.submit(redact(CLAIRE, 'c1', 'c1-1'), post(ANNA, 'c1', 'c1-2'));
  const store = storeOf(disk);
  known.listenTo(store);
  const { log, epoch } = await store.open({ log: source.opened.log });
  for (let after = 0, more = true; more; ) {
    const page = await elsewhere.recordsSince(after, 3);
    const compacted = after < 6;
    await store.append({ log, epoch, after, through: page.through, records: page.records, compacted });
    ({ through: after, more } = page);
  }
  await store.takeSnapshot();
  await store.close();
  await elsewhere.close();
};

/** Another program's files are adopted. */
const adopted: Life = async (disk, known) => {
  const message = (id: string, conversationId: string) => ({
    ...{ id, conversationId, senderId: 'u1', senderType: 'USER' },
    ...{ content: `text ${id}`, createdAt: '2025-01-06T10:00:00.000' },
  });
  const conversations = { c1: { id: 'c1', userId: 'u1', status: 'CLOSED', createdAt: '2025-01-06T08:00:00.000' } };
  const messages = { c1: [message('m1', 'c1'), message('m2', 'c1')], c2: [message('m3', 'c2')] };
  await disk.makeDirectory(DATA);
  await disk.syncDirectory('/');
  disk.put(`${DATA}/conversations.json`, Buffer.from(JSON.stringify(conversations)));
  disk.put(`${DATA}/messages.json`, Buffer.from(JSON.stringify(messages)));
  known.messageIds.push('m1', 'm2', 'm3');
  const store = storeOf(disk);
  await store.open();
  await store.close();
};

/** A start on what there is, one more batch, a snapshot, a stop in good order: what a power cut is followed by. */
export const startAgain: Life = async (disk, known) => {
  const store = storeOf(disk);
  const writer = await known.writerOn(store);
  await known.holdsIn(store);
  await writer.submit(put(contactEntry(`again-${writer.opened.epoch}`)));
  await store.close();
};

export const LIVES = { first, snapshots, filled, adopted, backedUp, restored, erased, anything } satisfies Record<
  string,
  Life
>;
