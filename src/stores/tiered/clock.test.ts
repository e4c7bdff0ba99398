import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { test } from 'node:test';
import { SYSTEM_CLOCK } from './clock.ts';

test('[FB-2] a process that stood still hears the answers that came before it takes anybody for silent', async () => {
  const order: string[] = [];
  const answered = stat('.').then(() => order.push('answer'));
  const limit = new Promise<void>((resolve) => {
    SYSTEM_CLOCK.after(20, () => {
      order.push('limit');
      resolve();
    });
  });
  const until = Date.now() + 200;
  while (Date.now() < until);
  await Promise.all([answered, limit]);
  assert.deepEqual(order, ['answer', 'limit']);
});

test('a call that was taken back does not come', async () => {
  let calls = 0;
  const count = (): void => {
    calls += 1;
  };
  const takeBack = SYSTEM_CLOCK.after(0, count);
  takeBack();
  await new Promise<void>((resolve) => {
    SYSTEM_CLOCK.after(1, resolve);
    // Something has to keep the process alive: the clock does not.
    setTimeout(() => {}, 50);
  });
  assert.equal(calls, 0);
});
