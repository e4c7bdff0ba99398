import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import { tempDir } from '../../../test/support/temp-dir.ts';
import { post, start } from '../../domain/testing/changes.ts';
import { ANNA } from '../contract/writer.ts';
import { readSegment } from './journal-reader.ts';
import type { Segment } from './journal-segment.ts';
import { JournalWriter } from './journal-writer.ts';
import { NodeDisk } from './node-disk.ts';
import { type DiskCall, SimulatedDisk } from './testing/simulated-disk.ts';
import { DATA, flipAt, opened, openOn, say, segment } from './testing/site.ts';

const payloadsOf = (bytes: Buffer): string[] => {
  const payloads: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const head = /^([0-9a-f]{8}) (\d+) /.exec(bytes.toString('latin1', at, at + 20))!;
    const from = at + head[0].length;
    const payload = bytes.subarray(from, from + Number(head[2]));
    assert.equal(crc32(payload), Number.parseInt(head[1]!, 16));
    assert.equal(bytes[from + payload.length], 10);
    payloads.push(payload.toString());
    at = from + payload.length + 1;
  }
  return payloads;
};

test('[FS-1] files and directories are for their owner only', async (t) => {
  const directory = tempDir(t);
  const data = join(directory, 'new', 'data');
  const { store, writer } = await openOn(t, new NodeDisk(), { directory: data });
  await writer.people();
  await store.close();
  const mode = (path: string): number => statSync(path).mode & 0o777;
  for (const name of ['journal', 'snapshots']) assert.equal(mode(join(data, name)), 0o700);
  for (const name of ['lock.db', 'manifest.json', 'directory.json', 'messages.json', 'journal/0000000001.log']) {
    assert.equal(mode(join(data, name)), 0o600, name);
  }
});

test('[FS-4] a segment is text: checksum, length and payload a line, whatever the text holds', async (t) => {
  const { disk, writer } = await opened(t);
  const content = 'é \u2028 \u0000 \n\r\n 😀 "C {\\"after\\":1}"';
  await writer.submit(post(ANNA, 'c', 'm', { content }));
  const payloads = payloadsOf(disk.bytes(segment(1)));
  const header = JSON.parse(payloads[0]!.slice(2));
  assert.deepEqual(
    { ...header, log: 0, time: 0 },
    { format: 1, log: 0, keeper: writer.opened.keeper, epoch: 1, segment: 1, after: 0, time: 0, previous: null },
  );
  const record = payloads.at(-2)!;
  const [, position, time, kind] = record.split(' ', 4);
  const written = writer.records.at(-1)!;
  assert.deepEqual([position, time, kind], [String(written.position), String(written.time), 'message']);
  assert.equal(record.slice(record.indexOf('{')), written.json);
  assert.deepEqual(JSON.parse(payloads.at(-1)!.slice(2)), { after: 5, through: 6, count: 1, durable: 5 });
});

test('[FS-5] a segment names the one it goes on from and how much of that counts', async (t) => {
  const { disk, store, writer } = await opened(t);
  await store.takeSnapshot();
  await say(writer, 'm', 1);
  const first = await readSegment(disk, segment(1));
  const second = await readSegment(disk, segment(2));
  assert.deepEqual(second.header?.previous, { segment: 1, bytes: first.end });
  assert.equal(second.header?.after, 5);
});

test('[FS-6] a batch whose commit line is damaged did not happen, even if records behind the damage are whole', async (t) => {
  const { disk, writer } = await opened(t);
  await writer.submit(post(ANNA, 'c', 'm1'), post(ANNA, 'c', 'm2'), post(ANNA, 'c', 'm3'));
  flipAt(disk, segment(1), 'text of m2');
  const batches: number[] = [];
  const report = await readSegment(disk, segment(1), { batch: ({ through }) => void batches.push(through) });
  assert.deepEqual(batches, [4, 5]);
  assert.equal(report.bad.length, 1);
  assert.equal(report.bad[0]!.head, 5);
  assert.equal(report.bad[0]!.end, disk.bytes(segment(1)).length);
});

test('[FS-7] an append resolves after a sync that began when its bytes were written and its file’s name was synced', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const disk = new SimulatedDisk();
  const { writer } = await openOn(t, disk);
  await writer.people();
  for (let i = 1; i <= 5; i += 1) {
    const from = disk.calls.length;
    await writer.submit(i === 1 ? start(ANNA, 'c') : post(ANNA, 'c', `m${i}`));
    const ops = disk.calls.slice(from).filter(({ path }) => path === segment(1));
    assert.deepEqual(
      ops.map(({ op }) => op),
      ['write', 'sync', 'stat'],
    );
  }
  const named = disk.calls.findIndex(({ op, path }) => op === 'syncDirectory' && path === dirname(segment(1)));
  const second = disk.calls.findIndex(({ op, path, bytes }) => op === 'write' && path === segment(1) && bytes! > 300);
  assert.ok(named >= 0 && named < second);
});

