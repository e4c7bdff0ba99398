import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seal, unseal } from './seal.ts';

const KEY = 'ab'.repeat(32);

test('what is sealed opens with the same key, differently each time, and with nothing else', () => {
  const sealed = seal('sécret', KEY);
  assert.equal(unseal(sealed, KEY), 'sécret');
  assert.notEqual(seal('sécret', KEY), sealed);
  assert.equal(unseal(sealed, 'cd'.repeat(32)), undefined);
  const bytes = Buffer.from(sealed, 'base64url');
  for (let i = 0; i < bytes.length; i += 1) {
    const altered = Buffer.from(bytes);
    altered[i]! ^= 1;
    assert.equal(unseal(altered.toString('base64url'), KEY), undefined, `byte ${i}`);
  }
  for (const none of ['', 'x', sealed.slice(0, 20)]) assert.equal(unseal(none, KEY), undefined);
});
