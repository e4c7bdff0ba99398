import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestLog, wholeDigest } from '../../../domain/digest.ts';
import { FileStore } from '../file-store.ts';
import type { SimulatedDisk } from '../testing/simulated-disk.ts';
import { DATA, damage, opened, say } from '../testing/site.ts';
import { readBackupManifest } from './backup-format.ts';

const TO = '/backups/2025-01-06';

const backUp = async (disk: SimulatedDisk, to = TO) => {
  const reader = new FileStore({ directory: DATA, disk });
  try {
    await reader.open({ reading: true });
    return await reader.backUp(to);
  } finally {
    await reader.close();
  }
};

const digestAt = async (disk: SimulatedDisk, directory: string): Promise<string> => {
  const store = new FileStore({ directory, disk });
  try {
    await store.open({ reading: true });
    return wholeDigest(await digestLog(store));
  } finally {
    await store.close();
  }
};

test('[BK-5] a backup holds what the store held, while it goes on, and says so by its digest', async (t) => {
  const { disk, store, writer } = await opened(t);
  await say(writer, 'a', 20);
  await store.takeSnapshot();
  await say(writer, 'b', 20);
  const before = wholeDigest(await digestLog(store));
  const { position, backup, counts } = await backUp(disk);
  assert.deepEqual([position, counts.messages, backup.digest], [writer.position, 40, before]);
  await say(writer, 'c', 5);
  await store.takeSnapshot();
  await store.close();
  // Nothing in it is shared with the store.
  for (const path of disk.files()) if (path.startsWith(DATA)) disk.put(path, Buffer.alloc(0));
  assert.equal(await digestAt(disk, TO), before);
  await assert.rejects(backUp(disk, TO), { code: 'refused' });
  assert.equal(await digestAt(disk, TO), before);
});

test('[BK-5] a backup is no data directory: nothing starts on it', async (t) => {
  const { disk, writer } = await opened(t);
  await say(writer, 'a', 3);
  await backUp(disk);
  const files = disk.files().filter((path) => path.startsWith(TO));
  const store = new FileStore({ directory: TO, disk });
  await assert.rejects(store.open(), { code: 'refused', message: /is a backup/ });
  await store.close();
  assert.deepEqual(
    disk.files().filter((path) => path.startsWith(TO) && !path.endsWith('lock.db')),
    files,
  );
});

test('[BK-6] a backup that fails anywhere leaves nothing behind, and harms nothing', async (t) => {
  const { disk, writer, store } = await opened(t);
  await say(writer, 'a', 6);
  const before = wholeDigest(await digestLog(store));
  let calls = 0;
  const counted = (path: string): boolean => path.startsWith('/backups');
  disk.fault = ({ path }) => {
    if (counted(path)) calls += 1;
    return undefined;
  };
  await backUp(disk, '/backups/whole');
  const all = calls;
  const codes = ['ENOSPC', 'EIO'];
  let failed = 0;
  for (let at = 1; at <= all; at += 1) {
    calls = 0;
    const code = codes[at % 2]!;
    const to = `/backups/try-${at}`;
    disk.fault = ({ path, op }) => {
      // What is tidied up afterwards works again: the disk has room then.
      if (!counted(path) || op === 'unlink' || op === 'removeDirectory') return undefined;
      calls += 1;
      return calls === at ? { code } : undefined;
    };
    const outcome = await backUp(disk, to).catch((error: Error & { code: string }) => error);
    disk.fault = undefined;
    if (!(outcome instanceof Error)) continue;
    failed += 1;
    assert.match((outcome as Error & { code: string }).code, /^(unavailable|storage_full)$/);
    const left = disk.files().filter((path) => path.startsWith(to));
    // A sync of the directory may fail when the backup has its name already: then it is whole.
    if (left.length > 0) assert.equal((await readBackupManifest(disk, to))?.backup.digest, before, left.join());
  }
  assert.ok(failed > 20, `${failed} of ${all} calls failed`);
  assert.equal(wholeDigest(await digestLog(store)), before);
  await say(writer, 'b', 1);
});

test('[BK-6] a backup that holds something else than what it was made of is none, whole as it may be in itself', async (t) => {
  const { disk, writer } = await opened(t);
  await say(writer, 'a', 3);
  const reader = new FileStore({ directory: DATA, disk });
  t.after(() => reader.close());
  await reader.open({ reading: true });
  const messages = reader.messages.bind(reader);
  // What was there to be backed up had one message less.
  reader.messages = async (...asked) => {
    const page = await messages(...asked);
    return { ...page, messages: page.messages.slice(0, 2) };
  };
  await assert.rejects(reader.backUp(TO), { code: 'refused' });
  assert.deepEqual(
    disk.files().filter((path) => path.startsWith('/backups')),
    [],
  );
});

test('[BK-6] a disk that takes few bytes at a time gets a whole backup; one that rots is found out', async (t) => {
  const { disk, writer } = await opened(t);
  await say(writer, 'a', 6);
  disk.fault = ({ path, op }) => (path.startsWith('/backups') && op === 'write' ? { short: 7 } : undefined);
  await backUp(disk);
  disk.fault = undefined;
  const digest = await digestAt(disk, TO);
  assert.equal((await readBackupManifest(disk, TO))?.backup.digest, digest);

  damage(disk, `${TO}/messages.json`, (bytes) => Buffer.from(bytes.toString().replace('text of a3', 'text of aX')));
  // Its journal goes back to the beginning, and makes up for that.
  assert.equal(await digestAt(disk, TO), digest);
  for (const path of disk.files()) if (path.startsWith(`${TO}/journal`)) await disk.unlink(path);
  await assert.rejects(digestAt(disk, TO), { code: 'refused' });
  await assert.rejects(backUp(disk, TO), { code: 'refused' });
});
