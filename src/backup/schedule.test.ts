import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dayDue, wasThere } from './schedule.ts';

const at = { hour: 3, minute: 0 };
const PARIS = 'Europe/Paris';

test('[BK-8] a backup is due once a day, by the clock of the zone, also over a change of summer time', () => {
  for (const [now, day] of [
    ['2025-01-06T01:59:59Z', '2025-01-05'],
    ['2025-01-06T02:00:00Z', '2025-01-06'],
    ['2025-01-06T22:59:59Z', '2025-01-06'],
    ['2025-01-07T00:30:00Z', '2025-01-06'],
    // The night without 02:30: what is due then is due at three.
    ['2025-03-30T00:59:59Z', '2025-03-29'],
    ['2025-03-30T01:00:00Z', '2025-03-30'],
    // The night that has two of them.
    ['2025-10-26T00:30:00Z', '2025-10-25'],
    ['2025-10-26T02:00:00Z', '2025-10-26'],
  ] as const) {
    assert.equal(dayDue(Date.parse(now), now.startsWith('2025-03') ? { hour: 2, minute: 30 } : at, PARIS), day, now);
  }
  assert.equal(dayDue(Date.parse('2025-01-06T02:30:00Z'), at, 'America/New_York'), '2025-01-05');
});

test('[BK-8] a log that began since is not owed the backup of before', () => {
  const born = Date.parse('2025-01-06T08:00:00Z');
  assert.equal(wasThere(born, '2025-01-06', at, PARIS), false);
  assert.equal(wasThere(born, '2025-01-07', at, PARIS), true);
  assert.equal(wasThere(Date.parse('2025-01-06T01:59:00Z'), '2025-01-06', at, PARIS), true);
});
