import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { tempDir } from '../../../test/support/temp-dir.ts';
import { ERRORS, GuichetError } from '../../domain/errors.ts';
import type { Store } from '../../domain/store.ts';
import { answers } from '../contract/answers.ts';
import { FileStore } from '../file/file-store.ts';
import { MemoryStore } from '../memory/memory-store.ts';
import { disksNamed, FakeChain, type FakeChainOptions, heldBy, nameOf } from './testing/fake-chain.ts';
import type { FakeDisk } from './testing/fake-disk.ts';
import { FaultyStore } from './testing/faulty-store.ts';
import { TieredStore } from './tiered-store.ts';

/** A chain of `a` and `b` that ran, with a conversation and a message, and ended without a word. */
const ended = async (options: FakeChainOptions = {}) => {
  const [a, b] = disksNamed('a', 'b');
  const chain = await new FakeChain([a!, b!], options).begin();
  await chain.post('m0');
  return { a: a!, b: b!, chain };
};

/** The same after one of them was away while more was written. */
const parted = async (ahead: 'a' | 'b') => {
  const { a, b, chain } = await ended();
  const [best, other] = ahead === 'a' ? [a, b] : [b, a];
  other.condition = 'down';
  await chain.post('m1');
  await chain.post('m2');
  chain.crash();
  other.condition = 'well';
  return { a, b, best, other };
};

const open = async (disks: readonly FakeDisk[], options: FakeChainOptions = {}) => {
  const chain = new FakeChain(disks, options);
  await chain.open();
  return chain;
};

