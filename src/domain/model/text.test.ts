import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkContent, checkNewId, checkSubject, checkText, checkTime } from './text.ts';

const invalid = { code: 'invalid' };

test('content is 1 to 20,000 characters, counted as code points after NFC', () => {
  assert.equal(checkContent('x'.repeat(20_000)).length, 20_000);
  assert.equal(checkContent('👋'.repeat(20_000)).length, 40_000);
  assert.equal(checkContent('e\u0301'.repeat(20_000)), 'é'.repeat(20_000));
  for (const content of ['', 'x'.repeat(20_001), '👋'.repeat(20_001), `${'👋'.repeat(19_999)}ab`]) {
    assert.throws(() => checkContent(content), invalid);
  }
});

test('U+0000 and halves of surrogate pairs are refused, all other characters are kept', () => {
  for (const content of ['a\u0000b', '\ud83d', 'a\udc4b', '\udc4b\ud83d']) {
    assert.throws(() => checkContent(content), invalid);
  }
  for (const content of [' ', '\n', '\u2028', '\u202e', '\ufeff', '\u0001', '__proto__', '</script>']) {
    assert.equal(checkContent(content), content);
  }
});

test('a subject that is empty is none', () => {
  assert.deepEqual([undefined, null, '', 'Bill'].map(checkSubject), [null, null, null, 'Bill']);
  assert.equal(checkSubject('é'.repeat(255)), 'é'.repeat(255));
  assert.throws(() => checkSubject('x'.repeat(256)), invalid);
});

test('an id of something new is 1 to 50 characters that are safe everywhere', () => {
  for (const id of ['a', '0', 'A-Z_9', 'x'.repeat(50), '__proto__']) assert.equal(checkNewId('id', id), id);
  for (const id of ['', 'x'.repeat(51), 'a b', 'a.b', 'event.1', 'é', 'a/b', 'a\n', '\na', '%61']) {
    assert.throws(() => checkNewId('id', id), invalid, JSON.stringify(id));
  }
});

test('a time becomes UTC with milliseconds, and what is none is refused', () => {
  assert.equal(checkTime('at', '2026-01-31T08:00:00+02:00'), '2026-01-31T06:00:00.000Z');
  for (const time of ['', 'tomorrow', '2026-13-01T00:00:00Z']) assert.throws(() => checkTime('at', time), invalid);
});

test('an error names the field, and says nothing of the text', () => {
  assert.throws(
    () => checkText('label', 'secret\u0000', 1, 50),
    ({ message }: Error) => {
      assert.match(message, /label/);
      assert.ok(!message.includes('secret'));
      return true;
    },
  );
});
