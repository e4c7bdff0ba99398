import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { aMessage } from '../../test/support/scripted-server.ts';
import type { Posted } from './api.ts';
import { ClientError, networkError } from './client-error.ts';
import { checkPosted, Outbox } from './outbox.ts';
import { MemoryOutboxStorage, type OutboxEntry, type OutboxStorage } from './outbox-storage.ts';

const draft = (id: string, more: Partial<Omit<OutboxEntry, 'order' | 'scope' | 'status'>> = {}) =>
  ({ id, conversationId: 'c1', content: `text of ${id}`, kind: 'message', createdAt: '', ...more }) as const;

const acknowledge = (entry: OutboxEntry, durable = true): Posted => ({
  message: aMessage(1, { id: entry.id, content: entry.content, durable }),
  stored: { tier: durable ? 'file' : 'memory', durable },
});

/** An outbox whose deliveries the test answers one by one. */
const scripted = (storage: OutboxStorage = new MemoryOutboxStorage()) => {
  const calls: { entry: OutboxEntry; resolve: (posted: Posted) => void; reject: (error: Error) => void }[] = [];
  const outbox = new Outbox({
    storage,
    scope: 'test',
    random: () => 0,
    deliver: (entry) => {
      const { promise, resolve, reject } = Promise.withResolvers<Posted>();
      calls.push({ entry, resolve, reject });
      return promise;
    },
  });
  return { outbox, calls, storage, sent: () => calls.map(({ entry }) => entry.id) };
};

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('[CL-1] an entry is written down before it is sent', async () => {
  const storage = new MemoryOutboxStorage();
  const gate = Promise.withResolvers<void>();
  const put = storage.put.bind(storage);
  storage.put = async (entry) => {
    await gate.promise;
    await put(entry);
  };
  const { outbox, calls } = scripted(storage);
  void outbox.add(draft('1'));
  await settled();
  assert.equal(outbox.entries().length, 1, 'shown at once');
  assert.equal(calls.length, 0, 'not sent before it is written down');
  gate.resolve();
  await settled();
  assert.equal(calls.length, 1);
});

test('[CL-1] messages of a conversation go one after the other; conversations do not wait for each other', async () => {
  const { outbox, calls, sent } = scripted();
  await outbox.add(draft('1'));
  await outbox.add(draft('2'));
  await outbox.add(draft('3', { conversationId: 'c2' }));
  await settled();
  assert.deepEqual(sent(), ['1', '3']);
  calls[0]!.resolve(acknowledge(calls[0]!.entry));
  await settled();
  assert.deepEqual(sent(), ['1', '3', '2']);
});

test('[CL-1] only a durable acknowledgement takes an entry out', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { outbox, calls, storage } = scripted();
  await outbox.add(draft('1'));
  await settled();
  calls[0]!.resolve(acknowledge(calls[0]!.entry, false));
  await settled();
  assert.equal(outbox.get('1')?.status, 'unsaved');
  assert.equal((await storage.load('test')).length, 1);
  await outbox.settle(['1']);
  assert.equal(outbox.get('1'), undefined);
  assert.equal((await storage.load('test')).length, 0);
  outbox.close();
});

test('a message behind one that is not durable yet does not wait for it', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { outbox, calls, sent } = scripted();
  await outbox.add(draft('1'));
  await settled();
  calls[0]!.resolve(acknowledge(calls[0]!.entry, false));
  await settled();
  await outbox.add(draft('2'));
  await settled();
  assert.deepEqual(sent(), ['1', '2']);
  calls[1]!.resolve(acknowledge(calls[1]!.entry));
  await settled();
  t.mock.timers.tick(15_000);
  await settled();
  assert.deepEqual(sent(), ['1', '2', '1'], 'and the first is asked about in its own time');
  outbox.close();
});

test('a server that held it in memory is asked again after a reconnect, under the same id', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { outbox, calls, sent } = scripted();
  await outbox.add(draft('1'));
  await settled();
  calls[0]!.resolve(acknowledge(calls[0]!.entry, false));
  await settled();
  await outbox.resume();
  await settled();
  assert.deepEqual(sent(), ['1', '1']);
  calls[1]!.resolve(acknowledge(calls[1]!.entry));
  await settled();
  assert.equal(outbox.entries().length, 0);
});

