import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressKey, Budgets } from './budgets.ts';

test('an address stands for its subscriber: IPv4 as it is, IPv6 by its /64', () => {
  assert.equal(addressKey('192.0.2.1'), '192.0.2.1');
  assert.equal(addressKey('::ffff:192.0.2.1'), '192.0.2.1');
  assert.equal(addressKey('2001:db8:1:2:3:4:5:6'), '2001:db8:1:2');
  assert.equal(addressKey('2001:DB8:1:2::1'), addressKey('2001:db8:1:2:ffff::9'));
  assert.equal(addressKey('2001:db8::1'), '2001:db8:0:0');
  assert.notEqual(addressKey('2001:db8:1:2::1'), addressKey('2001:db8:1:3::1'));
  assert.equal(addressKey('::1'), '0:0:0:0');
  assert.equal(addressKey('fe80::1%eth0'), 'fe80:0:0:0');
});

test('a visitor pays for what they do, an agent does not, and the error says when to come back', () => {
  const budgets = new Budgets();
  const spendAll = (actor: Parameters<Budgets['spendAs']>[0]): void => {
    for (let i = 0; i < 1000; i += 1) budgets.spendAs(actor, 'post');
  };
  assert.throws(() => spendAll({ type: 'visitor', id: 'v' }), { code: 'too_many_requests', retryAfter: 1 });
  assert.doesNotThrow(() => budgets.spendAs({ type: 'visitor', id: 'w' }, 'post'));
  assert.doesNotThrow(() => budgets.spendAs({ type: 'visitor', id: 'v' }, 'typing'));
  assert.doesNotThrow(() => spendAll({ type: 'agent', id: 'v', role: 'agent' }));
});

test('[AC-11] thirty tabs that ask every 3 seconds are never refused; hundreds behind one address neither', () => {
  let now = 0;
  const budgets = new Budgets(() => now);
  const people = Array.from({ length: 500 }, (_, i) => ({ type: 'visitor', id: `v${i}` }) as const);
  for (let round = 0; round < 100; round += 1, now += 3000) {
    for (let tab = 0; tab < 30; tab += 1) budgets.spendRead(people[0]!, 'office');
    for (const person of people) budgets.spendRead(person, 'office');
  }
  const flood = (actor: Parameters<Budgets['spendRead']>[0], address: string): void => {
    for (let i = 0; i < 7000; i += 1) budgets.spendRead(actor, address);
  };
  assert.throws(() => flood(people[1], 'elsewhere'), { code: 'too_many_requests' });
  assert.throws(() => flood(undefined, 'nobody knows who'), { code: 'too_many_requests' });
  assert.doesNotThrow(() => flood({ type: 'agent', id: 'a', role: 'agent' }, 'nobody knows who'));
  assert.deepEqual([budgets.refused.get('readsPerVisitor'), budgets.refused.get('readsPerAddress')], [1, 1]);
});
