import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { tempDir } from '../../test/support/temp-dir.ts';
import { undoAfter } from '../../test/support/undo-after.ts';
import { parseStoreUrls } from '../config/store-url.ts';
import { GroupCommit } from '../domain/group-commit.ts';
import { contactEntry, put } from '../domain/testing/changes.ts';
import { type ChainOptions, createChain } from './open-store.ts';
import { TieredStore } from './tiered/tiered-store.ts';

const open = async (t: TestContext, list: string, options: ChainOptions = {}) => {
  const store = createChain(parseStoreUrls(list), { snapshotEverySeconds: 0, ...options });
  undoAfter(t, () => store.close());
  const queue = new GroupCommit(store, await store.open());
  return { store, write: (id: string) => queue.commit(put(contactEntry(id))) };
};

test('memory alone forgets, and says so', async (t) => {
  const { store, write } = await open(t, 'memory:');
  assert.equal(store.capabilities.durable, false);
  assert.equal((await write('anna')).commitment.durable, false);
});

test('[FB-7] a store that is part of a longer chain is not written to alone, unless the others are given up', async (t) => {
  const path = tempDir(t);
  const [a, b] = [`file:${path}/a`, `file:${path}/b`];
  const both = await open(t, `${a},${b},memory:`);
  assert.deepEqual((await both.write('anna')).commitment, { tier: 'file', durable: true });
  await (both.store as TieredStore).probe();
  await both.store.close();

  const alone = await open(t, b!);
  assert.equal(alone.store.health().complete, false);
  assert.equal((await alone.store.entry('contact', 'anna'))!.id, 'anna');
  await assert.rejects(alone.write('bruno'), { code: 'unavailable' });
  await alone.store.close();

  const given = await open(t, b!, { leaveBehind: parseStoreUrls(a!) });
  assert.deepEqual((await given.write('bruno')).commitment, { tier: 'file', durable: true });
  assert.ok(given.store instanceof TieredStore);
});

test('a single store that is in no chain is as it was: nothing is written that nobody sent', async (t) => {
  const path = tempDir(t);
  const { store, write } = await open(t, `file:${path}`);
  await (store as TieredStore).probe();
  await write('anna');
  await (store as TieredStore).probe();
  assert.equal(store.health().position, 1);
});
