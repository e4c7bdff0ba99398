import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../../../test/support/random.ts';
import type { Scope } from '../../../../test/support/undo-after.ts';
import { digestLog, messagesOf, wholeDigest } from '../../../domain/digest.ts';
import { LOST_TEXT } from '../../../domain/repair/salvage.ts';
import type { Store } from '../../../domain/store.ts';
import { post } from '../../../domain/testing/changes.ts';
import { ANNA, CLAIRE, Writer } from '../../contract/writer.ts';
import { MemoryStore } from '../../memory/memory-store.ts';
import { verifyFileStore } from '../check.ts';
import { FileStore } from '../file-store.ts';
import type { SimulatedDisk } from '../testing/simulated-disk.ts';
import { DATA, flipAt, opened, say, segment, snapshotFile } from '../testing/site.ts';
import { repairFileStore } from './repair.ts';

const repair = (disk: SimulatedDisk, more: { dryRun?: boolean; acceptLoss?: boolean; donors?: Store[] } = {}) =>
  repairFileStore({
    ...{ disk, directory: DATA, donors: [], scratch: () => new MemoryStore(), dryRun: false, acceptLoss: false },
    ...more,
  });

/** Opens the store that was repaired, as a server would. */
const reopened = async (t: Scope, disk: SimulatedDisk, directory = DATA) => {
  const store = new FileStore({ directory, disk, snapshotEverySeconds: 0 });
  t.after(() => store.close());
  const head = await store.open();
  return { store, head, digest: wholeDigest(await digestLog(store)) };
};

const textsOf = async (store: Store): Promise<string[]> => {
  const texts: string[] = [];
  for await (const { value } of messagesOf(store, 'c')) texts.push(value.content);
  return texts;
};

/** Some messages in a snapshot, more in the journal behind it; closed. */
const closed = async (t: Scope) => {
  const { disk, store, writer } = await opened(t);
  await say(writer, 'a', 5);
  await store.takeSnapshot();
  await say(writer, 'b', 5);
  const digest = wholeDigest(await digestLog(store));
  disk.kill();
  return { disk, digest, writer, log: writer.opened.log };
};

test('[BK-13] a sound store is left alone', async (t) => {
  const { disk, store, writer } = await opened(t);
  await say(writer, 'a', 2);
  await store.close();
  const files = disk.files();
  assert.equal((await repair(disk)).outcome, 'sound');
  assert.deepEqual(disk.files(), files);
});

test('[BK-13] what a backup still holds is brought back, and nothing is another past', async (t) => {
  const { disk, digest, log } = await closed(t);
  const reader = new FileStore({ directory: DATA, disk });
  await reader.open({ reading: true });
  await reader.backUp(`${DATA}/backup/2025-01-06`);
  await reader.close();
  flipAt(disk, segment(2), 'text of b3');
  const broken = new FileStore({ directory: DATA, disk });
  await assert.rejects(broken.open(), { code: 'refused' });
  await broken.close();

  const files = disk.files();
  const would = await repair(disk, { dryRun: true });
  assert.deepEqual([would.outcome, would.lost], ['would', 0]);
  assert.deepEqual(disk.files(), files);
  const done = await repair(disk);
  assert.deepEqual([done.outcome, done.lost, done.placeholders], ['done', 0, 0]);
  assert.ok(disk.files().some((path) => path.startsWith(`${done.kept}/journal/`)));
  assert.ok((await verifyFileStore(DATA, disk)).ok);
  const { head, digest: after } = await reopened(t, disk);
  assert.deepEqual([head.log, after], [log, digest]);
});

test('[BK-13] another store of the log gives what is damaged here, and what came later here stays', async (t) => {
  const { disk, digest, writer } = await closed(t);
  const donor = new MemoryStore();
  const { epoch } = await donor.open({ log: writer.opened.log });
  const held = writer.records.slice(0, -1);
  await donor.append({ log: writer.opened.log, epoch, after: 0, through: held.length, records: held });
  flipAt(disk, segment(2), 'text of b3');
  const done = await repair(disk, { donors: [donor] });
  assert.deepEqual([done.lost, done.base.from], [0, 'memory:']);
  assert.equal((await reopened(t, disk)).digest, digest);
});

test('[BK-14] what is found nowhere is given up only when told, and a sentence takes its place', async (t) => {
  const { disk, log } = await closed(t);
  flipAt(disk, segment(2), 'text of b3');
  await assert.rejects(repair(disk), { code: 'refused', trouble: { code: 'would_lose', changes: 1 } });
  const broken = new FileStore({ directory: DATA, disk });
  await assert.rejects(broken.open(), { code: 'refused' });
  await broken.close();
  const done = await repair(disk, { acceptLoss: true });
  assert.deepEqual([done.lost, done.placeholders], [1, 1]);
  assert.ok((await verifyFileStore(DATA, disk)).ok);
  const { store, head } = await reopened(t, disk);
  assert.ok(head.log.id === log.id && head.log.rewinds > log.rewinds);
  const texts = await textsOf(store);
  assert.deepEqual(texts.slice(5), ['text of b1', 'text of b2', LOST_TEXT, 'text of b4', 'text of b5']);
  // The chat goes on, numbers included.
  const writer = new Writer(store, head);
  const [said] = await writer.submit(post(CLAIRE, 'c', 'more'));
  assert.deepEqual([said!.message!.value.seq, said!.message!.value.publicSeq], [11, 11]);
  assert.equal((await writer.submit(post(ANNA, 'c', 'b4')))[0]!.repeated, true);
});

test('[BK-14] with every snapshot gone, what the journal still says is put together', async (t) => {
  const { disk } = await closed(t);
  for (const path of disk.files()) if (path.startsWith(snapshotFile(10, ''))) disk.put(path, Buffer.from('rotten'));
  flipAt(disk, segment(1), 'text of a2');
  const done = await repair(disk, { acceptLoss: true });
  assert.equal(done.lost, 1);
  const { store } = await reopened(t, disk);
  const texts = await textsOf(store);
  assert.deepEqual([texts.length, texts.filter((text) => text === LOST_TEXT).length], [10, 1]);
});

test('[BK-15] a repair that is cut short anywhere is finished by the next, and nothing starts before', async (t) => {
  const { disk: first } = await closed(t);
  flipAt(first, segment(2), 'text of b3');
  let refused = 0;
  for (let at = 40; ; at += 37) {
    const disk = first.powerCut(seededRandom(1));
    const begun = disk.calls.length;
    disk.cutAt = begun + at;
    const cut = await repair(disk, { acceptLoss: true }).then(
      () => false,
      () => true,
    );
    if (!cut) break;
    const left = disk.powerCut(seededRandom(at));
    const early = new FileStore({ directory: DATA, disk: left });
    // Whole already, when only the tidying up was cut off.
    const refusal = await early.open().then(
      () => undefined,
      (error: { code: string }) => error.code,
    );
    assert.ok(refusal === 'refused' || (await textsOf(early)).length === 10, `call ${at}: ${refusal}`);
    refused += refusal === undefined ? 0 : 1;
    await early.close();
    await repair(left, { acceptLoss: true });
    const { store } = await reopened(t, left);
    assert.equal((await textsOf(store)).length, 10, `call ${at}`);
    await store.close();
  }
  assert.ok(refused > 3);
});
