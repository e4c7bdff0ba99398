import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GuichetError } from '../../domain/errors.ts';
import { post } from '../../domain/testing/changes.ts';
import { answers } from '../contract/answers.ts';
import { ANNA, type Writer } from '../contract/writer.ts';
import type { DiskCall, Fault, SimulatedDisk } from './testing/simulated-disk.ts';
import { opened, openOn, say, segment } from './testing/site.ts';

const codeOf = async (writer: Writer, id: string): Promise<string> => {
  const [outcome] = await writer.attempt(post(ANNA, 'c', id));
  return outcome!.ok ? 'ok' : outcome!.error.code;
};

/** The n-th call of this kind on a journal file, from now on, goes wrong; later ones too when `for` says so. */
const journalFault = (
  disk: SimulatedDisk,
  op: DiskCall['op'],
  fault: Fault,
  times = Number.POSITIVE_INFINITY,
): void => {
  let left = times;
  disk.fault = (call) => {
    if (call.op !== op || !call.path.includes('/journal/') || left === 0) return undefined;
    left -= 1;
    return fault;
  };
};

for (const code of ['ENOSPC', 'EDQUOT', 'EFBIG']) {
  test(`[FS-10] ${code}: refused as full, cut back, and written on in the same file when there is room again`, async (t) => {
    const { disk, store, writer } = await opened(t);
    const before = disk.bytes(segment(1));
    let calls = 0;
    // As a disk fills up: some bytes are taken, and only the next call says why not all.
    disk.fault = ({ op, path }) => {
      if (op !== 'write' || !path.includes('/journal/')) return undefined;
      calls += 1;
      return calls === 1 ? { short: 40 } : { code };
    };
    assert.equal(await codeOf(writer, 'm1'), 'storage_full');
    assert.deepEqual(disk.bytes(segment(1)), before, 'what was taken is cut off again');
    assert.equal(store.health().state, 'degraded');
    assert.match(store.health().lastError!, new RegExp(code));
    disk.fault = undefined;
    assert.equal(await codeOf(writer, 'm1'), 'ok');
    assert.equal(store.health().state, 'open');
    assert.equal(store.health().lastError, null);
    assert.ok(!disk.files().includes(segment(2)));
    const held = await answers(store);
    disk.kill();
    assert.deepEqual(await answers((await openOn(t, disk)).store), held);
  });
}

test('[FS-10] when it cannot be cut back either, the file is given up', async (t) => {
  const { disk, writer } = await opened(t);
  disk.fault = ({ op, path }) => {
    if (!path.includes('/journal/') || (op !== 'write' && op !== 'truncate')) return undefined;
    return op === 'write' ? { code: 'ENOSPC' } : { code: 'EIO' };
  };
  assert.equal(await codeOf(writer, 'm1'), 'storage_full');
  disk.fault = undefined;
  assert.equal(await codeOf(writer, 'm2'), 'ok');
  assert.ok(disk.files().includes(segment(2)));
  disk.kill();
  const again = await openOn(t, disk);
  const { messages } = await again.store.messages('c', { limit: 10 });
  assert.deepEqual(
    messages.map(({ value }) => value.id),
    ['m2'],
  );
});

test('[FS-11] a file whose sync failed is never written or synced again; the batch goes to a new one, once', async (t) => {
  const { disk, store, writer } = await opened(t);
  journalFault(disk, 'sync', { code: 'EIO' }, 1);
  assert.equal(await codeOf(writer, 'm1'), 'ok');
  assert.equal(store.health().state, 'open');
  const failed = disk.calls.findLast(({ op, path }) => op === 'sync' && path === segment(1))!;
  await say(writer, 'n', 3);
  const later = disk.calls.slice(failed.number).filter(({ op, path }) => path === segment(1) && op !== 'stat');
  assert.deepEqual(
    later.map(({ op }) => op),
    ['close'],
  );
  const named = disk.calls
    .slice(failed.number)
    .some(({ op, path }) => op === 'syncDirectory' && path.endsWith('/journal'));
  assert.ok(named, 'the name of the new file is synced before anybody is told');
  // The bytes of the failed batch may still stand in the old file: they are void, the new file has them.
  disk.kill();
  const again = await openOn(t, disk);
  const { messages } = await again.store.messages('c', { limit: 10 });
  assert.deepEqual(
    messages.map(({ value }) => value.id),
    ['m1', 'n1', 'n2', 'n3'],
  );
  assert.deepEqual(
    messages.map(({ value }) => value.seq),
    [1, 2, 3, 4],
  );
});

