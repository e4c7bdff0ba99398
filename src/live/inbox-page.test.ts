import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agent, post, start, visitor } from '../domain/testing/changes.ts';
import { Writer } from '../stores/contract/writer.ts';
import { MemoryStore } from '../stores/memory/memory-store.ts';
import { InboxPage } from './inbox-page.ts';

test('[CL-10] a conversation says how much was unread when its head was as it says, whatever came while it was asked', async () => {
  const store = new MemoryStore();
  const writer = new Writer(store, await store.open());
  const anna = visitor('anna');
  await writer.people();
  await writer.submit(start(anna, 'c1'), post(anna, 'c1', 'm1'));
  const head = (await store.conversation('c1'))!;
  await writer.submit(post(anna, 'c1', 'm2'));
  const [view] = await new InboxPage(store).views(agent('claire'), [head]);
  // The feed brings m2 behind a list that ends in front of it: counted here it would be counted twice.
  assert.deepEqual([view?.lastSeq, view?.unread], [1, 1]);
});