test('[FS-7] bytes that the disk takes little by little are all written before the sync', async (t) => {
  const { disk, writer, store } = await opened(t);
  disk.fault = ({ op, bytes }: DiskCall) => (op === 'write' && bytes! > 7 ? { short: 7 } : undefined);
  await say(writer, 'm', 3);
  disk.fault = undefined;
  disk.kill();
  const again = await openOn(t, disk);
  assert.equal((await again.store.messages('c', { limit: 10 })).messages.length, 3);
  assert.equal(store.health().state, 'open');
});

test('[FS-7] a batch that does not follow what the journal holds is not written', async (t) => {
  const { disk } = await opened(t);
  const segments: Segment[] = [];
  const log = { id: 'log', rewinds: 0 };
  await disk.makeDirectory('/journal');
  const writer = new JournalWriter(
    {
      disk,
      directory: '/journal',
      log,
      keeper: 'keeper',
      epoch: 1,
      segments,
      lastNumber: 0,
      now: () => 0,
      requirePlace: async () => {},
    },
    4,
  );
  await writer.rotate(4);
  const held = disk.bytes(segments[0]!.path);
  for (const after of [3, 5])
    await assert.rejects(writer.append({ after, through: after, records: [] }), /cannot follow/);
  assert.deepEqual(disk.bytes(segments[0]!.path), held);
  await writer.close();
});

test('[FS-7] one batch is one write and one sync, however many records it holds', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { disk, writer } = await opened(t);
  const from = disk.calls.length;
  await writer.submit(...Array.from({ length: 50 }, (_, i) => post(ANNA, 'c', `m${i}`)));
  assert.deepEqual(
    disk.calls.slice(from).map(({ op }) => op),
    ['write', 'sync', 'stat'],
  );
});

test('[FS-8] when the journal is idle, a line says that the last batch was synced; it is not synced itself', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { disk, writer } = await opened(t);
  await say(writer, 'm', 1);
  const from = disk.calls.length;
  t.mock.timers.tick(50);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(
    disk.calls.slice(from).map(({ op, path }) => [op, path]),
    [['write', segment(1)]],
  );
  assert.equal(payloadsOf(disk.bytes(segment(1))).at(-1), 'D {"durable":6}');
  // The next batch goes behind it, and an idle journal says it once.
  await say(writer, 'n', 1);
  t.mock.timers.tick(50);
  await new Promise((resolve) => setImmediate(resolve));
  t.mock.timers.tick(500);
  await new Promise((resolve) => setImmediate(resolve));
  const lines = payloadsOf(disk.bytes(segment(1)));
  assert.deepEqual(
    lines.filter((line) => line.startsWith('D')),
    ['D {"durable":6}', 'D {"durable":7}'],
  );
});

test('[FS-8] the line of evidence never gets into a batch that is being written', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { disk, writer } = await opened(t);
  await say(writer, 'm', 1);
  const { promise, resolve } = Promise.withResolvers<void>();
  disk.hold = ({ op }) => (op === 'write' ? promise : undefined);
  const said = say(writer, 'n', 1);
  await new Promise((next) => setImmediate(next));
  await new Promise((next) => setImmediate(next));
  t.mock.timers.tick(50);
  await new Promise((next) => setImmediate(next));
  disk.hold = undefined;
  resolve();
  await said;
  await say(writer, 'o', 1);
  const { bad, head } = await readSegment(disk, segment(1));
  assert.deepEqual([bad, head], [[], 8]);
});

test('[FS-3] the manifest is put in place whole: written beside, synced, renamed, and the directory synced', async (t) => {
  const { disk } = await opened(t);
  const ops = disk.calls
    .filter(({ path }) => path.startsWith(`${DATA}/manifest.json`))
    .map(({ op, path }) => `${op} ${path}`);
  assert.deepEqual(ops.slice(-5), [
    `open ${DATA}/manifest.json.tmp`,
    `write ${DATA}/manifest.json.tmp`,
    `sync ${DATA}/manifest.json.tmp`,
    `close ${DATA}/manifest.json.tmp`,
    `rename ${DATA}/manifest.json`,
  ]);
  const renamed = disk.calls.findLastIndex(({ op, path }) => op === 'rename' && path === `${DATA}/manifest.json`);
  assert.deepEqual({ ...disk.calls[renamed + 1], number: 0 }, { op: 'syncDirectory', path: DATA, number: 0 });
});
