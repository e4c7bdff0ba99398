import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dateLocale, pickLanguage } from './i18n/language.ts';
import { createTimes } from './times.ts';

const now = (): Date => new Date(2026, 2, 12, 9, 0);
const at = (...parts: [number, number, number, number?]): string => new Date(...parts).toISOString();

test('days are named as a reader would name them', () => {
  const times = createTimes('en-GB', { today: 'Today', yesterday: 'Yesterday' }, now);
  assert.equal(times.day(at(2026, 2, 12, 0)), 'Today');
  assert.equal(times.day(at(2026, 2, 11, 23)), 'Yesterday');
  assert.equal(times.day(at(2026, 2, 3)), 'Tuesday 3 March');
  assert.equal(times.day(at(2025, 2, 3)), '3 March 2025');
});

test('lists say the clock today, the weekday this week, the date before that', () => {
  const times = createTimes('fr-FR', { today: '', yesterday: '' }, now);
  assert.equal(times.brief(at(2026, 2, 12, 8)), '08:00');
  assert.equal(times.brief(at(2026, 2, 10)), 'mar.');
  assert.equal(times.brief(at(2026, 1, 3)), '3 févr.');
  assert.equal(times.brief(at(2025, 1, 3)), '03/02/2025');
});

test('what is to come is told by its hour, with the day when it is another', () => {
  const times = createTimes('en-GB', { today: '', yesterday: '' }, now);
  assert.equal(times.soon(at(2026, 2, 12, 18)), '18:00');
  assert.equal(times.soon(at(2026, 2, 16, 9)), 'Mon 09:00');
});

test('a time that cannot be read is shown as nothing', () => {
  assert.equal(createTimes('en', { today: '', yesterday: '' }, now).clock('nonsense'), '');
});

test('the language is the first wish there is a file for, with its own way of writing dates', () => {
  assert.equal(pickLanguage([null, 'de-AT', 'fr_CA', 'en']), 'fr');
  assert.equal(pickLanguage(['de']), 'en');
  assert.equal(dateLocale('fr', ['de', 'fr-CA']), 'fr-CA');
  assert.equal(dateLocale('en', ['de']), 'en');
});
