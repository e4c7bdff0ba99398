import assert from 'node:assert/strict';
import { test } from 'node:test';
import { uuidv7 } from './uuid.ts';

test('ids are UUIDs of version 7 that carry their time', () => {
  const id = uuidv7(Date.parse('2100-01-01T00:00:00Z'));
  assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(Number.parseInt(id.replace('-', '').slice(0, 12), 16), Date.parse('2100-01-01T00:00:00Z'));
});

test('ids sort in the order of their making, within a millisecond and when the clock goes back', () => {
  const now = Date.parse('2100-01-02T00:00:00Z');
  const ids = Array.from({ length: 10_000 }, (_, i) => uuidv7(i % 3 === 0 ? now - i : now));
  assert.deepEqual(ids, [...ids].sort());
  assert.equal(new Set(ids).size, ids.length);
});
