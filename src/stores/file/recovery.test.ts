import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { GuichetError } from '../../domain/errors.ts';
import { post } from '../../domain/testing/changes.ts';
import { answers, feed } from '../contract/answers.ts';
import { ANNA } from '../contract/writer.ts';
import { readSegment } from './journal-reader.ts';
import type { SimulatedDisk } from './testing/simulated-disk.ts';
import { contents, DATA, damage, flipAt, opened, openOn, say, segment, snapshotFile, storeOn } from './testing/site.ts';

/** Opens, expecting to be refused with a sentence, and that no byte on the disk changes. */
const refused = async (t: TestContext, disk: SimulatedDisk, pattern: RegExp): Promise<void> => {
  const before = disk.files().map((path) => [path, disk.bytes(path).toString('latin1')]);
  const { store } = storeOn(t, disk);
  await assert.rejects(store.open(), (error: unknown) => {
    assert.ok(error instanceof GuichetError);
    assert.equal(error.code, 'refused');
    assert.match(error.detail!, pattern);
    return true;
  });
  assert.deepEqual(
    disk.files().map((path) => [path, disk.bytes(path).toString('latin1')]),
    before,
  );
  await store.close();
};

test('[FS-32] a last batch cut at any byte is a torn end: kept aside, told, nothing acknowledged lost', async (t) => {
  const { disk, writer } = await opened(t);
  await say(writer, 'm', 2);
  const whole = disk.bytes(segment(1));
  const { unproven } = await readSegment(disk, segment(1));
  const start = unproven[0]!.offset;
  for (let length = start; length < whole.length; length += 5) {
    disk.kill();
    const left = disk.twin();
    left.put(segment(1), whole.subarray(0, length));
    const { store, told } = await openOn(t, left);
    assert.equal(store.health().position, 6, `cut at byte ${length}`);
    assert.equal(told.of('info', /torn/).length, length === start ? 0 : 1);
    assert.deepEqual(told.of('warn', /./), []);
    if (length > start)
      assert.deepEqual(
        left.bytes(`${DATA}/quarantine/0000000001.log.${start}-${length}`),
        whole.subarray(start, length),
      );
    await store.close();
    // The torn bytes stay where they are; that they are void is known now, and it is not told again.
    const second = await openOn(t, left);
    assert.deepEqual(second.told.lines, []);
  }
});

test('[FS-32] sectors of the last batch that never reached the disk, with valid lines behind them, are a torn end', async (t) => {
  const { disk, writer } = await opened(t);
  await writer.submit(...Array.from({ length: 30 }, (_, i) => post(ANNA, 'c', `m${i}`)));
  disk.kill();
  damage(disk, segment(1), (bytes) => {
    const at = bytes.indexOf('text of m3');
    bytes.fill(0, at, at + 512);
    return bytes;
  });
  assert.deepEqual(await contents(t, disk), []);
});

test('[FS-33] damage to an acknowledged batch is refused, with file, byte and records; nothing is changed', async (t) => {
  const { disk, writer } = await opened(t);
  await say(writer, 'm', 4);
  disk.kill();
  flipAt(disk, segment(1), 'text of m2');
  await refused(
    t,
    disk,
    /journal\/0000000001\.log is damaged at byte \d+ .*records 7 was acknowledged.*guichet check --store file:\/data/,
  );
});

test('[FS-33] the last batch too, once the journal was idle or another file proves it', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { disk, writer } = await opened(t);
  await say(writer, 'm', 2);
  t.mock.timers.tick(50);
  await new Promise((resolve) => setImmediate(resolve));
  disk.kill();
  flipAt(disk, segment(1), 'text of m2');
  await refused(t, disk, /damaged at byte/);
});

