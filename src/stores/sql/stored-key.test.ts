import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { KEY_LENGTH, keyOf } from './stored-key.ts';

/** Any code units at all, with those that are escaped among them often. */
const anyId = fc
  .array(
    fc.oneof(fc.constantFrom(0, 1, 2, 0x61, 0xd7ff, 0xd800, 0xdbff, 0xdc00, 0xdfff, 0xe000, 0xffff), fc.nat(0xffff)),
    {
      maxLength: 6,
    },
  )
  .map((units) => String.fromCharCode(...units));

const wellFormed = anyId.map((id) => id.toWellFormed());

test('[SQ-3] nearly every id is its own key', () => {
  for (const id of ['', 'a', 'A-9_z', 'é', '👋', ' a ', 'x'.repeat(KEY_LENGTH), '__proto__'])
    assert.equal(keyOf(id), id);
});

test('[SQ-3] every database takes a key: it is well-formed, without U+0000, and not too long', () => {
  const property = fc.property(
    fc.oneof(
      anyId,
      anyId.map((id) => id.repeat(99)),
    ),
    (id) => {
      const key = keyOf(id);
      assert.ok(key.isWellFormed() && !key.includes('\0') && Array.from(key).length <= KEY_LENGTH);
    },
  );
  fc.assert(property);
});

test('[SQ-3] two ids never have the same key', () => {
  fc.assert(fc.property(anyId, anyId, (a, b) => assert.equal(keyOf(a) === keyOf(b), a === b)));
  const long = 'x'.repeat(300);
  assert.notEqual(keyOf(long), keyOf(`${long}y`));
});

test('[SQ-3] keys in order of their bytes are ids in order of their code units', () => {
  const property = fc.property(wellFormed, wellFormed, (a, b) => {
    const bytes = Math.sign(Buffer.compare(Buffer.from(keyOf(a)), Buffer.from(keyOf(b))));
    assert.equal(bytes, a < b ? -1 : a > b ? 1 : 0);
  });
  fc.assert(property);
});
