import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GuichetError } from '../../domain/errors.ts';
import { BEGUN, disksNamed, FakeChain, heldBy, nameOf, pair } from './testing/fake-chain.ts';
import { settled } from './testing/virtual-clock.ts';

test('[FB-1] the same records go to every member, and the acknowledgement names the best', async () => {
  const { a, b, chain } = await pair();
  assert.deepEqual(await chain.post('m1', 'm2'), [
    { tier: 'postgres', durable: true },
    { tier: 'postgres', durable: true },
  ]);
  assert.deepEqual(heldBy(a), [...BEGUN, 'm1', 'm2']);
  assert.deepEqual(heldBy(b), heldBy(a));
  assert.equal(chain.states, 'a member, b member, memory: standby');
  assert.equal(chain.store.health().state, 'open');
});

test('[FB-1] a batch is given to all members at the same time, and is acknowledged when the last one holds it', async () => {
  const { a, b, chain } = await pair();
  for (const disk of [a, b]) disk.condition = 'hanging';
  let isTold = false;
  const posted = chain.send('m1').then(() => {
    isTold = true;
  });
  // Nothing passes but turns: time stands still.
  await settled();
  assert.deepEqual([a.undecided, b.undecided], [1, 1], 'the second did not wait for the first');
  await a.settle(true);
  await settled();
  assert.equal(isTold, false);
  await b.settle(true);
  await posted;
  assert.deepEqual(heldBy(b), [...BEGUN, 'm1']);
});

test('[FB-2] when a member fails the others hold a record of it before anything is acknowledged', async () => {
  for (const condition of ['full', 'readOnly', 'cutOff', 'down', 'undecided', 'hanging'] as const) {
    const { a, b, chain } = await pair();
    a.condition = condition;
    assert.deepEqual(await chain.post('m1'), [{ tier: 'postgres', durable: true }], condition);
    assert.deepEqual(heldBy(b), [...BEGUN, 'm1', 'set b'], condition);
    assert.equal(chain.states, 'a down, b member, memory: standby');
    assert.equal(chain.store.health().state, 'degraded');
    assert.deepEqual(chain.told, ['a failed', 'a left']);
    assert.deepEqual(await chain.messages(), ['m1']);
  }
});

test('[FB-2] a lost answer of a tier that answers again is asked for, and nobody has to leave', async () => {
  const { a, b, chain } = await pair();
  a.condition = 'forgetful';
  await chain.post('m1');
  assert.deepEqual(heldBy(a), [...BEGUN, 'm1']);
  assert.deepEqual(heldBy(b), heldBy(a));
  assert.deepEqual(chain.events, []);
});

test('[FB-2] should the last one fail with that record, the batch is durable, and only who holds it can go on', async () => {
  const { a, b, chain } = await pair();
  a.condition = 'full';
  let writes = 0;
  const take = b.take.bind(b);
  b.take = async (batch) => {
    writes += 1;
    if (writes > 1) b.condition = 'down';
    if (writes > 1) throw new GuichetError('unavailable');
    await take(batch);
  };
  assert.deepEqual(await chain.post('m1'), [{ tier: 'postgres', durable: true }]);
  assert.deepEqual(heldBy(b), [...BEGUN, 'm1']);
  a.condition = 'well';
  await chain.probe();
  assert.equal(chain.states, 'a behind, b down, memory: member');
  b.condition = 'well';
  writes = -10;
  await chain.probe();
  await chain.probe();
  assert.equal(chain.states, 'a member, b member, memory: standby');
  assert.deepEqual(heldBy(a), heldBy(b));
  assert.deepEqual(heldBy(a).slice(3), ['m1', 'set b', 'set a+b']);
});

test('[FB-3] when the last member fails memory holds what is new, and says that it does', async () => {
  for (const condition of ['full', 'readOnly', 'hanging'] as const) {
    const { a, b, chain } = await pair();
    for (const disk of [a, b]) disk.condition = condition;
    assert.deepEqual(await chain.post('m1'), [{ tier: 'memory', durable: false }], condition);
    assert.deepEqual(await chain.post('m2', 'm3'), [
      { tier: 'memory', durable: false },
      { tier: 'memory', durable: false },
    ]);
    assert.deepEqual(await chain.messages(), ['m1', 'm2', 'm3']);
    const { durable, position, writes, unsavedSince } = chain.store.health();
    assert.deepEqual([durable, position, writes], [3, 6, 'volatile']);
    assert.ok(unsavedSince !== null);
    assert.ok(chain.told.includes('memory: memory'));
  }
});