test('[FS-33] a journal that ends early after a stop in good order is refused', async (t) => {
  const { disk, store, writer } = await opened(t);
  // No snapshot and no further segment: only the manifest knows how far it went.
  disk.fault = ({ op, path }) => (op === 'open' && path === segment(2) ? { code: 'EMFILE' } : undefined);
  await say(writer, 'm', 2);
  await store.close();
  disk.fault = undefined;
  damage(disk, segment(1), (bytes) => bytes.subarray(0, bytes.indexOf('R 7')));
  await refused(t, disk, /record 7 was acknowledged|records 7/);
});

test('[FS-33] every byte of an acknowledged segment: a flip is refused or harmless, never believed', async (t) => {
  const { disk, store, writer } = await opened(t);
  await say(writer, 'm', 3);
  const held = await answers(store);
  disk.kill();
  const whole = disk.bytes(segment(1));
  const last = (await readSegment(disk, segment(1))).unproven[0]!.offset;
  for (let at = 0; at < last; at += 7) {
    const left = disk.twin();
    const bytes = Buffer.from(whole);
    bytes[at]! ^= 1 << (at % 8);
    left.put(segment(1), bytes);
    const { store: next } = storeOn(t, left);
    const outcome = await next.open().then(
      () => 'open',
      (error: unknown) => (error as GuichetError).code,
    );
    if (outcome === 'open') assert.deepEqual(await answers(next), held, `byte ${at}`);
    else assert.equal(outcome, 'refused', `byte ${at}`);
    await next.close();
  }
});

test('[FS-34] a damaged newest snapshot is put in quarantine; the older one and the journal hold everything', async (t) => {
  for (const name of ['messages.json', 'conversations.json', 'directory.json', 'manifest.json']) {
    const { disk, store, writer } = await opened(t);
    for (const prefix of ['a', 'b', 'd']) {
      await say(writer, prefix, 2);
      await store.takeSnapshot();
    }
    await say(writer, 'e', 1);
    const held = await answers(store);
    const position = store.health().lastSnapshot!.position;
    disk.kill();
    damage(disk, snapshotFile(position, name), (bytes) => {
      bytes[bytes.length >> 1]! ^= 4;
      return bytes;
    });
    const again = await openOn(t, disk);
    assert.deepEqual(await answers(again.store), held, name);
    assert.equal(again.told.of('warn', /snapshot is damaged/).length, 1);
    assert.ok(disk.files().includes(`${DATA}/quarantine/${String(position).padStart(15, '0')}/${name}`));
    assert.equal(await again.store.takeSnapshot(), true);
  }
});

test('[FS-34] with every snapshot damaged and the journal cut back, the store is refused', async (t) => {
  const { disk, store, writer } = await opened(t);
  for (const prefix of ['a', 'b', 'd']) {
    await say(writer, prefix, 2);
    await store.takeSnapshot();
  }
  disk.kill();
  for (const path of disk.files().filter((file) => file.includes('/snapshots/') && file.endsWith('messages.json'))) {
    damage(disk, path, (bytes) => bytes.subarray(1));
  }
  await refused(t, disk, /is missing|acknowledged/);
});

test('[FS-35] damage in the journal that a snapshot covers is told, kept aside and lived with', async (t) => {
  const { disk, store, writer } = await opened(t);
  await say(writer, 'm', 3);
  await store.takeSnapshot();
  await say(writer, 'n', 1);
  const held = await answers(store);
  disk.kill();
  flipAt(disk, segment(1), 'text of m2');
  const again = await openOn(t, disk);
  assert.deepEqual(await answers(again.store), held);
  // Record by record it cannot be had any more; from the state it can.
  const records = await feed(again.store, 0, 3);
  assert.equal(new Set(records.filter((r) => r.is('message')).map((r) => r.json)).size, 4);
  assert.ok(again.told.of('warn', /cannot be read/).length > 0);
});

