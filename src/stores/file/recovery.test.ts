import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { tempDir } from '../../../test/support/temp-dir.ts';
import { GuichetError } from '../../domain/errors.ts';
import { post } from '../../domain/testing/changes.ts';
import { answers, feed } from '../contract/answers.ts';
import { ANNA } from '../contract/writer.ts';
import { readSegment } from './journal-reader.ts';
import { NodeDisk } from './node-disk.ts';
import type { SimulatedDisk } from './testing/simulated-disk.ts';
import { DATA, damage, flipAt, opened, openOn, say, segment, snapshotFile, storeOn } from './testing/site.ts';

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

const contents = async (t: TestContext, disk: SimulatedDisk): Promise<string[]> => {
  const { store } = await openOn(t, disk);
  const { messages } = await store.messages('c', { limit: 500 });
  assert.deepEqual(
    messages.map(({ value }) => value.seq),
    messages.map((_, i) => i + 1),
  );
  return messages.map(({ value }) => value.id);
};

test('[FS-16] a place that can never be a data directory is refused, not waited for', async (t) => {
  const directory = tempDir(t);
  const file = join(directory, 'file');
  writeFileSync(file, 'in the way');
  for (const place of [file, join(file, 'below')]) {
    const { store } = storeOn(t, new NodeDisk(), { directory: place });
    await assert.rejects(store.open(), { code: 'refused', message: /cannot be used as a data directory/ });
  }
  assert.equal(readFileSync(file, 'utf8'), 'in the way');
});