test('[FB-3] without memory a write is refused with what the tier said, and numbers that nobody took are free', async () => {
  const [a] = disksNamed('a');
  const chain = await new FakeChain([a!], { memory: false }).begin();
  for (const [condition, code] of [
    ['full', 'storage_full'],
    ['readOnly', 'unavailable'],
  ] as const) {
    a!.condition = condition;
    await assert.rejects(chain.post('m1'), { code });
    await assert.rejects(chain.post('m1'), { code });
    await chain.probe();
    assert.equal(chain.store.health().writes, 'none');
    assert.deepEqual(await chain.messages(), []);
    a!.condition = 'well';
    await chain.probe();
  }
  await chain.post('m2');
  assert.deepEqual(heldBy(a!), ['contact', 'conversation', 'm2']);
});

test('[FB-3] [FB-4] two tiers that refuse keep the batch for later all the same, for one may find it after a crash', async () => {
  const { a, b, chain } = await pair({ memory: false });
  for (const disk of [a, b]) disk.condition = 'full';
  await assert.rejects(chain.post('m1'), { code: 'storage_full' });
  await assert.rejects(chain.post('m2'), { code: 'storage_full' });
  b.condition = 'well';
  await chain.probe();
  await chain.post('m2');
  assert.deepEqual(heldBy(b), [...BEGUN, 'm1', 'set b', 'm2']);
});

test('[FB-4] numbers of a batch whose fate is open are given to nothing else, and asked again it is found', async () => {
  for (const lands of [true, false]) {
    const { a, b, chain } = await pair({ memory: false });
    a.condition = 'readOnly';
    b.condition = 'undecided';
    await assert.rejects(chain.post('m1', 'm2'), { code: 'unavailable' });
    await assert.rejects(chain.post('m3'), { code: 'unavailable' });
    assert.deepEqual(chain.store.health().position, 3, 'nobody is shown what was refused');
    b.lands = lands;
    b.condition = 'well';
    await chain.probe();
    assert.deepEqual(heldBy(b).slice(3), ['m1', 'm2', 'set b'], 'the same records, at their own numbers');
    assert.deepEqual(await chain.post('m2', 'm3'), [
      { tier: 'postgres', durable: true },
      { tier: 'postgres', durable: true },
    ]);
    assert.deepEqual(await chain.messages(), ['m1', 'm2', 'm3']);
    a.condition = 'well';
    await chain.probe();
    assert.deepEqual(heldBy(a), heldBy(b));
    const [made] = chain.made;
    assert.deepEqual([made!.shown, made!.records.map(nameOf)], [false, ['m1', 'm2']]);
  }
});

test('[FB-5] a tier that was given up and does it all the same is asked, and has nothing twice', async () => {
  for (const lands of [true, false]) {
    const { a, b, chain } = await pair();
    a.condition = 'hanging';
    await chain.post('m1');
    await chain.post('m2');
    await chain.probe();
    assert.equal(chain.states, 'a down, b member, memory: standby', 'nothing is given to a tier that still hangs');
    assert.equal(a.undecided, 1);
    a.condition = 'well';
    await a.settle(lands);
    await chain.post('m3');
    await chain.probe();
    assert.equal(chain.states, 'a member, b member, memory: standby');
    assert.deepEqual(heldBy(a), [...BEGUN, 'm1', 'set b', 'm2', 'm3', 'set a+b']);
    assert.deepEqual(heldBy(b), heldBy(a));
  }
});

test('[FB-5] what a tier did late under the tail is counted, and only the rest is given to it', async () => {
  const { a, b, chain } = await pair();
  a.condition = 'down';
  b.condition = 'hanging';
  assert.deepEqual(await chain.post('m1'), [{ tier: 'memory', durable: false }]);
  await chain.post('m2');
  await b.settle(true);
  assert.deepEqual(await chain.messages(), ['m1', 'm2'], 'once, though the tier below has it by now');
  await chain.post('m3');
  b.condition = 'well';
  await chain.probe();
  assert.deepEqual(heldBy(b).slice(3), ['m1', 'm2', 'm3', 'set b']);
  assert.deepEqual(await chain.messages(), ['m1', 'm2', 'm3']);
});
