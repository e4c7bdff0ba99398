import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StoreHealth } from '../../src/domain/store.ts';
import { MemoryStore } from '../../src/stores/memory/memory-store.ts';
import { actorOf, startLive } from '../support/live-server.ts';

/** A store that says of itself what the test says. */
class MoodyStore extends MemoryStore {
  mood: Partial<StoreHealth> = {};

  override health(): StoreHealth {
    return { ...super.health(), ...this.mood };
  }
}

const DEGRADED = { state: 'degraded', writes: 'durable', best: 'file:data' } as const;
const VOLATILE = { ...DEGRADED, writes: 'volatile' } as const;

const agent = actorOf('agent:a1')!;
const visitor = actorOf('visitor:v1')!;

test('[LV-12] agents are told at once when the storage is not what it was, visitors never', async (t) => {
  const store = new MoodyStore();
  const server = await startLive(t, store);
  const { live } = server;
  const [ann, guest] = [await server.connect('agent:a1'), await server.connect('visitor:v1')];
  store.mood = DEGRADED;
  live.storageChanged();
  const told = await ann.next('storage');
  assert.deepEqual([told.degraded, told.writes], [true, 'durable']);
  // Nobody says so: it is found.
  store.mood = VOLATILE;
  const found = await ann.next('storage');
  assert.deepEqual([found.degraded, found.writes], [true, 'volatile']);
  assert.notEqual(found.mark, told.mark);
  live.storageChanged();
  await Promise.all([ann.settled(), guest.settled()]);
  assert.deepEqual([ann.all('storage').length, guest.all('storage').length], [2, 0]);
});

test('[LV-12] a poll that waits ends when the storage is not the one its caller knows', {
  timeout: 25_000,
}, async (t) => {
  const store = new MoodyStore();
  const { live } = await startLive(t, store);
  const { signal } = new AbortController();
  const ask = async (actor: typeof agent, query: { after?: string; storage?: string; wait?: number }) =>
    JSON.parse(await live.changes(actor, { limit: 50, ...query }, signal));
  const first = await ask(agent, {});
  const waiting = ask(agent, { after: first.cursor, storage: first.storage.mark, wait: 30 });
  await new Promise((resolved) => setImmediate(resolved));
  store.mood = VOLATILE;
  live.storageChanged();
  const second = await waiting;
  assert.deepEqual([second.changes, second.storage.writes], [[], 'volatile']);
  // What changed between two polls ends the next one as well.
  store.mood = {};
  const third = await ask(agent, { after: second.cursor, storage: second.storage.mark, wait: 30 });
  assert.equal(third.storage.mark, first.storage.mark);
  assert.equal('storage' in (await ask(visitor, {})), false);
});
