import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GuichetError } from '../../../domain/errors.ts';
import { answers, face, feed } from '../../contract/answers.ts';
import type { FileStore } from '../file-store.ts';
import { SimulatedDisk } from '../testing/simulated-disk.ts';
import { DATA, damage, openOn, segment, storeOn } from '../testing/site.ts';

const CONVERSATIONS = Buffer.from(
  JSON.stringify({
    c1: {
      id: 'c1',
      userId: 'u1',
      agentId: 'a1',
      subject: 'One',
      status: 'CLOSED',
      createdAt: '2025-01-06T08:00:00.000',
    },
    c2: {
      id: 'c2',
      userId: 'u2',
      agentId: 'a1',
      subject: 'Two',
      status: 'ACTIVE',
      createdAt: '2025-01-06T09:00:00.000',
    },
  }),
);
const MESSAGES = Buffer.from(
  JSON.stringify(
    Object.fromEntries(
      ['c1', 'c2'].map((conversationId) => [
        conversationId,
        Array.from({ length: 510 }, (_, i) => ({
          ...{ id: `${conversationId}-${i}`, conversationId, senderId: i % 2 ? 'a1' : 'u1' },
          ...{ senderType: i % 2 ? 'AGENT' : 'USER', content: `text ${i}`, createdAt: '2025-01-06T10:00:00.000' },
        })),
      ]),
    ),
  ),
);

const plain = async (messages = MESSAGES): Promise<SimulatedDisk> => {
  const disk = new SimulatedDisk();
  await disk.makeDirectory(DATA);
  await disk.syncDirectory('/');
  disk.put(`${DATA}/conversations.json`, CONVERSATIONS);
  disk.put(`${DATA}/messages.json`, messages);
  return disk;
};
const originals = (disk: SimulatedDisk): Buffer[] =>
  disk
    .files()
    .filter((path) => path.includes('/backup/adopted-'))
    .map((path) => disk.bytes(path));

test('[FS-54] a directory with only another program’s files is adopted, and the originals are kept', async (t) => {
  const disk = await plain();
  const { store, told } = await openOn(t, disk, { timezone: 'UTC' });
  assert.deepEqual(originals(disk), [CONVERSATIONS, MESSAGES]);
  assert.equal(told.of('info', /Adopted 2 conversations and 1020 messages/).length, 1);
  const { messages, lastSeq } = await store.messages('c2', { limit: 2 });
  assert.equal(lastSeq, 510);
  assert.deepEqual(
    messages.map(({ value }) => [value.id, value.seq, value.createdAt]),
    [
      ['c2-508', 509, '2025-01-06T10:00:00.000Z'],
      ['c2-509', 510, '2025-01-06T10:00:00.000Z'],
    ],
  );
  assert.equal((await store.entry('agent', 'a1'))?.active, false);
  await store.close();
  // What stands at the top now is ours, and the next start finds nothing to adopt.
  assert.ok(disk.bytes(`${DATA}/messages.json`).toString().includes('"position":'));
  const again = await openOn(t, disk);
  await again.store.close();
  assert.deepEqual(again.told.lines, []);
});

test('[FS-54] nothing is written before the originals are copied and synced', async (t) => {
  const disk = await plain();
  await openOn(t, disk, { timezone: 'UTC' });
  const first = disk.calls.findIndex(({ op, path }) => op === 'write' && !path.includes('/backup/'));
  for (const name of ['conversations.json', 'messages.json']) {
    const synced = disk.calls.findIndex(
      ({ op, path }) => op === 'sync' && path.includes('/backup/') && path.endsWith(name),
    );
    assert.ok(synced >= 0 && synced < first);
  }
});

/** What an adopted store holds, whatever the numbers of its epochs. */
const shape = async (store: FileStore): Promise<unknown> => {
  const { heads } = (await answers(store)) as { heads: unknown[] };
  return [
    heads.length,
    (await feed(store, 0, 500))
      .map(face)
      .map(({ kind, value }) => (kind === 'message' ? JSON.parse(value as string) : kind)),
  ];
};

