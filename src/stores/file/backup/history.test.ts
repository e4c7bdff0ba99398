import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../../../test/support/random.ts';
import type { Scope } from '../../../../test/support/undo-after.ts';
import {
  conversationsOf,
  digestConversation,
  digestEntries,
  type LogDigest,
  wholeDigest,
} from '../../../domain/digest.ts';
import { DIRECTORY_KINDS, type DirectoryKind } from '../../../domain/model/directory.ts';
import type { LogRecord } from '../../../domain/model/record.ts';
import type { Reads } from '../../../domain/store.ts';
import {
  agent,
  contactEntry,
  note,
  patch,
  post,
  put,
  read,
  redact,
  start,
  visitor,
} from '../../../domain/testing/changes.ts';
import { TimeSlice } from '../../../lib/time-slice.ts';
import { CLAIRE, type Writer } from '../../contract/writer.ts';
import { MemoryStore } from '../../memory/memory-store.ts';
import { FileStore } from '../file-store.ts';
import { SimulatedDisk } from '../testing/simulated-disk.ts';
import { DATA, openOn } from '../testing/site.ts';
import { History, type Moment, type Place } from './history.ts';

const dayName = (day: number): string => `${DATA}/backup/2025-01-${String(day).padStart(2, '0')}`;

/** A change of any kind. Most are of something that is there already, so that the past is not only a shorter list. */
const chatter = async (writer: Writer, random: () => number): Promise<void> => {
  const at = writer.position;
  const who = visitor(`v${Math.floor(random() * 12)}`);
  const c = `c-${who.id}-${Math.floor(random() * 3)}`;
  const head = await writer.store.conversation(c);
  const kind = random();
  if (head === undefined) await writer.submit(put(contactEntry(who.id)), start(who, c));
  else if (kind < 0.15) await writer.submit(put(contactEntry(who.id, { name: `name at ${at}` })));
  else if (kind < 0.3) await writer.submit(patch(CLAIRE, c, { labels: [`l${at}`] }));
  else if (kind < 0.34) await writer.submit(patch(CLAIRE, c, { status: random() < 0.5 ? 'CLOSED' : 'ACTIVE' }));
  else if (kind < 0.55) await writer.submit(post(who, c, `m${at}`));
  else if (kind < 0.6) await writer.submit(note(CLAIRE, c, `m${at}`), post(CLAIRE, c, `n${at}`));
  else {
    const { messages } = await writer.store.messages(c, { after: Math.floor(random() * head.lastSeq), limit: 1 });
    const message = messages[0]?.value;
    if (message?.kind !== 'message') return;
    const reader = agent(`a${Math.floor(random() * 9)}`);
    await writer.submit(kind < 0.7 ? redact(CLAIRE, c, message.id) : read(reader, c, message.seq, message.publicSeq));
  }
};

interface Trace {
  readonly disk: SimulatedDisk;
  readonly records: readonly LogRecord[];
  /** Positions of the daily backups. */
  readonly backups: readonly number[];
}

/** A store that lived for some days: snapshots now and then, a backup a day, the journal kept from backup to backup. */
const trace = async (t: Scope, records: number, { snapshotEvery = 100, backupEvery = 250 } = {}): Promise<Trace> => {
  const disk = new SimulatedDisk();
  const backups: number[] = [];
  const { store, writer } = await openOn(t, disk, { backedUp: () => backups.at(-1) ?? 0 });
  await writer.people();
  const random = seededRandom(7);
  let [snapshot, backup] = [0, 0];
  while (writer.position < records) {
    await chatter(writer, random);
    if (writer.position - snapshot >= snapshotEvery) {
      await store.takeSnapshot();
      snapshot = writer.position;
    }
    if (writer.position - backup < backupEvery) continue;
    const reader = new FileStore({ directory: DATA, disk });
    await reader.open({ reading: true });
    const made = await reader.backUp(dayName(backups.length + 1));
    await reader.close();
    backup = writer.position;
    backups.push(made.position);
  }
  await store.close();
  return { disk, records: writer.records, backups };
};

/**
 * Digests of a store that are looked at again and again: a conversation is read anew when anything about it changed,
 * or when `fresh` says that everything below is another.
 */
class Digests {
  readonly #conversations = new Map<string, { readonly face: string; readonly digest: string }>();
  readonly #slice = new TimeSlice();

  async of(reads: Reads, fresh = false): Promise<string> {
    if (fresh) this.#conversations.clear();
    const conversations = new Map<string, string>();
    for await (const head of conversationsOf(reads)) {
      const { id } = head.conversation;
      const face = JSON.stringify(head);
      const known = this.#conversations.get(id);
      const digest = known?.face === face ? known.digest : (await digestConversation(reads, head, this.#slice)).digest;
      this.#conversations.set(id, { face, digest });
      conversations.set(id, digest);
    }
    const entries: Partial<Record<DirectoryKind, string>> = {};
    for (const kind of DIRECTORY_KINDS) entries[kind] = (await digestEntries(reads, kind)).digest;
    return wholeDigest({ conversations, entries: entries as LogDigest['entries'] });
  }
}

const openedAt = async (disk: SimulatedDisk, directory: string, past?: Moment | Place): Promise<FileStore> => {
  const store = new FileStore({ directory, disk, ...(past !== undefined && { past }) });
  await store.open({ reading: true });
  return store;
};

/** Appends to the plainest store there is, and answers the digest of every beginning. */
const modelOf = async (records: readonly LogRecord[]): Promise<{ digests: string[]; store: MemoryStore }> => {
  const log = { id: 'model', rewinds: 0 };
  const store = new MemoryStore();
  await store.open({ log });
  const known = new Digests();
  const digests: string[] = [];
  for (const record of records) {
    const { position } = record;
    await store.append({ log, epoch: 1, after: position - 1, through: position, records: [record] });
    digests.push(await known.of(store));
  }
  return { digests, store };
};

test('[BK-7] every position of a log of 5,000 changes can be had, and is exactly the beginning of it', {
  timeout: 600_000,
}, async (t) => {
  const { disk, records, backups } = await trace(t, 5000);
  assert.ok(records.length >= 5000 && backups.length >= 3);
  const { digests } = await modelOf(records);
  const history = await History.of(disk, DATA);
  assert.deepEqual(
    history.reach.map(({ from, to }) => [from, to]),
    [[0, records.length]],
  );
  const known = new Digests();
  for (const { position, time } of records) {
    const store = await openedAt(disk, DATA, history.moment(position));
    const { head } = await store.view({ conversations: [], messages: [], entries: [], agentEmails: [] });
    assert.deepEqual([head.position, head.time], [position, time]);
    // Behind a base other files are read.
    const fresh = history.bases.includes(position) || position === records.length;
    assert.equal(await known.of(store, fresh), digests[position - 1], `position ${position}`);
    await store.close();
  }
});
