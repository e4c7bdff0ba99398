import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { BrowserStorage } from '../../test/support/browser-storage.ts';
import { aMessage } from '../../test/support/scripted-server.ts';
import type { Posted } from './api.ts';
import { ClientError, networkError } from './client-error.ts';
import { Outbox } from './outbox.ts';
import type { OutboxEntry } from './outbox-storage.ts';

const draft = (id: string, conversationId = 'c1') =>
  ({ id, conversationId, content: `text of ${id}`, kind: 'message', createdAt: '' }) as const;

interface Call {
  tab: number;
  entry: OutboxEntry;
  answer: (durable?: boolean) => void;
  reject: (error: Error) => void;
}

/** Tabs of one browser, and the calls that they make, whichever makes them. */
const openBrowser = (t: TestContext) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const browser = new BrowserStorage();
  const calls: Call[] = [];
  const open = (tab: number, scope = 'anna') => {
    const storage = browser.openTab();
    const posted: string[] = [];
    const deliver = (entry: OutboxEntry): Promise<Posted> => {
      const { promise, resolve, reject } = Promise.withResolvers<Posted>();
      const answer = (durable = true): void => {
        const message = aMessage(1, { id: entry.id, content: entry.content, durable });
        resolve({ message, stored: { tier: durable ? 'file' : 'memory', durable } });
      };
      calls.push({ tab, entry, answer, reject });
      return promise;
    };
    const outbox = new Outbox({ storage, scope, random: () => 0, deliver });
    outbox.on('posted', ({ id }) => posted.push(id));
    t.after(() => outbox.close());
    return { outbox, storage, posted, shown: () => outbox.entries().map(({ id, status }) => [id, status]) };
  };
  return { browser, calls, open, sent: () => calls.map(({ tab, entry }) => [tab, entry.id]) };
};

const settled = async (): Promise<void> => {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
};

test('[CL-2] what the feed brings before the answer is told to all tabs as well as what an answer brings', async (t) => {
  const { open, calls } = openBrowser(t);
  const [first, second] = [open(1), open(2)];
  await first.outbox.add(draft('a'));
  await settled();
  await first.outbox.settle(['a'], aMessage(1, { id: 'a' }));
  await settled();
  assert.deepEqual([second.shown(), second.posted], [[], ['a']]);
  calls[0]!.answer();
  await settled();
  assert.deepEqual(second.posted, ['a'], 'once');
});

test('[CL-2] all tabs show the same, and one of them sends', async (t) => {
  const { open, calls, sent } = openBrowser(t);
  const [first, second] = [open(1), open(2)];
  await first.outbox.add(draft('a'));
  await settled();
  assert.deepEqual(second.shown(), [['a', 'queued']]);
  await second.outbox.add(draft('b'));
  await settled();
  assert.deepEqual(first.shown(), [
    ['a', 'queued'],
    ['b', 'queued'],
  ]);
  assert.deepEqual(sent(), [[1, 'a']], 'one at a time, in the order of writing, whichever tab it was written in');
  calls[0]!.answer();
  await settled();
  assert.equal(calls[1]!.entry.id, 'b');
  calls[1]!.answer();
  await settled();
  assert.equal(calls.length, 2, 'once each');
  for (const tab of [first, second]) {
    assert.deepEqual(tab.shown(), []);
    assert.deepEqual(tab.posted, ['a', 'b'], 'both tabs have what takes its place');
  }
});

test('[CL-2] a tab that crashes while it sends leaves its turn, and the entry, to the others', async (t) => {
  const { open, calls, sent } = openBrowser(t);
  const [first, second] = [open(1), open(2)];
  await first.outbox.add(draft('a'));
  await settled();
  first.storage.crash();
  await settled();
  assert.deepEqual(sent(), [
    [1, 'a'],
    [2, 'a'],
  ]);
  calls[1]!.answer();
  await settled();
  assert.deepEqual(second.shown(), []);
});

test('[CL-2] what is retried or discarded in one tab is so in all, and does not come back', async (t) => {
  const { browser, open, calls, sent } = openBrowser(t);
  const [first, second] = [open(1), open(2)];
  await first.outbox.add(draft('a'));
  await settled();
  calls[0]!.reject(new ClientError('invalid', '', 'never'));
  await settled();
  assert.deepEqual(second.shown(), [['a', 'failed']]);
  await second.outbox.retry('a');
  await settled();
  assert.deepEqual(first.shown(), [['a', 'queued']]);
  calls[1]!.reject(new ClientError('invalid', '', 'never'));
  await settled();
  await first.outbox.discard('a');
  await settled();
  await second.outbox.resume();
  await settled();
  assert.deepEqual(second.shown(), []);
  assert.equal(browser.entries.size, 0);
  assert.equal(sent().length, 2);
});

test('[CL-2] of several tabs one asks about what is not durable yet, and the others take its answer', async (t) => {
  const { open, calls, sent } = openBrowser(t);
  const [first, second] = [open(1), open(2)];
  await first.outbox.add(draft('a'));
  await settled();
  calls[0]!.answer(false);
  await settled();
  for (const tab of [first, second]) assert.deepEqual(tab.shown(), [['a', 'unsaved']]);
  t.mock.timers.tick(15_000);
  await settled();
  assert.equal(sent().length, 2);
  calls[1]!.answer(false);
  await settled();
  assert.equal(sent().length, 2, 'the second tab has heard the answer to the first');
  t.mock.timers.tick(15_000);
  await settled();
  calls[2]!.answer();
  await settled();
  for (const tab of [first, second]) assert.deepEqual(tab.shown(), []);
  assert.equal(sent().length, 3);
});

test('[CL-1] the order is that of writing, when the clock was set back in between and the page loaded again', async (t) => {
  const { open, calls, sent } = openBrowser(t);
  const before = open(1);
  await before.outbox.add(draft('0192-later'));
  await settled();
  calls[0]!.reject(networkError());
  before.storage.crash();
  before.outbox.close();
  const after = open(2);
  await after.outbox.resume();
  await after.outbox.add(draft('0191-earlier'));
  await settled();
  assert.deepEqual(
    after.shown().map(([id]) => id),
    ['0192-later', '0191-earlier'],
  );
  calls[1]!.answer();
  await settled();
  assert.deepEqual(sent().slice(1), [
    [2, '0192-later'],
    [2, '0191-earlier'],
  ]);
});

test('[CL-3] a refusal that comes after the feed has shown the message stored brings nothing back', async (t) => {
  const { browser, open, calls } = openBrowser(t);
  const tab = open(1);
  await tab.outbox.add(draft('a'));
  await settled();
  await tab.outbox.settle(['a']);
  calls[0]!.reject(new ClientError('id_taken', '', 'never'));
  await settled();
  assert.deepEqual(tab.shown(), []);
  assert.equal(browser.entries.size, 0);
});

test('[CL-5] tabs of another person neither show it nor send it', async (t) => {
  const { open, calls, sent } = openBrowser(t);
  const [anna, bruno] = [open(1, 'anna'), open(2, 'bruno')];
  await anna.outbox.add(draft('a'));
  await settled();
  anna.outbox.close();
  calls[0]!.reject(networkError());
  await bruno.outbox.resume();
  await settled();
  t.mock.timers.tick(60_000);
  await settled();
  assert.deepEqual(bruno.shown(), []);
  assert.deepEqual(sent(), [[1, 'a']]);
});
