import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PlainTime } from './plain-time.ts';

const PARIS = new PlainTime('Europe/Paris');

test('[FS-52] times as other programs write them', () => {
  for (const [value, expected] of [
    ['2025-01-06T08:00:34.144', '2025-01-06T07:00:34.144Z'],
    ['2025-01-06T08:00:34.144987654', '2025-01-06T07:00:34.144Z'],
    ['2025-07-06T08:00', '2025-07-06T06:00:00.000Z'],
    ['2025-01-06 08:00:34', '2025-01-06T07:00:34.000Z'],
    ['2025-01-06', '2025-01-05T23:00:00.000Z'],
    ['2025-01-06T08:00:34Z', '2025-01-06T08:00:34.000Z'],
    ['2025-01-06T08:00:34.5+05:30', '2025-01-06T02:30:34.500Z'],
    ['2025-01-06T08:00:34-0300', '2025-01-06T11:00:34.000Z'],
    ['2025-01-06T08:00:34+01:00[Europe/Paris]', '2025-01-06T07:00:34.000Z'],
    [1736150434144, '2025-01-06T08:00:34.144Z'],
    [1736150434, '2025-01-06T08:00:34.000Z'],
    [1736150434.144, '2025-01-06T08:00:34.144Z'],
    [1736150434144987, '2025-01-06T08:00:34.144Z'],
    ['1736150434144', '2025-01-06T08:00:34.144Z'],
    [[2025, 1, 6, 8, 0, 34], '2025-01-06T07:00:34.000Z'],
    [[2025, 1, 6, 8, 0, 34, 144_000_000], '2025-01-06T07:00:34.144Z'],
    [[2025, 1, 6, 8, 0], '2025-01-06T07:00:00.000Z'],
    [{ $date: '2025-01-06T08:00:34Z' }, '2025-01-06T08:00:34.000Z'],
  ] as const) {
    assert.equal(PARIS.parse(value), expected, JSON.stringify(value));
  }
});

test('[FS-52] the hour that is missing in spring and the one that comes twice in autumn', () => {
  assert.equal(PARIS.parse('2025-03-30T01:59:59'), '2025-03-30T00:59:59.000Z');
  assert.equal(PARIS.parse('2025-03-30T03:00:00'), '2025-03-30T01:00:00.000Z');
  assert.equal(PARIS.parse('2025-10-26T02:30:00'), '2025-10-26T00:30:00.000Z');
  assert.equal(PARIS.parse('2025-10-26T03:00:00'), '2025-10-26T02:00:00.000Z');
});

test('[FS-52] what is no time is none', () => {
  for (const value of [
    '',
    'yesterday',
    '2025-13-45T99:99',
    null,
    undefined,
    true,
    [],
    [2025],
    ['a', 1, 2],
    {},
    Number.NaN,
    1e300,
  ]) {
    const parsed = PARIS.parse(value);
    assert.ok(parsed === undefined || /^\d{4}-/.test(parsed), JSON.stringify(value));
  }
  assert.equal(PARIS.parse('yesterday'), undefined);
});