for (const [code, retry] of [
  ['network', 'later'],
  ['unavailable', 'later'],
  ['storage_full', 'later'],
  ['overloaded', 'later'],
  ['too_many_requests', 'later'],
  ['too_slow', 'now'],
  ['unauthorized', 'never'],
] as const) {
  test(`[CL-1] ${code} is tried again for ever, under the same id`, async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const { outbox, calls, sent } = scripted();
    await outbox.add(draft('1'));
    await outbox.add(draft('2'));
    for (let round = 0; round < 30; round++) {
      await settled();
      assert.equal(calls.length, round + 1);
      calls[round]!.reject(new ClientError(code, code, retry));
      await settled();
      t.mock.timers.tick(10_000);
    }
    await settled();
    calls[30]!.resolve(acknowledge(calls[30]!.entry));
    await settled();
    assert.equal(outbox.get('1'), undefined);
    assert.deepEqual(new Set(sent().slice(0, 31)), new Set(['1']), 'the second waits for the first');
    outbox.close();
  });
}

for (const code of ['invalid', 'id_taken', 'forbidden', 'not_found', 'too_large']) {
  test(`[CL-3] ${code} makes it failed, with its text, and the next one goes on`, async () => {
    const { outbox, calls, storage, sent } = scripted();
    await outbox.add(draft('1'));
    await outbox.add(draft('2'));
    await settled();
    calls[0]!.reject(new ClientError(code, code, 'never'));
    await settled();
    const entry = outbox.get('1')!;
    assert.deepEqual([entry.status, entry.error, entry.content], ['failed', code, 'text of 1']);
    assert.equal((await storage.load('test'))[0]!.status, 'failed', 'also after a reload');
    assert.deepEqual(sent(), ['1', '2']);
    await outbox.retry('1');
    calls[1]!.resolve(acknowledge(calls[1]!.entry));
    await settled();
    assert.deepEqual(sent(), ['1', '2', '1']);
  });
}

test('[CL-3] a failed entry can be discarded; one on its way cannot', async () => {
  const { outbox, calls, storage } = scripted();
  await outbox.add(draft('1'));
  await settled();
  await outbox.discard('1');
  assert.equal(outbox.entries().length, 1);
  calls[0]!.reject(new ClientError('invalid', '', 'never'));
  await settled();
  await outbox.discard('1');
  assert.equal(outbox.entries().length, 0);
  assert.equal((await storage.load('test')).length, 0);
});

test('the wish of the server to be left alone is honoured', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { outbox, calls } = scripted();
  await outbox.add(draft('1'));
  await settled();
  calls[0]!.reject(new ClientError('overloaded', '', 'later', { retryAfterMs: 7000 }));
  await settled();
  t.mock.timers.tick(6999);
  await settled();
  assert.equal(calls.length, 1);
  t.mock.timers.tick(1);
  await settled();
  assert.equal(calls.length, 2);
  outbox.close();
});

test('[CL-1] what an earlier page left behind is sent by the next, in order and under its ids', async () => {
  const first = scripted();
  await first.outbox.add(draft('1'));
  await first.outbox.add(draft('2'));
  first.outbox.close();
  const second = scripted(first.storage);
  await second.outbox.resume();
  await settled();
  second.calls[0]!.resolve(acknowledge(second.calls[0]!.entry));
  await settled();
  assert.deepEqual(second.sent(), ['1', '2']);
});

test("[CL-5] another person's outbox in the same browser is left alone", async () => {
  const { outbox, storage, sent } = scripted();
  await storage.put({ ...draft('9'), order: 1, scope: 'somebody else', status: 'queued' });
  await outbox.resume();
  await settled();
  assert.deepEqual(sent(), []);
});

test('[CL-4] a storage that fails does not keep a message from being sent, and is told', async () => {
  const storage = new MemoryOutboxStorage();
  Object.assign(storage, { persistent: true });
  const refusals = (['load', 'put', 'remove'] as const).map((method) =>
    mock.method(storage, method, async () => {
      throw new Error('QuotaExceededError');
    }),
  );
  const { outbox, calls } = scripted(storage);
  assert.equal(outbox.persistent, true);
  await outbox.add(draft('1'));
  await outbox.add(draft('2'));
  await settled();
  assert.equal(outbox.persistent, false);
  calls[0]!.resolve(acknowledge(calls[0]!.entry));
  await settled();
  assert.deepEqual(
    outbox.entries().map(({ id }) => id),
    ['2'],
  );
  // There is room again: what waits is written down after all.
  for (const refusal of refusals) refusal.mock.restore();
  await outbox.resume();
  assert.equal(outbox.persistent, true);
  assert.equal((await storage.load('test')).length, 1);
});

test('an answer that is not the acknowledgement of this message acknowledges nothing', () => {
  const entry: OutboxEntry = { ...draft('1'), order: 1, scope: 'test', status: 'queued' };
  const other = acknowledge({ ...entry, id: '2' });
  for (const answer of [{}, other, { message: other.message }, { message: aMessage(1, { id: '1' }) }]) {
    assert.throws(() => checkPosted(entry, answer), { code: networkError().code, retry: 'later' });
  }
});
