import assert from 'node:assert/strict';
import { test } from 'node:test';
import { post } from '../../domain/testing/changes.ts';
import { answers } from '../contract/answers.ts';
import { ANNA } from '../contract/writer.ts';
import { DATA, opened, openOn, say, segment } from './testing/site.ts';

test('[FS-14] a directory that is moved away is an outage, and no outage any more when it is back', async (t) => {
  const { disk, store, writer, told } = await opened(t);
  await say(writer, 'm', 2);
  await disk.rename(DATA, '/moved');
  const [refused] = await writer.attempt(post(ANNA, 'c', 'm3'));
  assert.equal(!refused!.ok && refused!.error.code, 'unavailable');
  assert.equal(store.health().state, 'degraded');
  assert.equal(told.of('error', /removed, moved or replaced/).length, 1);
  await disk.rename('/moved', DATA);
  await writer.submit(post(ANNA, 'c', 'm3'));
  assert.equal(store.health().state, 'open');
  const held = await answers(store);
  disk.kill();
  assert.deepEqual(await answers((await openOn(t, disk)).store), held);
});

test('[FS-14] what stands in its place is another’s: nothing is written there, not at the close either', async (t) => {
  const { disk, store, writer } = await opened(t);
  const stranger = await opened(t);
  await stranger.store.close();
  await disk.rename(DATA, '/moved');
  for (const path of ['', '/journal', '/snapshots', '/snapshots/000000000000005'])
    await disk.makeDirectory(DATA + path);
  for (const path of stranger.disk.files()) disk.put(path, stranger.disk.bytes(path));
  const contents = (): string[] =>
    disk
      .files()
      .filter((path) => path.startsWith(DATA))
      .map((path) => path + disk.bytes(path).toString('hex'));
  const before = contents();
  const [refused] = await writer.attempt(post(ANNA, 'c', 'm1'));
  assert.ok(!refused!.ok);
  assert.equal(await store.takeSnapshot(), false);
  await store.close();
  assert.deepEqual(contents(), before);
});

test('[FS-14] a segment that is taken away is written to no longer: the batch goes to a new one', async (t) => {
  const { disk, store, writer } = await opened(t);
  await say(writer, 'm', 1);
  await disk.unlink(segment(1));
  await say(writer, 'n', 1);
  assert.ok(disk.files().includes(segment(2)));
  assert.equal((await store.messages('c', { limit: 9 })).messages.length, 2);
});
