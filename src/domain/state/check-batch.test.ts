import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeRecord } from '../model/record.ts';
import type { Batch, LogHead } from '../store.ts';
import { contactOf } from '../testing/changes.ts';
import { checkBatch } from './check-batch.ts';

const log = { id: 'log', rewinds: 1 };
const head: LogHead = { log, epoch: 4, position: 10, time: 0 };

/** A batch of records at these positions, from `after` to `through`. */
const batch = (
  after: number,
  positions: number[],
  through = positions.at(-1) ?? after,
  more: Partial<Batch> = {},
): Batch => ({
  log,
  epoch: 4,
  after,
  through,
  records: positions.map((position) => makeRecord(position, 0, 'contact', contactOf(`${position}`))),
  ...more,
});

const compacted = { compacted: true };

test('[LG-36] what follows the head exactly is next, what lies wholly behind it is again, the rest is fenced', () => {
  assert.equal(checkBatch(batch(10, [11, 12]), head), 'next');
  assert.equal(checkBatch(batch(10, []), head), 'next');
  assert.equal(checkBatch(batch(7, [8, 9]), head), 'again');
  assert.equal(checkBatch(batch(8, [9, 10]), head), 'again');
  for (const wrong of [
    batch(9, [10, 11]),
    batch(11, [12]),
    batch(11, []),
    batch(
      0,
      Array.from({ length: 11 }, (_, i) => i + 1),
    ),
  ]) {
    assert.throws(() => checkBatch(wrong, head), { code: 'fenced' });
  }
});

test('[LG-37] another log, past or epoch is fenced wherever the batch lies', () => {
  const foreign = [
    { log: { id: 'other', rewinds: 1 } },
    { log: { id: 'log', rewinds: 0 } },
    { epoch: 3 },
    { epoch: 5 },
  ];
  for (const more of foreign) {
    for (const [after, positions] of [
      [10, [11]],
      [9, [10]],
      [10, []],
    ] as const) {
      assert.throws(() => checkBatch(batch(after, [...positions], undefined, more), head), { code: 'fenced' });
    }
  }
});

test('[LG-41] positions rise by one from after to through', () => {
  for (const wrong of [
    batch(10, [12]),
    batch(10, [11, 13]),
    batch(10, [11, 11]),
    batch(10, [12, 11]),
    batch(10, [10, 11]),
    batch(10, [11, 12], 13),
    batch(10, [11, 12], 11),
    batch(10, [], 11),
    batch(10, [], 9),
    batch(10, [11, Number.NaN]),
  ]) {
    assert.throws(() => checkBatch(wrong, head), { code: 'fenced' });
  }
});

test('[LG-42] a compacted batch has gaps and an end of its own, and rises all the same', () => {
  assert.equal(checkBatch(batch(10, [12, 15], 20, compacted), head), 'next');
  assert.equal(checkBatch(batch(10, [12, 15], 15, compacted), head), 'next');
  assert.equal(checkBatch(batch(2, [4, 8], 9, compacted), head), 'again');
  for (const wrong of [
    batch(10, [15, 12], 20, compacted),
    batch(10, [12, 12], 20, compacted),
    batch(10, [10, 12], 20, compacted),
    batch(10, [12, 15], 14, compacted),
    batch(8, [9, 11], 12, compacted),
    batch(10, [], 9, compacted),
  ]) {
    assert.throws(() => checkBatch(wrong, head), { code: 'fenced' });
  }
});