test('[FS-2] a directory that a store holds is refused to another, of this process or of any other', async (t) => {
  const directory = tempDir(t);
  const first = await openOn(t, new NodeDisk(), { directory });
  const second = storeOn(t, new NodeDisk(), { directory });
  await assert.rejects(second.store.open(), /Another process holds the directory/);
  const script = `
    import { FileStore } from ${JSON.stringify(new URL('./file-store.ts', import.meta.url).href)};
    const store = new FileStore({ directory: ${JSON.stringify(directory)} });
    await store.open().then(() => console.log('open'), (error) => console.log(error.code));
    setInterval(() => {}, 1000);
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  assert.equal(said.toString().trim(), 'refused');
  child.kill('SIGKILL');
  await once(child, 'exit');
  await first.store.close();
  const holder = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => holder.kill('SIGKILL'));
  assert.equal(((await once(holder.stdout, 'data')) as [Buffer])[0].toString().trim(), 'open');
  await assert.rejects(storeOn(t, new NodeDisk(), { directory }).store.open(), /Another process holds/);
  // However it ends, the lock goes with the process.
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  const third = await openOn(t, new NodeDisk(), { directory });
  assert.equal(third.store.health().state, 'open');
  await third.store.close();
});

test('[FS-31] each start is a new epoch and a new segment', async (t) => {
  const { disk, store } = await opened(t);
  await store.close();
  for (const epoch of [2, 3]) {
    const { store: next } = storeOn(t, disk);
    assert.equal((await next.open()).epoch, epoch);
    assert.ok(disk.files().includes(segment(epoch + 1)));
    await next.close();
  }
});

test('[FS-31] a last batch that nothing proves synced is written and synced again before the store is open', async (t) => {
  const { disk, writer } = await opened(t);
  await say(writer, 'm', 2);
  disk.kill();
  const from = disk.calls.length;
  const again = await openOn(t, disk);
  assert.equal(again.store.health().position, 7);
  const written: string[] = [];
  await readSegment(disk, segment(2), {
    batch: ({ records }) => void written.push(...records.map(({ json }) => json)),
  });
  assert.deepEqual(written, [writer.records.at(-1)!.json], 'only what was unproven is repeated');
  const calls = disk.calls.slice(from);
  const repeat = calls.findLastIndex(({ op, path }) => op === 'write' && path === segment(2));
  assert.equal(
    calls.findIndex(({ op, path }, i) => i > repeat && op === 'sync' && path === segment(2)),
    repeat + 1,
  );
});

for (const snapshot of [false, true]) {
  test(`[FS-31] a power cut between the new segment and the repetition loses nothing${snapshot ? ' behind a snapshot' : ''}`, async (t) => {
    const { disk, store, writer } = await opened(t);
    await say(writer, 'm', 1);
    if (snapshot) await store.takeSnapshot();
    await say(writer, 'n', 1);
    const begun = disk.files().filter((path) => path.includes('/journal/')).length;
    for (const more of [1, 2]) {
      disk.kill();
      const next = segment(begun + more);
      let writes = 0;
      disk.fault = ({ op, path }) => {
        if (op === 'write' && path === next) writes += 1;
        return writes > 1 ? { code: 'EIO' } : undefined;
      };
      const { store: cut } = await openOn(t, disk);
      assert.equal(cut.health().state, 'degraded');
      assert.ok(disk.files().includes(next));
    }
    disk.fault = undefined;
    disk.kill();
    assert.deepEqual(await contents(t, disk), ['m1', 'n1']);
  });
}

test('[FS-31] a segment of which only the page cache knows is not what the next one goes on from', async (t) => {
  const { disk, writer } = await opened(t);
  await say(writer, 'm', 1);
  disk.kill();
  // The process ends between the write of the new segment and its sync.
  disk.watch = ({ op, path, number }) => {
    if (op === 'sync' && path === segment(2)) disk.cutAt = number;
  };
  const { store: killed } = await openOn(t, disk);
  assert.equal(killed.health().state, 'degraded');
  Object.assign(disk, { watch: undefined, cutAt: Number.POSITIVE_INFINITY });
  disk.kill();
  assert.ok(disk.bytes(segment(2)).length > 0);

  await openOn(t, disk);
  disk.kill();
  let cuts = 0;
  for (const left of disk.everyPowerCut()) {
    assert.deepEqual(await contents(t, left), ['m1'], `power cut ${cuts}`);
    cuts += 1;
  }
  assert.ok(cuts > 0);
});

test('[FS-31] what two starts before repeated, one of them not to the end, is repeated once', async (t) => {
  const { disk, writer } = await opened(t);
  await say(writer, 'm', 3);
  disk.kill();
  // Segment 2 repeats the last batch; of segment 3 only the header gets there.
  await openOn(t, disk);
  disk.kill();
  let writes = 0;
  disk.fault = ({ op, path }) => {
    if (op === 'write' && path === segment(3)) writes += 1;
    return writes > 1 ? { code: 'EIO' } : undefined;
  };
  await openOn(t, disk);
  disk.fault = undefined;
  disk.kill();
  const again = await openOn(t, disk);
  assert.equal(again.store.health().state, 'open');
  await again.writer.submit(post(ANNA, 'c', 'n1'));
  disk.kill();
  assert.deepEqual(await contents(t, disk), ['m1', 'm2', 'm3', 'n1']);
});

test('[FS-17] a start on a full disk reads at once, and writes what it owes and what is new when there is room', async (t) => {
  const { disk, writer } = await opened(t);
  await say(writer, 'm', 2);
  disk.kill();
  disk.fault = ({ op }) => (op === 'write' ? { code: 'ENOSPC' } : undefined);
  const again = await openOn(t, disk);
  assert.equal(again.store.health().state, 'degraded');
  assert.equal((await again.store.messages('c', { limit: 9 })).messages.length, 2);
  await assert.rejects(again.writer.submit(post(ANNA, 'c', 'm3')), { code: 'storage_full' });
  disk.fault = undefined;
  await again.writer.submit(post(ANNA, 'c', 'm3'));
  assert.equal(again.store.health().state, 'open');
  const written: number[] = [];
  const newest = disk.files().findLast((path) => path.includes('/journal/'))!;
  await readSegment(disk, newest, {
    batch: ({ records }) => void written.push(...records.map(({ position }) => position)),
  });
  assert.deepEqual(written, [7, 8], 'first what no sync vouched for, then what is new');
  disk.kill();
  assert.deepEqual(await contents(t, disk), ['m1', 'm2', 'm3']);
});

test('[FS-31] what a stop in good order proves is not written again', async (t) => {
  const { disk, store, writer } = await opened(t);
  await store.takeSnapshot();
  await say(writer, 'm', 2);
  await store.close();
  const again = await openOn(t, disk);
  const report = await readSegment(disk, segment(again.store.health().position > 0 ? 4 : 0));
  assert.equal(report.head, report.header!.after);
});

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
