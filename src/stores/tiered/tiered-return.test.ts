import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answers } from '../contract/answers.ts';
import { BEGUN, disksNamed, FakeChain, heldBy, nameOf, pair } from './testing/fake-chain.ts';
import { settled } from './testing/virtual-clock.ts';

test('[FB-10] a tier that is out is filled and joins; a record says so on all of the new set', async () => {
  const { a, b, chain } = await pair();
  a.condition = 'down';
  await chain.post('m1');
  await chain.post('m2');
  a.condition = 'well';
  await chain.probe();
  assert.deepEqual(heldBy(a).slice(3), ['m1', 'set b', 'm2', 'set a+b']);
  assert.deepEqual(heldBy(b), heldBy(a));
  assert.deepEqual(await answers(a.inner!), await answers(b.inner!));
  assert.deepEqual(chain.told, ['a failed', 'a left', 'a joined']);
});

test('[FB-10] it is filled from a log that no longer has its history one by one', async () => {
  const [a, b] = disksNamed('a', 'b');
  const first = await new FakeChain([a!]).begin();
  await first.post('m1', 'm2', 'm3');
  await first.store.close();
  a!.history = 1;
  const { FaultyStore } = await import('./testing/faulty-store.ts');
  const { TieredStore } = await import('./tiered-store.ts');
  const store = new TieredStore([() => new FaultyStore(b!), () => new FaultyStore(a!)], { probeMs: 0 });
  await store.open();
  await store.probe();
  assert.deepEqual(await answers(b!.inner!), await answers(a!.inner!));
  assert.equal(store.health().state, 'open');
  await store.close();
});

test('[FB-10] while it is filled the chat goes on, and nobody waits for a tier that is far behind', async () => {
  const [a, b] = disksNamed('a', 'b');
  const chain = await new FakeChain([a!, b!]).begin();
  b!.condition = 'down';
  await chain.post('m0');
  for (let i = 0; i < 5; i += 1) await chain.post(...Array.from({ length: 500 }, (_, j) => `p${i}.${j}`));
  b!.condition = 'hanging';
  const looked = chain.store.probe();
  await settled();
  assert.equal(b!.undecided, 1, 'its first page is under way');
  assert.deepEqual(await chain.post('m1'), [{ tier: 'postgres', durable: true }]);
  b!.condition = 'well';
  await b!.settle(true);
  await chain.inTime(looked);
  assert.equal(chain.states, 'a member, b member, memory: standby');
  assert.deepEqual(heldBy(b!), heldBy(a!));
});

test('[FB-9] [FB-10] moving house: a new, empty tier at the head is filled, takes over, and the old one can leave', async () => {
  const [old, fresh] = disksNamed('old', 'fresh');
  const before = await new FakeChain([old!]).begin();
  await before.post('m1', 'm2');
  await before.store.close();

  const both = new FakeChain([fresh!, old!], {}, before.clock);
  await both.open();
  await both.post('m3');
  assert.equal(fresh!.position, 0);
  await both.probe();
  assert.deepEqual(heldBy(fresh!), heldBy(old!));
  await both.post('m4');
  await both.store.close();

  const alone = new FakeChain([fresh!], { leaveBehind: ['old'] }, before.clock);
  await alone.open();
  assert.deepEqual(await alone.messages(), ['m1', 'm2', 'm3', 'm4']);
  await alone.post('m5');
  await alone.store.close();
  const again = new FakeChain([fresh!], {}, before.clock);
  await again.open();
  assert.equal(again.store.health().complete, true, 'the old one is needed no more');
});

test('[FB-11] a tier that came back is named again after 3 seconds, and later each time it flaps', async () => {
  const { a, b, chain } = await pair();
  /** Seconds from its return until it is named again. */
  const settles = async (): Promise<number> => {
    a.condition = 'down';
    await chain.post(`x${chain.clock.now()}`);
    a.condition = 'well';
    await chain.probe();
    assert.equal(a.position, b.position, 'it takes part at once');
    assert.equal(chain.store.health().best, 'b');
    let seconds = 0;
    while (chain.store.health().best === 'b') {
      chain.clock.advance(1000);
      seconds += 1;
    }
    return seconds;
  };
  assert.equal(chain.store.health().best, 'a', 'who was there from the start need not wait');
  assert.equal(await settles(), 3);
  assert.equal(await settles(), 6);
  assert.equal(await settles(), 12);
  assert.deepEqual([await settles(), await settles(), await settles(), await settles()], [24, 48, 60, 60]);
  chain.clock.advance(60_000);
  assert.equal(await settles(), 3, 'one that held for a minute flaps no more');
});

