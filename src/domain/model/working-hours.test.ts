import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WorkingHours } from '../../protocol/entities.ts';
import { checkWorkingHours, isOpen, opensAt } from './working-hours.ts';

const at = (iso: string): number => Date.parse(iso);
const iso = (time: number | null): string | null => (time === null ? null : new Date(time).toISOString());
const DAY = [
  { from: '09:00', to: '12:30' },
  { from: '14:00', to: '18:00' },
];
const PARIS: WorkingHours = { timezone: 'Europe/Paris', days: [DAY, DAY, DAY, DAY, DAY, [], []] };

test('the counter is open by the clock of its own zone', () => {
  assert.ok(isOpen(PARIS, at('2026-01-05T08:00:00Z')), 'Monday, 9:00 in Paris');
  assert.ok(!isOpen(PARIS, at('2026-01-05T07:59:59Z')));
  assert.ok(!isOpen(PARIS, at('2026-01-05T11:30:00Z')), 'closed at the minute it says');
  assert.ok(!isOpen(PARIS, at('2026-01-04T10:00:00Z')), 'Sunday');
  assert.ok(isOpen({ ...PARIS, timezone: 'Asia/Tokyo' }, at('2026-01-05T00:00:00Z')));
  assert.ok(isOpen(null, 0));
});

test('it says when it opens next, over the weekend and over a change of clocks', () => {
  assert.equal(opensAt(PARIS, at('2026-01-05T09:00:00Z')), null, 'it is open');
  assert.equal(iso(opensAt(PARIS, at('2026-01-05T12:00:00Z'))), '2026-01-05T13:00:00.000Z');
  assert.equal(iso(opensAt(PARIS, at('2026-01-09T18:00:00Z'))), '2026-01-12T08:00:00.000Z');
  assert.equal(iso(opensAt(PARIS, at('2026-03-27T18:00:00Z'))), '2026-03-30T07:00:00.000Z', 'summer time since Sunday');
  assert.equal(opensAt({ ...PARIS, days: [[], [], [], [], [], [], []] }, 0), null, 'never');
  const monday: WorkingHours = { timezone: 'UTC', days: [[{ from: '08:00', to: '09:00' }], [], [], [], [], [], []] };
  assert.equal(iso(opensAt(monday, at('2026-01-05T10:00:00Z'))), '2026-01-12T08:00:00.000Z', 'in a week');
});

test('a day may end at midnight', () => {
  const late: WorkingHours = {
    timezone: 'UTC',
    days: Array.from({ length: 7 }, () => [{ from: '20:00', to: '24:00' }]),
  };
  assert.ok(isOpen(late, at('2026-01-05T23:59:59Z')));
  assert.ok(!isOpen(late, at('2026-01-06T00:00:00Z')));
  assert.equal(checkWorkingHours(late), late);
});

test('hours that are none are refused', () => {
  for (const day of [
    [{ from: '10:00', to: '10:00' }],
    [{ from: '10:00', to: '09:00' }],
    [...DAY, { from: '17:00', to: '19:00' }],
  ]) {
    assert.throws(() => checkWorkingHours({ timezone: 'UTC', days: [day, [], [], [], [], [], []] }), {
      code: 'invalid',
    });
  }
  assert.throws(() => checkWorkingHours({ ...PARIS, timezone: 'Europe/Nowhere' }), { code: 'invalid' });
});
