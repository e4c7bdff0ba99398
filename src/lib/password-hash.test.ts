import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashesWaiting, hashPassword, verifyPassword } from './password-hash.ts';

test('a hash is argon2id with the recommended cost, its own salt, and verifies its password only', async () => {
  const [one, two] = await Promise.all([hashPassword('pässword'), hashPassword('pässword')]);
  assert.match(one, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  assert.notEqual(one, two);
  assert.equal(await verifyPassword('pässword', one), true);
  assert.equal(await verifyPassword('password', one), false);
  assert.equal(await verifyPassword('', one), false);
});

test('a hash that other software made is understood', async () => {
  // Of the reference implementation: echo -n password | argon2 somesalt -id -t 2 -k 65536 -p 1 -l 24
  const hash = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
  assert.equal(await verifyPassword('password', hash), true);
  assert.equal(await verifyPassword('passwore', hash), false);
});

test('[AC-6] what is no hash, or would cost too much, verifies nothing', async () => {
  const hash = await hashPassword('x');
  const wrong = [
    undefined,
    '',
    'x',
    hash.replace('argon2id', 'argon2i'),
    hash.replace('m=19456', 'm=999999999'),
    hash.replace('m=19456', 'm=1'),
    hash.replace('t=2', 't=0'),
    hash.replace('p=1', 'p=0'),
    hash.slice(0, -30),
  ];
  for (const stored of wrong) {
    const verified = verifyPassword('x', stored);
    assert.equal(hashesWaiting(), 1, 'the work is the same');
    assert.equal(await verified, false, String(stored));
  }
});