for (const [what, pattern, spoil] of [
  [
    'a segment is missing in the middle',
    /0000000002\.log is missing/,
    (disk: SimulatedDisk) => disk.unlink(segment(2)),
  ],
  ['the newest segment is missing', /0000000003\.log is missing/, (disk: SimulatedDisk) => disk.unlink(segment(3))],
  [
    'the first line of the newest segment is damaged',
    /first line of .*0000000003\.log is damaged/,
    async (disk: SimulatedDisk) => flipAt(disk, segment(3), '"format"'),
  ],
] as const) {
  test(`[FS-36] ${what}: refused`, async (t) => {
    const { disk, writer } = await opened(t);
    await say(writer, 'm', 1);
    for (let n = 2; n <= 3; n += 1) {
      disk.kill();
      const next = await openOn(t, disk);
      await say(next.writer, `n${n}-`, 2);
    }
    disk.kill();
    await spoil(disk);
    await disk.syncDirectory(`${DATA}/journal`);
    await refused(t, disk, pattern);
  });
}

test('[FS-36] another log, a newer format: refused', async (t) => {
  const { disk, store } = await opened(t);
  await store.close();
  const { store: other } = storeOn(t, disk);
  await assert.rejects(other.open({ log: { id: 'another', rewinds: 0 } }), /keeps another log/);
  for (const path of [`${DATA}/manifest.json`, snapshotFile(5, 'manifest.json')]) {
    const left = disk.twin();
    damage(left, path, (bytes) => Buffer.from(bytes.toString().replace('"format": 1', '"format": 2')));
    await refused(t, left, /newer version of Guichet/);
  }
  const mixed = disk.twin();
  const stranger = await opened(t);
  await stranger.store.close();
  for (const path of stranger.disk.files().filter((file) => file.includes('/snapshots/'))) {
    mixed.put(path, stranger.disk.bytes(path));
  }
  await refused(t, mixed, /mixes the files of two logs/);
});

test('[FS-37] a manifest that is damaged or gone is made anew from what is there', async (t) => {
  for (const spoil of [Buffer.from('{"format": 1, "lo'), Buffer.from(''), Buffer.alloc(200), undefined]) {
    const { disk, store, writer } = await opened(t);
    await say(writer, 'm', 2);
    await store.takeSnapshot();
    await say(writer, 'n', 2);
    const held = await answers(store);
    const { keeper } = writer.opened;
    assert.ok(keeper);
    disk.kill();
    if (spoil === undefined) await disk.unlink(`${DATA}/manifest.json`);
    else disk.put(`${DATA}/manifest.json`, spoil);
    const again = await openOn(t, disk);
    assert.deepEqual(await answers(again.store), held);
    assert.equal(again.writer.opened.keeper, keeper, 'the journal says it too');
    assert.equal(again.store.health().lastSnapshot?.position, 7);
    if (spoil !== undefined) {
      assert.equal(again.told.of('warn', /manifest/).length, 1);
      assert.deepEqual(disk.bytes(`${DATA}/quarantine/manifest.json`), spoil);
    }
    assert.equal(JSON.parse(disk.bytes(`${DATA}/manifest.json`).toString()).epoch, 2);
  }
});

test('[FS-38] a start that fails half-way leaves what the next one needs, at any call', async (t) => {
  const { disk, store, writer } = await opened(t);
  await say(writer, 'm', 2);
  await store.takeSnapshot();
  await say(writer, 'n', 2);
  const held = await answers(store);
  disk.kill();
  const dry = disk.twin();
  const { store: dryStore } = storeOn(t, dry);
  await dryStore.open();
  const calls = dry.calls.length;
  for (let n = 1; n < calls; n += 3) {
    const left = disk.twin();
    left.fault = ({ number }) => (number === n ? { code: 'EIO' } : undefined);
    const { store: failing } = storeOn(t, left);
    await failing
      .open()
      .catch((error: GuichetError) => assert.equal(error.code, 'unavailable', `call ${n}: ${String(error.cause)}`));
    left.fault = undefined;
    left.kill();
    const again = await openOn(t, left);
    assert.deepEqual(
      await answers(again.store),
      held,
      `call ${n} of ${dry.calls[n - 1]?.op} ${dry.calls[n - 1]?.path}`,
    );
  }
});
