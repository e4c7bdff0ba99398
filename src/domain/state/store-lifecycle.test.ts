import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StoreLifecycle } from './store-lifecycle.ts';

test('[LG-44] a store goes from new to closed once, degraded and back in between', async () => {
  const life = new StoreLifecycle();
  const seen = [life.state];
  const opening = life.open(async () => {});
  seen.push(life.state);
  await opening;
  for (const step of ['opened', 'degraded', 'opened', 'closing', 'closed'] as const) {
    life[step]();
    seen.push(life.state);
  }
  assert.deepEqual(seen, ['new', 'opening', 'open', 'degraded', 'open', 'closing', 'closed']);
  await assert.rejects(
    life.open(async () => {}),
    { code: 'closing' },
  );
});

test('[LG-43] calls are answered when open and when degraded, and at no other time', async () => {
  const life = new StoreLifecycle();
  const answered = () => {
    try {
      life.requireOpen();
      return true;
    } catch {
      return false;
    }
  };
  const found = [answered()];
  const opening = life.open(async () => {});
  found.push(answered());
  await opening;
  for (const step of ['opened', 'degraded', 'closing', 'closed'] as const) {
    life[step]();
    found.push(answered());
  }
  assert.deepEqual(found, [false, false, true, true, false, false]);
});

test('[LG-44] nothing opens a store that is closing: not a probe that succeeds late, not one that fails', async () => {
  for (const end of ['closing', 'closed'] as const) {
    const life = new StoreLifecycle();
    await life.open(async () => {});
    life.opened();
    life.degraded();
    life[end]();
    life.opened();
    life.degraded();
    life.closing();
    assert.equal(life.state, end);
  }
});