describe('starting', () => {
  test('[FB-6] tiers that disagree: the set goes by the newest record of it, whoever of them is ahead', async () => {
    for (const ahead of ['a', 'b'] as const) {
      const { a, b, best, other } = await parted(ahead);
      const chain = await open([a, b]);
      assert.deepEqual(await chain.messages(), ['m0', 'm1', 'm2']);
      assert.deepEqual(await chain.post('m3'), [{ tier: 'postgres', durable: true }]);
      await chain.probe();
      assert.equal(chain.states, 'a member, b member, memory: standby');
      assert.deepEqual(heldBy(other), heldBy(best));
      assert.deepEqual(await answers(other.inner!), await answers(best.inner!));
    }
  });

  test('[FB-6] members that stand at different places: all of what any holds is the log, before anything new', async () => {
    for (const ahead of ['a', 'b'] as const) {
      const { a, b, chain } = await ended();
      const [best, other] = ahead === 'a' ? [a, b] : [b, a];
      // The process ends while the batch is on one of them only: nobody was told, and nobody could be told otherwise.
      other.condition = 'hanging';
      void chain.send('m1').catch(() => {});
      for (let i = 0; i < 5; i += 1) await new Promise((resolve) => setImmediate(resolve));
      chain.crash();
      other.condition = 'well';
      assert.deepEqual([best.position - other.position, other.undecided], [1, 1]);
      const again = await open([a, b]);
      assert.deepEqual(heldBy(other), heldBy(best), 'level before anything is acknowledged');
      assert.deepEqual(await again.post('m1'), [{ tier: 'postgres', durable: true }]);
      assert.deepEqual(await again.messages(), ['m0', 'm1']);
    }
  });

  test('[FB-6] a tail that a member lost, for it was never synced, is filled in again from the others', async () => {
    const { a, b, chain } = await ended();
    await chain.post('m1');
    await chain.post('m2');
    chain.crash();
    a.batches.splice(-1);
    const again = await open([a, b]);
    assert.deepEqual(heldBy(a), heldBy(b));
    assert.deepEqual(await again.messages(), ['m0', 'm1', 'm2']);
  });

  test('[FB-2] [FB-6] one that joins is told when a former member says so, and cannot go on alone before', async () => {
    const { a, b, chain } = await ended();
    a.condition = 'full';
    await chain.post('m1');
    a.condition = 'well';
    const take = b.take.bind(b);
    b.take = async () => {
      // It fills up just before the record by which a is in the set again.
      b.condition = 'full';
      throw new GuichetError('storage_full');
    };
    await chain.probe();
    assert.equal(heldBy(a).at(-1), 'set b', 'a was given nothing by which it could go on');
    await chain.post('m2');
    chain.crash();
    a.condition = 'down';
    b.condition = 'well';
    b.take = take;
    const next = await open([a, b]);
    assert.deepEqual(await next.post('m2'), [{ tier: 'postgres', durable: true }], 'the former set goes on without it');
    a.condition = 'well';
    await next.probe();
    await next.probe();
    assert.deepEqual(heldBy(a), heldBy(b));
    assert.deepEqual(await next.messages(), ['m0', 'm1', 'm2']);
  });

  test('[FB-6] every start fences what the one before still had under way', async () => {
    const { a, b, chain } = await ended();
    a.condition = 'hanging';
    await chain.post('m1');
    chain.crash();
    a.condition = 'well';
    const again = await open([a, b]);
    await a.settle(true);
    await again.post('m2');
    await again.probe();
    assert.deepEqual(heldBy(a), heldBy(b));
    assert.deepEqual(
      heldBy(a).filter((name) => name.startsWith('m')),
      ['m0', 'm1', 'm2'],
    );
  });

  test('[FB-7] the tier that is known to be level goes on alone', async () => {
    const { a, b, best, other } = await parted('b');
    other.condition = 'down';
    const chain = await open([a, b]);
    assert.equal(chain.store.health().complete, true);
    assert.deepEqual(await chain.post('m3'), [{ tier: 'postgres', durable: true }]);
    assert.deepEqual(await chain.messages(), ['m0', 'm1', 'm2', 'm3']);
    assert.equal(best, b);
  });

  test('[FB-7] one that is not serves what it has, takes no write, and goes on once the missing one is there', async () => {
    const { a, b, best, other } = await parted('a');
    best.condition = 'down';
    const chain = await open([a, b]);
    const { complete, writes, state } = chain.store.health();
    assert.deepEqual([complete, writes, state], [false, 'none', 'degraded']);
    assert.deepEqual(await chain.messages(), ['m0']);
    await assert.rejects(chain.post('m3'), { code: 'unavailable', message: /^A store that may hold newer messages/ });
    await chain.probe();
    assert.deepEqual(chain.told.slice(0, 2), ['a failed', 'a not proven']);
    assert.deepEqual(heldBy(other).at(-1), 'm0', 'nothing was written to it');

    best.condition = 'well';
    await chain.probe();
    assert.equal(chain.store.health().complete, true);
    assert.deepEqual(await chain.messages(), ['m0', 'm1', 'm2']);
    const news = chain.made.flatMap(({ records, shown }) => (shown ? [] : records.map(nameOf)));
    assert.deepEqual(news, ['m1', 'set a', 'm2'], 'what nobody could be shown before is told now');
    assert.deepEqual(await chain.post('m3'), [{ tier: 'postgres', durable: true }]);
    await chain.probe();
    assert.deepEqual(heldBy(other), heldBy(best));
  });

  test('[FB-7] the owner may give a missing tier up; then the set goes on without it for good', async () => {
    const { a, b, best } = await parted('a');
    best.condition = 'down';
    const chain = await open([a, b], { leaveBehind: ['a'] });
    assert.deepEqual(await chain.post('m3'), [{ tier: 'postgres', durable: true }]);
    assert.deepEqual(heldBy(b).slice(-2), ['set b', 'm3']);
    chain.crash();
    const again = await open([a, b]);
    assert.equal(again.store.health().complete, true, 'it need not be said twice');
    assert.deepEqual(await again.messages(), ['m0', 'm3']);
  });

  test('[FB-7] a tier that is in the list no more is missed all the same', async () => {
    const { b } = await parted('a');
    const chain = await open([b]);
    assert.equal(chain.store.health().complete, false);
    await assert.rejects(chain.post('m3'), { code: 'unavailable' });
  });

  test('[FB-7] when nobody knows the log and a tier does not answer, nothing begins', async () => {
    const [a, b] = disksNamed('a', 'b');
    for (const condition of ['down', 'silent'] as const) {
      a!.condition = condition;
      await assert.rejects(open([a!, b!]), { code: 'unavailable' });
      assert.equal(b!.log, undefined, 'not even an identity');
    }
    a!.condition = 'well';
    const chain = await new FakeChain([a!, b!]).begin();
    assert.equal(chain.states, 'a member, b member, memory: standby');
  });

  test('[FB-7] a log that never was in a chain is only begun with when all tiers answer', async () => {
    const [a, b] = disksNamed('a', 'b');
    const alone = await new FakeChain([a!]).begin();
    await alone.post('m0');
    await alone.store.close();
    b!.condition = 'down';
    const chain = await open([b!, a!]);
    assert.equal(chain.store.health().complete, false);
    assert.deepEqual(await chain.messages(), ['m0']);
    await assert.rejects(chain.post('m1'), { code: 'unavailable' });
    b!.condition = 'well';
    await chain.probe();
    await chain.probe();
    assert.deepEqual(heldBy(b!), heldBy(a!));
    await chain.post('m1');
  });

  test('[FB-9] an empty tier is filled, whatever its place in the list, also one whose disk was replaced', async () => {
    for (const emptied of ['a', 'b'] as const) {
      const { a, b, chain } = await ended();
      await chain.store.close();
      const [empty, full] = emptied === 'a' ? [a, b] : [b, a];
      const former = empty.keeper;
      empty.wipe();
      const again = await open([a, b]);
      // It is another keeper than the one the record names, so that one is missed.
      assert.notEqual(empty.keeper, former);
      assert.equal(again.store.health().complete, false);
      again.crash();
      const told = await open([a, b], { leaveBehind: [empty.name] });
      assert.deepEqual(await told.messages(), ['m0']);
      await told.probe();
      assert.deepEqual(heldBy(empty), heldBy(full));
    }
  });

  test('[FB-16] a start that is not proven answers for what it lacks that it cannot tell', async () => {
    const { a, b, best } = await parted('a');
    best.condition = 'down';
    const { store } = await open([a, b]);
    assert.equal((await store.conversation('c1'))!.conversation.id, 'c1');
    assert.equal((await store.entry('contact', 'anna'))!.id, 'anna');
    for (const asked of [
      () => store.conversation('c2'),
      () => store.messages('c2', { limit: 5 }),
      () => store.entry('session', 'somebody'),
      () => store.agentByEmail('claire@example.org'),
    ]) {
      await assert.rejects(asked, { code: 'unavailable' });
    }
  });
});

