import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BEGUN, heldBy, pair } from './testing/fake-chain.ts';
import { settled } from './testing/virtual-clock.ts';

test('[FB-15] a read that fails because its tier just did is answered by the next', async () => {
  const { a, chain } = await pair();
  await chain.post('m1');
  for (const condition of ['down', 'silent'] as const) {
    a.condition = condition;
    assert.deepEqual(await chain.messages(), ['m1'], condition);
  }
  await a.settle();
});

test('[FB-15] a tier that did not answer a read is asked last, until it answers again', async () => {
  const { a, chain } = await pair();
  await chain.post('m1');
  a.condition = 'silent';
  const before = chain.clock.now();
  await chain.messages();
  const waited = chain.clock.now() - before;
  assert.equal(waited, 2000);
  for (let i = 0; i < 5; i += 1) await chain.messages();
  assert.equal(chain.clock.now() - before, waited, 'nobody waits for it again');
  a.condition = 'well';
  await a.settle();
  await chain.probe();
  assert.equal(chain.store.health().best, 'a');
  await chain.post('m2');
  assert.equal(chain.states, 'a member, b member, memory: standby');
});

test('[FB-15] nobody reads a batch before its sender is told, though a fast tier has it already', async () => {
  const { a, b, chain } = await pair();
  b.condition = 'hanging';
  const order: string[] = [];
  const posted = chain.send('m1').then(() => order.push('told'));
  await settled();
  assert.deepEqual(heldBy(a), [...BEGUN, 'm1']);
  const read = chain.store.messages('c1', { limit: 5 }).then(({ messages }) => order.push(`read ${messages.length}`));
  await settled();
  assert.deepEqual(order, []);
  await b.settle(true);
  await Promise.all([posted, read]);
  assert.deepEqual(new Set(order), new Set(['told', 'read 1']));
});

test('[FB-16] what a tier lacks that is not level is never looked for there', async () => {
  const { a, b, chain } = await pair();
  b.condition = 'down';
  await chain.post('m1');
  b.condition = 'well';
  a.condition = 'down';
  await assert.rejects(chain.messages(), { code: 'unavailable' });
  await assert.rejects(chain.post('m2'), { code: 'unavailable' });
  a.condition = 'well';
  await chain.probe();
  assert.deepEqual(await chain.messages(), ['m1']);
  assert.deepEqual(heldBy(b), heldBy(a));
});
