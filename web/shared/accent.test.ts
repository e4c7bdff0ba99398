import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { accentProperties, contrastOf } from './accent.ts';

test('any accent is readable on both grounds, and text on it as well', () => {
  const colour = fc.integer({ min: 0, max: 0xffffff }).map((value) => `#${value.toString(16).padStart(6, '0')}`);
  fc.assert(
    fc.property(colour, (accent) => {
      const made = accentProperties(accent);
      assert.ok(contrastOf(made['--accent-on-light']!, '#faf8f4') >= 4.5);
      assert.ok(contrastOf(made['--accent-on-dark']!, '#1d2024') >= 4.5);
      assert.ok(contrastOf(made['--accent-on-light']!, made['--text-on-accent-light']!) >= 4.5);
      assert.ok(contrastOf(made['--accent-on-dark']!, made['--text-on-accent-dark']!) >= 4.5);
    }),
  );
});

test('an accent that is readable already stays as it is', () => {
  assert.equal(accentProperties('#0b5394')['--accent-on-light'], '#0b5394');
});

test('what is not a colour changes nothing', () => {
  for (const value of [null, undefined, '', 'red', '#12345', '#12345g', 'url(x)']) {
    assert.deepEqual(accentProperties(value), {});
  }
});
