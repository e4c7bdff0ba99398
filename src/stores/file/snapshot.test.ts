import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { seededRandom } from '../../../test/support/random.ts';
import { contactEntry, note, post, put, read, redact, start } from '../../domain/testing/changes.ts';
import { answers } from '../contract/answers.ts';
import { ANNA, BRUNO, CLAIRE } from '../contract/writer.ts';
import { SimulatedDisk } from './testing/simulated-disk.ts';
import { DATA, opened, openOn, say, segment, snapshotFile } from './testing/site.ts';

const json = (disk: SimulatedDisk, path: string): Record<string, unknown> => JSON.parse(disk.bytes(path).toString());

const HOSTILE = ['__proto__', 'c\u2028d', '"', '\\', 'é', 'constructor', 'a/b:{['];

test('[FS-20] a snapshot is exact at its position, whatever is written while it is', async (t) => {
  const { disk, store, writer } = await opened(t);
  await say(writer, 'm', 3);
  const position = writer.position;
  const taken = store.takeSnapshot();
  await writer.submit(redact(CLAIRE, 'c', 'm1'), post(ANNA, 'c', 'late'), put(contactEntry('anna', { name: 'New' })));
  await writer.submit(start(BRUNO, 'other'), post(BRUNO, 'other', 'o1'));
  assert.equal(await taken, true);
  const messages = json(disk, snapshotFile(position, 'messages.json'));
  assert.deepEqual(Object.keys(messages), ['c']);
  assert.deepEqual(
    (messages.c as { content: string }[]).map(({ content }) => content),
    ['text of m1', 'text of m2', 'text of m3'],
  );
  assert.deepEqual(Object.keys(json(disk, snapshotFile(position, 'conversations.json'))), ['c']);
  const { contact } = json(disk, snapshotFile(position, 'directory.json')) as {
    contact: Record<string, { name: string }>;
  };
  assert.equal(contact.anna!.name, 'Anna Brûlé');
  const held = await answers(store);
  disk.kill();
  assert.deepEqual(await answers((await openOn(t, disk)).store), held);
});

for (const [closeSeconds, waits] of [
  [5, false],
  [0, true],
] as const) {
  test(`[FS-27] a close ${waits ? 'waits as long as it is told to' : 'gives up a snapshot that takes too long'}, and nothing is lost`, async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const disk = new SimulatedDisk();
    const { store, writer } = await openOn(t, disk, { closeSeconds });
    await writer.people();
    await writer.submit(start(ANNA, 'c'));
    await say(writer, 'm', 3);
    const held = await answers(store);
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const { promise: writing, resolve: reached } = Promise.withResolvers<void>();
    disk.hold = ({ op, path }) => {
      if (op !== 'write' || !path.endsWith('/messages.json')) return undefined;
      reached();
      return released;
    };
    const closed = store.close();
    await writing;
    t.mock.timers.tick(60_000);
    release();
    await closed;
    disk.hold = undefined;
    disk.kill();
    assert.equal(disk.files().includes(snapshotFile(writer.position, 'manifest.json')), waits);
    assert.deepEqual(await answers((await openOn(t, disk)).store), held);
  });
}

test('[FS-21] the files are plain JSON, one record a line, hostile ids and texts included', async (t) => {
  const { disk, store, writer } = await opened(t);
  for (const id of HOSTILE) {
    await writer.submit(start(ANNA, id));
    await writer.submit(post(ANNA, id, `m ${id}`, { content: `${id} \u2028 \n "}]` }), note(CLAIRE, id, `n ${id}`));
  }
  await store.takeSnapshot();
  const held = await answers(store);
  const position = writer.position;
  const bytes = disk.bytes(snapshotFile(position, 'messages.json')).toString();
  const messages = JSON.parse(bytes) as Record<string, { id: string; content: string; position: number }[]>;
  assert.deepEqual(Object.keys(messages).sort(), [...HOSTILE].sort(), 'a conversation without messages has no entry');
  for (const id of HOSTILE)
    assert.deepEqual(
      messages[id]!.map((m) => m.id),
      [`m ${id}`, `n ${id}`],
    );
  assert.equal(bytes.split('\n').filter((line) => line.startsWith('{"id"')).length, 2 * HOSTILE.length);
  assert.equal(Object.keys(json(disk, snapshotFile(position, 'conversations.json'))).length, HOSTILE.length + 1);
  disk.kill();
  assert.deepEqual(await answers((await openOn(t, disk)).store), held);
});