test('[FS-11] a file is not written on when its successor may have been begun', async (t) => {
  const { disk, store, writer } = await opened(t);
  await say(writer, 'm', 1);
  // The header of the new file is there, its name is not known to be, and it cannot be taken away again.
  disk.fault = ({ op }) => (op === 'syncDirectory' || op === 'unlink' ? { code: 'EIO' } : undefined);
  assert.equal(await store.takeSnapshot(), false);
  disk.fault = undefined;
  assert.ok(disk.files().includes(segment(2)));
  await say(writer, 'n', 2);
  const held = await answers(store);
  disk.kill();
  assert.deepEqual(await answers((await openOn(t, disk)).store), held);
});

for (const [op, code, expected] of [
  ['sync', 'EIO', 'unavailable'],
  ['sync', 'ENOSPC', 'storage_full'],
  ['write', 'EROFS', 'unavailable'],
] as const) {
  test(`[FS-12] ${op} failing with ${code} in the new file too: ${expected}, degraded, and well again by the next append`, async (t) => {
    const { disk, store, writer, told } = await opened(t);
    const before = await answers(store);
    journalFault(disk, op, { code });
    assert.equal(await codeOf(writer, 'm1'), expected);
    assert.equal(await codeOf(writer, 'm2'), expected);
    assert.equal(store.health().state, 'degraded');
    assert.equal(told.of('error', new RegExp(code)).length, 1, 'the owner is told once');
    assert.deepEqual(await answers(store), before, '[FS-13] nothing of it can be seen');
    disk.fault = undefined;
    assert.equal(await codeOf(writer, 'm3'), 'ok');
    assert.equal(store.health().state, 'open');
    const held = await answers(store);
    disk.kill();
    assert.deepEqual(await answers((await openOn(t, disk)).store), held, 'what was refused does not come back');
  });
}

test('[FS-12] an idle store finds out by itself that the disk works again', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { disk, store, writer } = await opened(t);
  disk.fault = ({ op, path }) => (op === 'write' && path.includes('/journal/') ? { code: 'ENOSPC' } : undefined);
  assert.equal(await codeOf(writer, 'm1'), 'storage_full');
  const settled = async (): Promise<void> => {
    for (let i = 0; i < 20; i += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  t.mock.timers.tick(1000);
  await settled();
  assert.equal(store.health().state, 'degraded', 'it is still full');
  disk.fault = undefined;
  t.mock.timers.tick(1000);
  await settled();
  assert.equal(store.health().state, 'open');
  assert.equal(store.health().lastError, null);
  assert.ok(!disk.files().some((path) => path.includes('probe')));
});

test('[FS-13] a refused batch leaves no trace, and its positions and seqs are given again', async (t) => {
  const { disk, store, writer } = await opened(t);
  journalFault(disk, 'sync', { code: 'EIO' });
  assert.equal(await codeOf(writer, 'm1'), 'unavailable');
  const view = await store.view({ conversations: ['c'], messages: ['m1'], entries: [], agentEmails: [] });
  assert.equal(view.messages.size, 0);
  assert.equal(view.head.position, 5);
  assert.equal((await store.recordsSince(5, 10)).records.length, 0);
  disk.fault = undefined;
  await say(writer, 'n', 1);
  const [record] = (await store.recordsSince(5, 10)).records;
  assert.deepEqual([record!.position, record!.is('message') && record!.value.id], [6, 'n1']);
});

test('[FS-13] the error of the disk is kept as the cause and is not shown', async (t) => {
  const { disk, writer, store } = await opened(t);
  journalFault(disk, 'sync', { code: 'EIO' });
  const error = await store.append(writer.batch([])).then(
    () => undefined,
    (e: unknown) => e,
  );
  assert.equal(error, undefined, 'a batch without records touches nothing');
  const [outcome] = await writer.attempt(post(ANNA, 'c', 'm1'));
  assert.ok(!outcome!.ok && outcome!.error instanceof GuichetError);
  assert.ok(!outcome!.ok && outcome!.error.detail === undefined && /EIO/.test(String(outcome!.error.cause)));
});
