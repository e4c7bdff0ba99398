import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { pageOf } from './message-page.ts';

test('[LG-53] [LG-60] a page is what filtering one number after the other gives', () => {
  const place = fc.option(fc.integer({ min: -3, max: 30 }), { nil: undefined });
  fc.assert(
    fc.property(fc.nat({ max: 25 }), place, place, fc.integer({ min: 1, max: 30 }), (count, after, before, limit) => {
      const range = { limit, ...(after !== undefined && { after }), ...(before !== undefined && { before }) };
      const { from, to, hasMore } = pageOf(count, range);
      const all = Array.from({ length: count }, (_, i) => i + 1);
      const within = all.filter((n) => n > (after ?? 0) && n < (before ?? count + 1));
      const expected = after === undefined ? within.slice(-limit) : within.slice(0, limit);
      assert.deepEqual(all.slice(from, to), expected);
      assert.equal(hasMore, expected.length < within.length);
    }),
    { numRuns: 1000 },
  );
});