test('[FS-21] a message line without its last keys is the record’s bytes', async (t) => {
  const { disk, store, writer } = await opened(t);
  await writer.submit(post(ANNA, 'c', 'm1'));
  await writer.submit(redact(CLAIRE, 'c', 'm1'));
  await writer.submit(post(ANNA, 'c', 'm2'));
  await store.takeSnapshot();
  const lines = disk
    .bytes(snapshotFile(writer.position, 'messages.json'))
    .toString()
    .split('\n')
    .filter((l) => l.startsWith('{"'));
  const [redacted, plain] = writer.records.slice(-2);
  // A redacted message tells when it was written, not when it was redacted: that time has a key of its own.
  assert.equal(
    lines[0],
    `${redacted!.json.slice(0, -1)},"recordTime":${redacted!.time},"position":${redacted!.position}},`,
  );
  assert.equal(lines[1], `${plain!.json.slice(0, -1)},"position":${plain!.position}}`);
});

test('[FS-21] the manifest of a snapshot tells sizes, checksums and counts', async (t) => {
  const { disk, store, writer } = await opened(t);
  await say(writer, 'm', 2);
  await store.takeSnapshot();
  const manifest = json(disk, snapshotFile(writer.position, 'manifest.json')) as {
    position: number;
    counts: object;
    files: Record<string, { bytes: number; sha256: string }>;
  };
  assert.equal(manifest.position, writer.position);
  assert.deepEqual(manifest.counts, { conversations: 1, messages: 2, entries: 4 });
  for (const [name, { bytes, sha256 }] of Object.entries(manifest.files)) {
    const file = disk.bytes(snapshotFile(writer.position, name));
    assert.equal(file.length, bytes);
    assert.equal(createHash('sha256').update(file).digest('hex'), sha256);
  }
});

test('[FS-22] a snapshot that fails at any call changes nothing, is told, and does not stop writes', async (t) => {
  const dry = await opened(t);
  await say(dry.writer, 'm', 2);
  const begin = dry.disk.calls.length;
  await dry.store.takeSnapshot();
  const calls = dry.disk.calls.slice(begin);
  // What comes after the manifest is in place is tidying: the snapshot counts by then.
  const committed = calls.findIndex(({ op, path }) => op === 'rename' && path === `${DATA}/manifest.json`);
  for (let n = 0; n <= committed; n += 3) {
    const { disk, store, writer, told } = await opened(t);
    await say(writer, 'm', 2);
    const fails = disk.calls.length + n + 1;
    disk.fault = ({ number }) => (number === fails ? { code: 'EIO' } : undefined);
    const taken = await store.takeSnapshot();
    disk.fault = undefined;
    const what = `call ${n}: ${calls[n]?.op} ${calls[n]?.path}`;
    if (!taken) {
      assert.equal(told.of('error', /EIO/).length, 1, what);
      assert.match(store.health().lastError!, /EIO/, what);
      assert.equal(store.health().lastSnapshot, null, what);
    }
    await say(writer, 'n', 1);
    const held = await answers(store);
    disk.kill();
    const again = await openOn(t, disk);
    assert.deepEqual(await answers(again.store), held, what);
    disk.kill();
  }
});