describe('refusals', () => {
  const chainOf = (...stores: (() => Store)[]) => new TieredStore(stores, { probeMs: 0 });

  test('[FB-8] a list that is no chain is refused with a sentence', () => {
    const [a, b] = disksNamed('a', 'b');
    const fake = (disk: FakeDisk) => () => new FaultyStore(disk);
    const memory = () => new MemoryStore();
    const refused = (list: (() => Store)[], message: RegExp) =>
      assert.throws(() => chainOf(...list), { code: 'refused', message });
    refused([fake(a!), fake(b!), fake(a!)], /^a is twice in the chain/);
    refused([memory, fake(a!)], /last store/);
    refused([memory], /keeps what it is given/);
    refused([], /keeps what it is given/);
  });

  test('[FB-8] a tier of another log stops the start, and stays as it was', async () => {
    const { a, b, chain } = await ended();
    await chain.store.close();
    const [other] = disksNamed('other');
    const alone = await new FakeChain([other!]).begin();
    await alone.store.close();
    const held = heldBy(other!);
    for (const disks of [
      [a, b, other!],
      [other!, a, b],
    ]) {
      await assert.rejects(open(disks), { code: 'refused', message: /keeps another log/ });
    }
    assert.deepEqual(heldBy(other!), held);
  });

  test('[FB-8] a tier of another log that comes back while the chat runs stays out, and the chat goes on', async () => {
    const { a, b, chain } = await ended();
    b.condition = 'down';
    await chain.post('m1');
    chain.crash();
    const again = await open([a, b]);
    b.wipe();
    b.log = { id: 'another', rewinds: 0 };
    b.condition = 'well';
    await again.probe();
    await again.post('m2');
    assert.equal(again.states, 'a member, b down, memory: standby');
    assert.match(again.store.health().tiers![1]!.lastError!, /keeps another log/);
    assert.deepEqual(b.batches, []);
  });

  test('[FB-8] two tiers that are copies of one another are refused', async () => {
    const { a, b, chain } = await ended();
    await chain.store.close();
    b.keeper = a.keeper;
    await assert.rejects(open([a, b]), { code: 'refused', message: /a and b are the same store/ });
  });

  test('[FB-8] two tiers on one directory are refused, by whatever names', async (t) => {
    const directory = tempDir(t);
    const file = (path: string) => () => new FileStore({ directory: path, snapshotEverySeconds: 0 });
    const store = chainOf(file(directory), file(`${directory}/../${directory.split('/').at(-1)}`));
    await assert.rejects(() => store.open(), { code: 'refused' });
    await store.close();
  });

  test('[FB-8] a member that another writer took over stops all writing; what is there can still be read', async () => {
    const { a, b, chain } = await ended();
    const thief = new FaultyStore(a);
    await thief.open();
    await assert.rejects(chain.post('m1'), { code: 'fenced', message: ERRORS.fenced.title });
    await assert.rejects(chain.post('m2'), { code: 'fenced' });
    assert.deepEqual(chain.told, ['a fenced', 'a failed']);
    assert.equal(chain.store.health().writes, 'none');
    assert.match(chain.store.health().lastError!, /^Another writer holds a\./);
    assert.ok(!heldBy(b).includes('m2'));
    assert.equal((await chain.messages())[0], 'm0');
    await thief.close();
  });

  test('[FB-8] a start that is refused lets go of everything it had opened', async () => {
    const { a, b, chain } = await ended();
    await chain.store.close();
    const [other] = disksNamed('other');
    other!.log = { id: 'another', rewinds: 0 };
    await assert.rejects(open([a, b, other!]), { code: 'refused' });
    assert.deepEqual([a.inner, b.inner], [undefined, undefined]);
    await open([a, b]);
  });
});
