import assert from 'node:assert/strict';
import { test } from 'node:test';
import { snoozeTimes } from './snooze-times.ts';

const local = (...parts: [number, number, number, number]): string => new Date(...parts).toISOString();
const offered = (...parts: [number, number, number, number]) =>
  Object.fromEntries(snoozeTimes(new Date(...parts)).map(({ name, until }) => [name, until]));

test('a Wednesday morning offers an hour, the evening, tomorrow and Monday', () => {
  assert.deepEqual(offered(2026, 2, 11, 10), {
    hour: local(2026, 2, 11, 11),
    evening: local(2026, 2, 11, 18),
    tomorrow: local(2026, 2, 12, 9),
    week: local(2026, 2, 16, 9),
  });
});

test('what is nearly here, or the same as another, is left out', () => {
  assert.deepEqual(Object.keys(offered(2026, 2, 11, 17)), ['hour', 'tomorrow', 'week']);
  assert.deepEqual(Object.keys(offered(2026, 2, 15, 10)), ['hour', 'evening', 'tomorrow'], 'Monday is tomorrow');
  assert.equal(offered(2026, 2, 16, 10).week, local(2026, 2, 23, 9), 'on a Monday the next one is meant');
});