test('[FS-22] after one that failed, the next holds what both were to hold', async (t) => {
  for (const op of ['rename', 'syncDirectory', 'makeDirectory'] as const) {
    const { disk, store, writer } = await opened(t);
    await say(writer, 'm', 2);
    disk.fault = (call) => (call.op === op ? { code: 'EIO' } : undefined);
    const failed = store.takeSnapshot();
    assert.equal(await failed, false);
    disk.fault = undefined;
    await say(writer, 'n', 2);
    await writer.submit(redact(CLAIRE, 'c', 'm1'), redact(CLAIRE, 'c', 'n1'));
    const held = await answers(store);
    assert.equal(await store.takeSnapshot(), true, op);
    assert.equal(store.health().lastError, null);
    assert.deepEqual(await answers(store), held, op);
    disk.kill();
    assert.deepEqual(await answers((await openOn(t, disk)).store), held, op);
  }
});

test('[FS-22] what was written wrong is found by reading it again, before the snapshot counts', async (t) => {
  const { disk, store, writer } = await opened(t);
  await say(writer, 'm', 5);
  await store.takeSnapshot();
  const good = store.health().lastSnapshot!.position;
  await say(writer, 'n', 1);
  // A disk that says it wrote, and did not: half of the file is missing when it is read again.
  disk.fault = ({ op, path }) => {
    if (op === 'sync' && path.endsWith('.tmp-000000000000011/messages.json')) {
      const bytes = disk.bytes(path);
      disk.fault = undefined;
      bytes[100]! ^= 1;
      disk.overwrite(path, bytes);
    }
    return undefined;
  };
  assert.equal(await store.takeSnapshot(), false);
  assert.equal(store.health().lastSnapshot!.position, good);
  assert.ok(!disk.files().some((path) => path.includes('000000000000011')));
  assert.equal((await store.messages('c', { limit: 10 })).messages.length, 6);
});

test('[FS-23] two snapshots are kept, and the journal back to the older', async (t) => {
  const { disk, store, writer } = await opened(t);
  const positions: number[] = [];
  for (let i = 1; i <= 4; i += 1) {
    await say(writer, `m${i}-`, 2);
    assert.equal(await store.takeSnapshot(), true);
    positions.push(writer.position);
  }
  const kept = disk.files().filter((path) => path.endsWith('/messages.json') && path.includes('/snapshots/'));
  assert.deepEqual(
    kept,
    positions.slice(-2).map((position) => snapshotFile(position, 'messages.json')),
  );
  const segments = disk.files().filter((path) => path.includes('/journal/'));
  assert.deepEqual(segments, [segment(4), segment(5)]);
  assert.equal(store.health().floor, positions[2]);
  assert.deepEqual(
    (await store.recordsSince(positions[2]!, 10)).records.map(({ position }) => position),
    [12, 13],
  );
});

test('[FS-23] nothing is taken away before the manifest names the newer snapshot', async (t) => {
  const { disk, store, writer } = await opened(t);
  for (let i = 1; i <= 3; i += 1) {
    await say(writer, `m${i}-`, 1);
    await store.takeSnapshot();
  }
  const from = disk.calls.length;
  await say(writer, 'n', 1);
  await store.takeSnapshot();
  const calls = disk.calls.slice(from);
  const committed = calls.findIndex(
    ({ op }, i) =>
      op === 'syncDirectory' && calls[i - 1]?.op === 'rename' && calls[i - 1]?.path === `${DATA}/manifest.json`,
  );
  const removed = calls.findIndex(({ op, path }) => op === 'unlink' && !path.endsWith('.tmp'));
  const verified = calls.findLastIndex(({ op, path }) => op === 'read' && path.includes('.tmp-'));
  assert.ok(verified >= 0 && verified < committed && committed < removed, `${verified} ${committed} ${removed}`);
});

test('[FS-24] unchanged threads are copied as bytes; changed ones hold old and new lines', async (t) => {
  const { disk, store, writer } = await opened(t);
  for (const id of ['d', 'e', 'f']) await writer.submit(start(ANNA, id));
  for (const id of ['c', 'd', 'e', 'f']) await say(writer, `${id}-`, 4, id);
  await store.takeSnapshot();
  await say(writer, 'new', 2, 'd');
  await writer.submit(redact(CLAIRE, 'f', 'f-1'), redact(CLAIRE, 'f', 'f-3'), redact(CLAIRE, 'd', 'd-4'));
  await writer.submit(start(ANNA, 'g'), post(ANNA, 'g', 'g-1'), read(CLAIRE, 'd', 5));
  await store.takeSnapshot();
  const held = await answers(store);
  disk.kill();
  const again = await openOn(t, disk);
  assert.deepEqual(await answers(again.store), held);
  assert.equal((await again.store.messages('d', { limit: 10 })).messages.length, 6);
});

