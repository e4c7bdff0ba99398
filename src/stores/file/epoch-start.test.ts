import assert from 'node:assert/strict';
import { test } from 'node:test';
import { post } from '../../domain/testing/changes.ts';
import { ANNA } from '../contract/writer.ts';
import { readSegment } from './journal-reader.ts';
import { contents, opened, openOn, say, segment, storeOn } from './testing/site.ts';

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
