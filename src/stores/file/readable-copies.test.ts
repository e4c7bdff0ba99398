import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DATA, opened, openOn, say, snapshotFile } from './testing/site.ts';

test('[FS-25] the readable files at the top are copies of the newest snapshot, not links to it', async (t) => {
  const { disk, store, writer } = await opened(t);
  await say(writer, 'm', 2);
  await store.takeSnapshot();
  for (const name of ['conversations.json', 'messages.json', 'directory.json']) {
    const snapshot = disk.bytes(snapshotFile(writer.position, name));
    assert.deepEqual(disk.bytes(`${DATA}/${name}`), snapshot);
    disk.overwrite(`${DATA}/${name}`, Buffer.from('{}'));
    assert.deepEqual(disk.bytes(snapshotFile(writer.position, name)), snapshot);
  }
});

test('[FS-25] a readable file that somebody changed goes to quarantine, with the command that imports it', async (t) => {
  const { disk, store, writer } = await opened(t);
  await say(writer, 'm', 2);
  await store.close();
  const edited = Buffer.from('{"mine":[{"id":"x"}]}');
  const good = disk.bytes(`${DATA}/messages.json`);
  disk.put(`${DATA}/messages.json`, edited);
  const again = await openOn(t, disk);
  await again.store.close();
  assert.deepEqual(disk.bytes(`${DATA}/quarantine/messages.json`), edited);
  assert.deepEqual(disk.bytes(`${DATA}/messages.json`), good);
  assert.equal(again.told.of('warn', /guichet import --from .* --store file:\/data/).length, 1);
  const third = await openOn(t, disk);
  await third.store.close();
  assert.deepEqual(third.told.of('warn', /./), []);
});

test('[FS-25] so does one that somebody changed under the running store, before the next snapshot replaces it', async (t) => {
  const { disk, store, writer, told } = await opened(t);
  await say(writer, 'm', 2);
  await store.takeSnapshot();
  const edited = Buffer.from('{"mine":[{"id":"x"}]}');
  disk.put(`${DATA}/messages.json`, edited);
  await say(writer, 'n', 1);
  await store.takeSnapshot();
  assert.deepEqual(disk.bytes(`${DATA}/quarantine/messages.json`), edited);
  const good = disk.bytes(snapshotFile(writer.position, 'messages.json'));
  assert.deepEqual(disk.bytes(`${DATA}/messages.json`), good);
  assert.equal(told.of('warn', /messages\.json was changed by hand .*guichet import --from/).length, 1);
  await say(writer, 'o', 1);
  await store.takeSnapshot();
  assert.equal(told.of('warn', /./).length, 1);
});

test('[FS-25] copies that could not be renewed for a while are nobody’s changes', async (t) => {
  const { disk, store, writer, told } = await opened(t);
  await say(writer, 'm', 2);
  await store.takeSnapshot();
  disk.fault = ({ op, path }) =>
    op === 'copy' && path.startsWith(`${DATA}/messages.json`) ? { code: 'EIO' } : undefined;
  for (const prefix of ['n', 'o', 'p']) {
    await say(writer, prefix, 1);
    await store.takeSnapshot();
  }
  disk.fault = undefined;
  await say(writer, 'q', 1);
  await store.takeSnapshot();
  const good = disk.bytes(snapshotFile(writer.position, 'messages.json'));
  assert.deepEqual(disk.bytes(`${DATA}/messages.json`), good);
  assert.equal(told.of('warn', /After a snapshot/).length, 3);
  assert.deepEqual(told.of('warn', /by hand/), []);
});
