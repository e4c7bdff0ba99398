import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifyFileStore } from './check.ts';
import type { SimulatedDisk } from './testing/simulated-disk.ts';
import { DATA, flipAt, opened, say, segment, snapshotFile } from './testing/site.ts';

/** A store with two snapshots and a tail, killed; m1-* are in front of both snapshots, m3-* behind them. */
const grown = async (t: Parameters<typeof opened>[0]): Promise<SimulatedDisk> => {
  const { disk, store, writer } = await opened(t);
  for (const prefix of ['m1-', 'm2-']) {
    await say(writer, prefix, 3);
    await store.takeSnapshot();
  }
  await say(writer, 'm3-', 3);
  disk.kill();
  return disk;
};

test('[FS-60] a sound store is told to be so, with its counts, and nothing is written', async (t) => {
  const disk = await grown(t);
  const from = disk.calls.length;
  const report = await verifyFileStore(DATA, disk);
  assert.deepEqual(report.findings, []);
  assert.equal(report.ok, true);
  assert.deepEqual(report.counts, {
    position: 14,
    conversations: 1,
    messages: 9,
    entries: 4,
    snapshots: 2,
    segments: 2,
  });
  const ops = new Set(disk.calls.slice(from).map(({ op }) => op));
  assert.deepEqual([...ops].sort(), ['close', 'list', 'open', 'read', 'stat']);
});

test('[FS-60] a store that a server holds can be checked', async (t) => {
  const { disk, store, writer } = await opened(t);
  await say(writer, 'm', 3);
  assert.equal((await verifyFileStore(DATA, disk)).ok, true);
  assert.equal(store.health().state, 'open');
});

for (const [what, severity, pattern, spoil] of [
  [
    'an acknowledged batch',
    'error',
    /0000000003\.log is damaged at byte \d+/,
    (d: SimulatedDisk) => flipAt(d, segment(3), 'm3-1'),
  ],
  [
    'a segment in front of a snapshot',
    'warn',
    /0000000002\.log is damaged at byte/,
    (d: SimulatedDisk) => flipAt(d, segment(2), 'm2-1'),
  ],
  [
    'the newest snapshot',
    'warn',
    /messages\.json does not have its checksum/,
    (d: SimulatedDisk) => flipAt(d, snapshotFile(11, 'messages.json'), 'text of m1-1'),
  ],
  [
    'the older snapshot',
    'warn',
    /directory\.json does not have/,
    (d: SimulatedDisk) => flipAt(d, snapshotFile(8, 'directory.json'), 'Anna'),
  ],
  [
    'a readable copy',
    'warn',
    /\/data\/messages\.json does not have/,
    (d: SimulatedDisk) => flipAt(d, `${DATA}/messages.json`, 'text of m1-1'),
  ],
  [
    'the manifest',
    'warn',
    /manifest\.json cannot be read/,
    (d: SimulatedDisk) => d.put(`${DATA}/manifest.json`, Buffer.from('{')),
  ],
] as const) {
  test(`[FS-61] damage to ${what} is found and named`, async (t) => {
    const disk = await grown(t);
    spoil(disk);
    const report = await verifyFileStore(DATA, disk);
    assert.equal(report.ok, false);
    const found = report.findings.filter(({ message }) => pattern.test(message));
    assert.equal(found.length, 1, JSON.stringify(report.findings));
    assert.equal(found[0]!.severity, severity);
  });
}

test('[FS-61] a torn end is no damage, and a directory without a store is no store', async (t) => {
  const disk = await grown(t);
  const bytes = disk.bytes(segment(3));
  disk.put(segment(3), bytes.subarray(0, bytes.length - 3));
  const report = await verifyFileStore(DATA, disk);
  assert.equal(report.ok, true);
  assert.deepEqual(
    report.findings.map(({ severity }) => severity),
    ['info'],
  );
  assert.equal((await verifyFileStore('/nowhere', disk)).ok, false);
});