test('[FB-11] [FB-17] a clock that is set a day forwards or back moves no tier, no order and no time of a record back', async () => {
  const { a, b, chain } = await pair();
  const DAY = 86_400_000;
  for (const [n, by] of [-DAY, 2 * DAY, -DAY].entries()) {
    a.condition = 'down';
    await chain.post(`before${n}`);
    a.condition = 'well';
    await chain.probe();
    chain.clock.set(by);
    assert.equal(chain.store.health().best, 'b', 'no time has passed');
    await chain.post(`after${n}`);
    chain.clock.advance(60_000);
    assert.equal(chain.store.health().best, 'a', 'a minute has');
    chain.clock.advance(120_000);
  }
  const { records } = await chain.store.recordsSince(0, 100);
  const times = records.map(({ time }) => time);
  assert.deepEqual(
    times,
    times.toSorted((x, y) => x - y),
  );
  const { messages } = await chain.store.messages('c1', { limit: 100 });
  assert.deepEqual(
    messages.map(({ value }) => value.id),
    [0, 1, 2].flatMap((n) => [`before${n}`, `after${n}`]),
  );
  assert.deepEqual(a.position, b.position);
});

test('[FB-12] a tier that was left behind and went on alone stays out, untouched, and it is said', async () => {
  const [a, b] = disksNamed('a', 'b');
  const both = await new FakeChain([a!, b!]).begin();
  await both.store.close();
  for (const [disk, other, id] of [
    [a!, 'b', 'of-a'],
    [b!, 'a', 'of-b'],
  ] as const) {
    const alone = new FakeChain([disk], { leaveBehind: [other] }, both.clock);
    await alone.open();
    await alone.post(id);
    await alone.post(`${id}-2`);
    await alone.store.close();
  }
  const held = heldBy(b!);
  const chain = new FakeChain([a!, b!], { leaveBehind: ['b'] }, both.clock);
  await chain.open();
  await chain.probe();
  await chain.probe();
  assert.equal(chain.states, 'a member, b down, memory: standby');
  assert.deepEqual(heldBy(b!), held);
  assert.deepEqual(
    chain.told.filter((told) => told.endsWith('disagrees')),
    ['b disagrees'],
  );
  assert.match(chain.store.health().tiers![1]!.lastError!, /holds records that the chain does not know/);
  assert.deepEqual(await chain.messages(), ['of-a', 'of-a-2']);
});

test('[FB-13] the tail goes to the first member that takes writes, before anything newer, and it is told', async () => {
  const { a, b, chain } = await pair();
  for (const disk of [a, b]) disk.condition = 'full';
  await chain.post('m1');
  await chain.post('m2');
  b.condition = 'well';
  await chain.probe();
  assert.deepEqual(heldBy(b).slice(3), ['m1', 'm2', 'set b']);
  const [made] = chain.made;
  assert.deepEqual(made!.records.map(nameOf), ['m1', 'm2']);
  assert.deepEqual([made!.shown, made!.commitment], [true, { tier: 'postgres', durable: true }]);
  assert.deepEqual(await chain.post('m1'), [{ tier: 'postgres', durable: true }], 'a repeat is as sure as it is now');
  assert.deepEqual(await chain.post('m3'), [{ tier: 'postgres', durable: true }]);
  a.condition = 'well';
  await chain.probe();
  assert.deepEqual(heldBy(a), heldBy(b));
  assert.equal(chain.store.health().writes, 'durable');
});

test('[FB-13] a member that lacks what another was promised to hold waits for that one', async () => {
  const { a, b, chain } = await pair();
  a.condition = 'full';
  b.condition = 'cutOff';
  await chain.post('m1');
  assert.deepEqual(heldBy(b), [...BEGUN, 'm1']);
  a.condition = 'well';
  await chain.probe();
  // It may lead: nothing was acknowledged as durable that it lacks, and the tail is the same on both.
  assert.deepEqual(heldBy(a).slice(3), ['m1', 'set a']);
  b.condition = 'well';
  await chain.probe();
  assert.deepEqual(heldBy(b), heldBy(a));
});

test('[FB-13] what is in memory is given to a tier once more before the process ends', async () => {
  const { a, b, chain } = await pair();
  for (const disk of [a, b]) disk.condition = 'full';
  await chain.post('m1');
  a.condition = 'well';
  await chain.inTime(chain.store.close());
  assert.deepEqual(heldBy(a).slice(3), ['m1', 'set a']);
});

test('[FB-14] past its bound, by count or by bytes, memory takes nothing more and gives nothing up', async () => {
  for (const tail of [
    { records: 3, bytes: 1 << 20 },
    { records: 1000, bytes: 2200 },
  ]) {
    const { a, b, chain } = await pair({ tail });
    for (const disk of [a, b]) disk.condition = 'full';
    await chain.post('m1', 'm2');
    await chain.post('m3');
    await assert.rejects(chain.post('m4'), { code: 'overloaded' });
    await assert.rejects(chain.post('m4', 'm5'), { code: 'overloaded' });
    assert.deepEqual(await chain.messages(), ['m1', 'm2', 'm3']);
    a.condition = 'well';
    await chain.probe();
    await chain.post('m4');
    assert.deepEqual(heldBy(a).slice(3), ['m1', 'm2', 'm3', 'set a', 'm4']);
  }
});