test('[FS-55] an adoption that is cut short at any call is finished by the next start, with nothing doubled', async (t) => {
  const dry = await plain();
  const expected = await openOn(t, dry, { timezone: 'UTC' });
  const calls = dry.calls.length;
  const wanted = await shape(expected.store);
  for (let n = 12; n < calls; n += Math.ceil(calls / 10)) {
    const disk = await plain();
    disk.cutAt = n;
    await storeOn(t, disk, { timezone: 'UTC' })
      .store.open()
      .catch(() => {});
    const left = disk.powerCut(() => 0.4);
    const again = await openOn(t, left, { timezone: 'UTC' });
    assert.deepEqual(await shape(again.store), wanted, `cut at call ${n} of ${calls}`);
    assert.ok(originals(left).some((bytes) => bytes.equals(MESSAGES)));
    assert.deepEqual(again.told.of('warn', /changed by hand/), []);
  }
});

test('[FS-55] [FS-37] damage to an adoption that was cut short is refused, or the adoption is finished all the same', async (t) => {
  const wanted = await shape((await openOn(t, await plain(), { timezone: 'UTC' })).store);
  const half = await plain();
  half.watch = ({ op, path, number }) => {
    // Killed when the first thousand is stored and the rest is not.
    if (op === 'write' && path === segment(1) && half.bytes(path).length > 100_000) half.cutAt = number;
  };
  await assert.rejects(storeOn(t, half, { timezone: 'UTC' }).store.open());
  Object.assign(half, { watch: undefined, cutAt: Number.POSITIVE_INFINITY });
  half.kill();
  const ours = half.files().filter((path) => path.includes('/journal/') || path === `${DATA}/manifest.json`);
  assert.deepEqual(ours, [segment(1), `${DATA}/manifest.json`]);
  let finished = 0;
  for (const path of ours) {
    const { length } = half.bytes(path);
    for (let at = 0; at < length; at += Math.ceil(length / 13)) {
      const left = half.twin();
      damage(left, path, (bytes) => bytes.fill((bytes[at] ?? 0) ^ (1 << (at % 8)), at, at + 1));
      const before = left.files().map((file) => left.bytes(file));
      const { store, told } = storeOn(t, left, { timezone: 'UTC' });
      try {
        await store.open();
        assert.deepEqual(await shape(store), wanted, `byte ${at} of ${path}: ${told.lines.join(' ')}`);
        finished += 1;
      } catch (error) {
        if (!(error instanceof GuichetError)) throw error;
        assert.equal(error.code, 'refused', `byte ${at} of ${path}`);
        assert.deepEqual(
          left.files().map((file) => left.bytes(file)),
          before,
          'nothing is changed',
        );
      }
      assert.deepEqual(originals(left), [CONVERSATIONS, MESSAGES]);
    }
  }
  assert.ok(finished > 0);
});

test('[FS-55] [FS-37] without its manifest an adopted directory is adopted again, and that adds and loses nothing', async (t) => {
  const disk = await plain();
  const first = await openOn(t, disk, { timezone: 'UTC' });
  const { position } = first.store.health();
  await first.store.close();
  await disk.unlink(`${DATA}/manifest.json`);
  const edited = Buffer.from('{"by": "hand"}');
  disk.put(`${DATA}/messages.json`, edited);
  const again = await openOn(t, disk, { timezone: 'UTC' });
  assert.equal(again.store.health().position, position);
  assert.equal(again.told.of('warn', /messages\.json was changed by hand/).length, 1);
  assert.deepEqual(disk.bytes(`${DATA}/quarantine/messages.json`), edited);
  assert.deepEqual(originals(disk), [CONVERSATIONS, MESSAGES]);
});

test('[FS-55] a half-written file is adopted as far as it can be read, and the rest is named', async (t) => {
  const disk = await plain(MESSAGES.subarray(0, MESSAGES.length >> 1));
  const { store, told } = await openOn(t, disk, { timezone: 'UTC' });
  const { lastSeq } = await store.messages('c1', { limit: 1 });
  assert.ok(lastSeq > 400);
  assert.equal(told.of('warn', /messages\.json, byte \d+: .*could not be adopted/).length, 1);
});
