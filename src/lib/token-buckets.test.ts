import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TokenBuckets } from './token-buckets.ts';

test('a bucket gives its burst at once, and then at its rate', () => {
  let now = 1_000_000;
  const buckets = new TokenBuckets({ burst: 3, perMinute: 6 }, () => now);
  assert.deepEqual(
    [1, 2, 3, 4].map(() => buckets.spend('a')),
    [0, 0, 0, 10],
  );
  assert.equal(buckets.spend('b'), 0, 'another key has a bucket of its own');
  now += 4_000;
  assert.deepEqual([buckets.wait('a'), buckets.spend('a')], [6, 6], 'asking and being refused cost nothing');
  now += 6_000;
  assert.deepEqual([buckets.wait('a'), buckets.spend('a'), buckets.spend('a')], [0, 0, 10]);
  now += 3_600_000;
  assert.deepEqual(
    [1, 2, 3, 4].map(() => buckets.spend('a')),
    [0, 0, 0, 10],
    'and never more than its burst',
  );
});

test('several tokens are taken at once or not at all; more than a bucket holds takes a full one', () => {
  let now = 1_000_000;
  const buckets = new TokenBuckets({ burst: 10, perMinute: 60 }, () => now);
  assert.deepEqual([buckets.spend('a', 6), buckets.spend('a', 6), buckets.spend('a', 4)], [0, 2, 0]);
  assert.equal(buckets.spend('a', 25), 10);
  now += 10_000;
  assert.deepEqual([buckets.spend('a', 25), buckets.spend('a')], [0, 1]);
});

test('a clock that is set back takes nothing away', () => {
  let now = 1_000_000;
  const buckets = new TokenBuckets({ burst: 2, perMinute: 60 }, () => now);
  buckets.spend('a');
  now -= 500_000;
  assert.deepEqual([buckets.spend('a'), buckets.spend('a')], [0, 1]);
});

test('keys that somebody invents do not pile up, and who is waiting still waits', () => {
  let now = 1_000_000;
  const buckets = new TokenBuckets({ burst: 2, perMinute: 60 }, () => now);
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < 300_000; i += 1) {
    now += 1;
    buckets.spend(`invented-${i}`);
    if (i % 100 === 0) {
      buckets.spend('waiting');
      buckets.spend('waiting');
      buckets.spend('waiting');
    }
  }
  assert.ok(buckets.wait('waiting') > 0);
  assert.ok(process.memoryUsage().heapUsed - before < 40 * 1024 * 1024);
});