test('[FS-24] a message that rotted in the former file does not get a checksum that calls it good', async (t) => {
  const { disk, store, writer } = await opened(t);
  await say(writer, 'm', 5);
  await store.takeSnapshot();
  const path = snapshotFile(writer.position, 'messages.json');
  const bytes = disk.bytes(path);
  bytes[bytes.indexOf('text of m3')]! ^= 1;
  disk.overwrite(path, bytes);
  await say(writer, 'n', 1);
  assert.equal(await store.takeSnapshot(), false);
  assert.match(store.health().lastError!, /byte \d+ is not the one that was stored/);
  disk.kill();
  // The journal still reaches back to before the rotten snapshot: everything comes back.
  const again = await openOn(t, disk);
  const { messages } = await again.store.messages('c', { limit: 10 });
  assert.deepEqual(
    messages.map(({ value }) => value.content),
    ['m1', 'm2', 'm3', 'm4', 'm5', 'n1'].map((id) => `text of ${id}`),
  );
  assert.equal(again.told.of('warn', /snapshot is damaged/).length, 1);
});

test('[FS-22] [FS-23] a snapshot counts when its name survives a power cut, also when the disk failed behind the one before', async (t) => {
  const { disk, store, writer } = await opened(t);
  const take = async (prefix: string): Promise<void> => {
    await say(writer, prefix, 1);
    await store.takeSnapshot();
  };
  await take('k');
  await take('l');
  disk.fault = ({ op }) => (op === 'copy' ? { code: 'EIO' } : undefined);
  await take('m');
  disk.fault = undefined;
  // The moment at which the two oldest are gone and nothing says so yet.
  const places: SimulatedDisk[] = [];
  disk.watch = ({ op, path }) => {
    if (op === 'syncDirectory' && path.endsWith('/snapshots')) places.push(disk.twin());
  };
  await take('n');
  disk.watch = undefined;
  const held = await answers(store);
  const random = seededRandom(1);
  for (let cut = 0; cut < 100; cut += 1) {
    const left = places.at(-1)!.powerCut(random);
    assert.deepEqual(await answers((await openOn(t, left)).store), held, `power cut ${cut}`);
  }
});

test('[FS-26] a snapshot gives way to others again and again', async (t) => {
  const { store, writer } = await opened(t);
  for (let i = 0; i < 20; i += 1) {
    await writer.submit(
      ...Array.from({ length: 200 }, (_, k) => start(ANNA, `c${i}-${k}`, { subject: 's'.repeat(200) })),
    );
  }
  let turns = 0;
  let counting = true;
  const count = (): void => {
    turns += 1;
    if (counting) setImmediate(count);
  };
  setImmediate(count);
  await store.takeSnapshot();
  counting = false;
  assert.ok(turns >= 3, `only ${turns} turns of the event loop`);
});

test('[FS-27] a snapshot is taken by the clock when something changed, and at the close', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const disk = new SimulatedDisk();
  const { store, writer } = await openOn(t, disk, { directory: '/other', snapshotEverySeconds: 10 });
  await writer.people();
  const settled = async (): Promise<void> => {
    for (let i = 0; i < 200; i += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  t.mock.timers.tick(10_000);
  await settled();
  assert.equal(store.health().lastSnapshot?.position, 4);
  t.mock.timers.tick(10_000);
  await settled();
  await writer.submit(start(ANNA, 'c'));
  await store.close();
  assert.equal(store.health().lastSnapshot?.position, 5);
  assert.ok(disk.files().includes('/other/snapshots/000000000000005/manifest.json'));
});
