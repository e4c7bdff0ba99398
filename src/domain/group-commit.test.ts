import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GuichetError } from './errors.ts';
import { GroupCommit, type GroupCommitOptions } from './group-commit.ts';
import type { Batch, Commitment, LogHead, Store, View, ViewRequest } from './store.ts';
import { post, start } from './testing/changes.ts';
import { ANNA, BRUNO, CLAIRE, Ledger } from './testing/ledger.ts';

const HELD: Commitment = { tier: 'file', durable: true };
/** How something that was there before is held: told apart from the batch in hand. */
const HELD_BEFORE: Commitment = { tier: 'memory', durable: false };
const log = { id: 'log', rewinds: 0 };

/** A store that answers when the test says so, and writes down what it was asked. */
class ScriptedStore {
  readonly events: string[] = [];
  readonly batches: Batch[] = [];
  readonly head: LogHead;
  readonly #ledger = new Ledger();
  #waiting: { resolve: (commitment: Commitment) => void; reject: (error: Error) => void; batch: Batch } | undefined;
  #asked = Promise.withResolvers<void>();
  failView: Error | undefined;

  constructor() {
    this.#ledger.write(start(ANNA, 'c1'));
    this.head = { log, epoch: 3, position: this.#ledger.position, time: 0 };
  }

  async view(_request: ViewRequest): Promise<View> {
    this.events.push('view');
    if (this.failView !== undefined) throw this.failView;
    const changes = ['m1', 'm2'].map((id) => post(ANNA, 'c1', id));
    return { ...this.#ledger.view([...changes, start(BRUNO, 'b1')]), head: { ...this.head, position: this.position } };
  }

  holder(): Commitment {
    return HELD_BEFORE;
  }

  get position(): number {
    return this.batches.at(-1)?.through ?? this.head.position;
  }

  append(batch: Batch): Promise<Commitment> {
    this.events.push(`append ${batch.records.length}`);
    assert.equal(this.#waiting, undefined, 'one append at a time');
    const { promise, resolve, reject } = Promise.withResolvers<Commitment>();
    this.#waiting = { resolve, reject, batch };
    this.#asked.resolve();
    return promise;
  }

  /** Resolves when an append is under way. */
  async asked(): Promise<Batch> {
    await this.#asked.promise;
    return this.#waiting!.batch;
  }

  hold(): void {
    const { resolve, batch } = this.#take();
    this.batches.push(batch);
    resolve(HELD);
  }

  fail(error: Error): void {
    this.#take().reject(error);
  }

  #take() {
    const waiting = this.#waiting!;
    this.#waiting = undefined;
    this.#asked = Promise.withResolvers();
    return waiting;
  }
}

const begun = (options: GroupCommitOptions = {}) => {
  const store = new ScriptedStore();
  const queue = new GroupCommit(store as unknown as Store, store.head, {
    now: () => 1,
    onCommitted: ({ records }) => store.events.push(`broadcast ${records.length}`),
    ...options,
  });
  const told: string[] = [];
  /** Submits a post and notes how often and how it is settled. */
  const submit = (id: string, more: Parameters<typeof post>[3] = {}) =>
    queue.submit(post(ANNA, 'c1', id, more), (error, done, commitment) => {
      const verdict = error === undefined ? `${done!.repeated ? 'again' : 'held'} ${commitment!.tier}` : error.code;
      told.push(`${id} ${verdict}`);
      store.events.push(`told ${id}`);
    });
  return { store, queue, submit, told };
};

test('[LG-61] what arrives in one turn shares a batch; what arrives meanwhile is the next one', async () => {
  const { store, queue, submit, told } = begun();
  submit('m1');
  submit('m2');
  assert.equal(queue.depth, 2);
  const first = await store.asked();
  assert.equal(first.records.length, 2);
  assert.deepEqual([first.after, first.through, first.epoch], [store.head.position, store.head.position + 2, 3]);
  submit('m3');
  submit('m4');
  submit('m5');
  assert.deepEqual(store.events, ['view', 'append 2'], 'nothing begins while a batch is in hand');
  assert.equal(queue.depth, 3);
  store.hold();
  const second = await store.asked();
  assert.equal(second.after, first.through);
  assert.equal(second.records.length, 3);
  store.hold();
  await queue.close();
  assert.deepEqual(told, ['m1 held file', 'm2 held file', 'm3 held file', 'm4 held file', 'm5 held file']);
});

test('[LG-61] a batch has a bound; the rest follows in order', async () => {
  const { store, queue, submit, told } = begun();
  for (let i = 0; i < 5000; i += 1) submit(`p${i}`);
  assert.equal((await store.asked()).records.length, 4096);
  store.hold();
  assert.equal((await store.asked()).records.length, 904);
  store.hold();
  await queue.close();
  assert.equal(told.length, 5000);
  assert.equal(told[4096], 'p4096 held file');
});

test('[LG-61] a batch has a bound in bytes, and a change larger than that goes alone', async () => {
  const { store, queue, submit } = begun();
  const content = 'x'.repeat(1_500_000);
  for (const id of ['p1', 'p2', 'p3', 'p4']) submit(id, { content });
  const sizes: number[] = [];
  for (let i = 0; i < 2; i += 1) {
    sizes.push((await store.asked()).records.length);
    store.hold();
  }
  await queue.close();
  assert.deepEqual(sizes, [2, 2]);
});

test('[LG-62] view, append, acknowledge, broadcast: in this order, batch after batch', async () => {
  const { store, queue, submit } = begun();
  submit('m1');
  await store.asked();
  submit('m2');
  store.hold();
  await store.asked();
  store.hold();
  await queue.close();
  const batch = (id: string) => ['view', 'append 1', `told ${id}`, 'broadcast 1'];
  assert.deepEqual(store.events, [...batch('m1'), ...batch('m2')]);
});

test('[LG-62] what only repeats or is refused is not broadcast, but waits for the store all the same', async () => {
  const { store, queue, submit, told } = begun();
  submit('m1');
  await store.asked();
  queue.submit(post(ANNA, 'nowhere', 'm9'), (error) => told.push(`m9 ${error!.code}`));
  store.hold();
  assert.equal((await store.asked()).records.length, 0);
  assert.deepEqual(told, ['m1 held file'], 'nobody is told before the store has said who holds it');
  store.hold();
  await queue.close();
  assert.deepEqual(told, ['m1 held file', 'm9 not_found']);
  assert.equal(store.events.filter((event) => event.startsWith('broadcast')).length, 1);
});

test('[LG-2] [LG-63] a refused change gets its own error, a repeat is told how the first is held now, the others of its batch are held', async () => {
  const { store, queue, submit, told } = begun();
  submit('m1');
  submit('m1', { content: 'another text' });
  submit('m1');
  queue.submit(post(CLAIRE, 'nowhere', 'm2'), (error) => told.push(`m2 ${error!.code}`));
  submit('m3');
  assert.equal((await store.asked()).records.length, 2);
  store.hold();
  await queue.close();
  assert.deepEqual(told, ['m1 held file', 'm1 id_taken', 'm1 again memory', 'm2 not_found', 'm3 held file']);
});

test('[LG-63] when append fails everybody of the batch is told once, nothing is broadcast, and it goes on', async () => {
  const { store, queue, submit, told } = begun();
  submit('m1');
  submit('m2');
  await store.asked();
  submit('m3');
  store.fail(new GuichetError('storage_full'));
  const next = await store.asked();
  assert.deepEqual(told, ['m1 storage_full', 'm2 storage_full']);
  assert.equal(next.after, store.head.position, 'from a new view: the failed batch took no numbers');
  store.hold();
  await queue.close();
  assert.deepEqual(told, ['m1 storage_full', 'm2 storage_full', 'm3 held file']);
  assert.equal(store.events.filter((event) => event === 'view').length, 2);
  assert.deepEqual(
    store.events.filter((event) => event.startsWith('broadcast')),
    ['broadcast 1'],
  );
});

test('[LG-66] a batch that is fenced because the head moved on is decided again; one fenced where it belongs is not', async () => {
  const { store, queue, submit, told } = begun();
  submit('m1');
  const first = await store.asked();
  const own = { ...first, through: first.after + 1, records: [] };
  store.batches.push(own);
  store.fail(new GuichetError('fenced'));
  const second = await store.asked();
  assert.deepEqual([second.after, second.records.length], [own.through, 1]);
  assert.equal(second.records[0]!.position, own.through + 1);
  assert.deepEqual(told, []);
  store.hold();
  await queue.close();
  assert.deepEqual(told, ['m1 held file']);

  const other = begun();
  other.submit('m1');
  await other.store.asked();
  other.store.fail(new GuichetError('fenced'));
  await other.queue.close();
  assert.deepEqual(other.told, ['m1 fenced']);
});

test('[LG-66] a head that never stands still is given up', async () => {
  const { store, queue, submit, told } = begun();
  submit('m1');
  for (let i = 0; i < 4; i += 1) {
    const { after } = await store.asked();
    store.batches.push({ ...(await store.asked()), through: after + 1, records: [] });
    store.fail(new GuichetError('fenced'));
  }
  await queue.close();
  assert.deepEqual(told, ['m1 fenced']);
});

test('[LG-63] when the view fails everybody of the batch is told once, and nothing is appended', async () => {
  const { store, queue, submit, told } = begun();
  store.failView = new Error('the cable');
  submit('m1');
  submit('m2');
  await queue.close();
  assert.deepEqual(told, ['m1 internal', 'm2 internal']);
  assert.ok(!store.events.some((event) => event.startsWith('append')));
});

test('[LG-63] commit gives the outcome or throws the error', async () => {
  const { store, queue } = begun();
  const held = queue.commit(post(ANNA, 'c1', 'm1'));
  const refused = queue.commit(post(ANNA, 'nowhere', 'm2'));
  const settled = Promise.allSettled([held, refused]);
  await store.asked();
  store.hold();
  const [done, error] = await settled;
  assert.ok(done!.status === 'fulfilled' && error!.status === 'rejected');
  assert.deepEqual(done.value.commitment, HELD);
  assert.equal(done.value.done.message!.value.id, 'm1');
  assert.equal((error.reason as GuichetError).code, 'not_found');
});

test('[LG-64] past the bound in number a change is overloaded at once, and room is made by the next batch', async () => {
  const { store, queue, submit, told } = begun({ maxWaiting: 2 });
  submit('m1');
  await store.asked();
  submit('m2');
  submit('m3');
  submit('m4');
  assert.deepEqual(told, ['m4 overloaded']);
  store.hold();
  await store.asked();
  submit('m5');
  store.hold();
  await store.asked();
  store.hold();
  await queue.close();
  assert.deepEqual(told, ['m4 overloaded', 'm1 held file', 'm2 held file', 'm3 held file', 'm5 held file']);
});

test('[LG-64] past the bound in bytes a change is overloaded at once, a small one still fits', async () => {
  const { store, queue, submit, told } = begun({ maxWaitingBytes: 10_000 });
  submit('m1', { content: 'x'.repeat(3000) });
  submit('m2', { content: 'x'.repeat(3000) });
  submit('m3', { content: 'x' });
  assert.deepEqual(told, ['m2 overloaded']);
  await store.asked();
  submit('m4', { content: 'x'.repeat(3000) });
  store.hold();
  await store.asked();
  store.hold();
  await queue.close();
  assert.deepEqual(told, ['m2 overloaded', 'm1 held file', 'm3 held file', 'm4 held file']);
});

test('[LG-65] close waits for what was accepted and takes no more', async () => {
  const { store, queue, submit, told } = begun();
  submit('m1');
  await store.asked();
  submit('m2');
  let closed = 0;
  const closing = [queue.close(), queue.close()].map((each) => each.then(() => (closed += 1)));
  submit('m3');
  assert.deepEqual(told, ['m3 closing']);
  store.hold();
  await store.asked();
  assert.equal(closed, 0);
  store.hold();
  await Promise.all(closing);
  assert.deepEqual(told, ['m3 closing', 'm1 held file', 'm2 held file']);
  await queue.close();
  await begun().queue.close();
});
