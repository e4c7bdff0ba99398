import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backoffMs } from './backoff.ts';

test('delays double up to the cap and are spread over all of it', () => {
  const highest = [0, 1, 2, 3, 4, 5, 50, 5000].map((attempt) => backoffMs(attempt, { random: () => 1 }));
  assert.deepEqual(highest, [500, 1000, 2000, 4000, 8000, 10_000, 10_000, 10_000]);
  assert.equal(backoffMs(9, { random: () => 0.5 }), 5050);
});

test('no draw makes it a busy loop', () => {
  for (const attempt of [0, 1, 9]) assert.equal(backoffMs(attempt, { random: () => 0 }), 100);
});
