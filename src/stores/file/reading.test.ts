import assert from 'node:assert/strict';
import { test } from 'node:test';
import { note, post, redact, start } from '../../domain/testing/changes.ts';
import { feed } from '../contract/answers.ts';
import { ANNA, CLAIRE } from '../contract/writer.ts';
import { IdIndex } from './id-index.ts';
import { flipAt, opened, openOn, say, segment, snapshotFile } from './testing/site.ts';

test('[FS-40] a stored message whose bytes changed is unavailable, with the cause, and never answered wrong', async (t) => {
  const { disk, store, writer } = await opened(t);
  await say(writer, 'm', 5);
  await store.takeSnapshot();
  const path = snapshotFile(writer.position, 'messages.json');
  const bytes = disk.bytes(path);
  bytes[bytes.indexOf('text of m3')]! ^= 1;
  disk.overwrite(path, bytes);
  for (const ask of [
    () => store.messages('c', { limit: 10 }),
    () => store.view({ conversations: [], messages: ['m3'], entries: [], agentEmails: [] }),
  ]) {
    await assert.rejects(ask, (error: { code?: string; detail?: string; cause?: Error }) => {
      assert.equal(error.code, 'unavailable');
      assert.equal(error.detail, undefined);
      assert.match(String(error.cause), /messages\.json: the message at byte \d+ does not have its checksum/);
      return true;
    });
  }
  const { messages } = await store.messages('c', { after: 3, limit: 10 });
  assert.deepEqual(
    messages.map(({ value }) => value.id),
    ['m4', 'm5'],
    'the others are answered',
  );
});

test('[FS-41] a page that is being read while a snapshot takes the place of its file is answered from the old one', async (t) => {
  const { disk, store, writer } = await opened(t);
  await say(writer, 'm', 3);
  await store.takeSnapshot();
  const old = snapshotFile(writer.position, 'messages.json');
  const closedAt = (): number =>
    disk.calls.findIndex(({ op, path, number }) => op === 'close' && path === old && number > opening);
  let opening = disk.calls.length;
  let letGo = (): void => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  disk.hold = ({ op, path }) => (op === 'read' && path === old ? held : undefined);
  const page = store.messages('c', { limit: 10 });
  disk.hold = undefined;
  opening = disk.calls.length;
  await say(writer, 'n', 1);
  await store.takeSnapshot();
  assert.equal(closedAt(), -1, 'the file of the page is still open');
  letGo();
  assert.deepEqual(
    (await page).messages.map(({ value }) => value.id),
    ['m1', 'm2', 'm3'],
  );
  await store.messages('c', { limit: 10 });
  assert.ok(closedAt() > 0, 'and closed when the last reader is done');
});

test('[FS-42] the journal answers record by record back to the floor, over segments; below it the state does', async (t) => {
  const { store, writer } = await opened(t);
  for (let i = 1; i <= 4; i += 1) {
    await say(writer, `m${i}-`, 3);
    await store.takeSnapshot();
  }
  await say(writer, 'n', 2);
  const { floor, position } = store.health();
  assert.ok(floor > 5 && floor < position);
  const records = await feed(store, floor, 2);
  assert.deepEqual(
    records.map((r) => r.position),
    Array.from({ length: position - floor }, (_, i) => floor + 1 + i),
  );
  assert.deepEqual(
    records.map((r) => r.json),
    writer.records.slice(floor).map((r) => r.json),
  );
  assert.equal((await store.recordsSince(floor - 1, 5)).compacted, true);
});

test('[FS-42] segments that a snapshot takes away while they are read leave no gap in the answer', async (t) => {
  const { disk, store, writer } = await opened(t);
  for (let i = 1; i <= 3; i += 1) {
    await say(writer, `m${i}-`, 2);
    await store.takeSnapshot();
  }
  await say(writer, 'm4-', 2);
  const { floor, position } = store.health();
  const { promise, resolve } = Promise.withResolvers<void>();
  disk.hold = ({ op, path }) => (op === 'read' && path.includes('/journal/') ? promise : undefined);
  const page = store.recordsSince(floor, 100);
  await new Promise((next) => setImmediate(next));
  disk.hold = undefined;
  await store.takeSnapshot();
  assert.ok(store.health().floor > floor);
  resolve();
  const { records, compacted } = await page;
  const expected = writer.records.slice(floor, position).map((record) => record.position);
  if (!compacted)
    assert.deepEqual(
      records.map((record) => record.position),
      expected,
    );
  const ids = records.flatMap((record) => (record.is('message') ? record.value.id : []));
  assert.deepEqual(ids.slice(-6), ['m2-1', 'm2-2', 'm3-1', 'm3-2', 'm4-1', 'm4-2'].slice(-ids.length));
  assert.equal(ids.length, expected.length);
});

test('[FS-42] where the journal has rotted since the start, the state answers, and the owner is told', async (t) => {
  const { disk, store, writer, told } = await opened(t);
  await say(writer, 'm', 3);
  await store.takeSnapshot();
  await say(writer, 'n', 2);
  flipAt(disk, segment(1), 'text of m2');
  const page = await store.recordsSince(5, 10);
  assert.equal(page.compacted, true);
  assert.equal(page.records.filter((r) => r.is('message')).length, 5);
  assert.equal(told.of('warn', /cannot be read/).length, 1);
  assert.equal(store.health().floor, 8);
});

test('[FS-43] ids of any age are known, whatever they are made of, and others are not', async (t) => {
  const ids = ['m', 'M', '__proto__', '\u2028', '"\\', 'é', 'x'.repeat(300), '😀'];
  const { disk, store, writer } = await opened(t);
  for (const id of ids) await writer.submit(post(ANNA, 'c', id));
  await store.takeSnapshot();
  await writer.submit(start(ANNA, 'd'), note(CLAIRE, 'd', 'recent'), redact(CLAIRE, 'c', 'm'));
  disk.kill();
  const again = await openOn(t, disk);
  const messages = [...ids, 'recent', 'unknown', 'constructor'];
  const view = await again.store.view({ conversations: [], messages, entries: [], agentEmails: [] });
  assert.deepEqual([...view.messages.keys()].sort(), [...ids, 'recent'].sort());
  for (const [id, record] of view.messages) assert.equal(record.value.id, id);
});

test('[FS-43] the index of ids finds every place of 50,000 and tells two keys apart', () => {
  const index = new IdIndex();
  const places = Array.from({ length: 50_000 }, (_, i) => ({ id: `id-${i}`, thread: i % 700, seq: i + 1 }));
  for (const { id, thread, seq } of places) index.add(index.hash(id), thread, seq);
  for (const { id, thread, seq } of places) {
    assert.ok(
      index.find(index.hash(id)).some((place) => place.thread === thread && place.seq === seq),
      id,
    );
  }
  const strangers = Array.from({ length: 1000 }, (_, i) => index.find(index.hash(`other-${i}`)).length);
  assert.ok(strangers.filter((count) => count > 0).length < 5);
  assert.notEqual(index.hash('some id'), new IdIndex().hash('some id'), 'each process hashes with a key of its own');
});
