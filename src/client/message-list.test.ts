import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aMessage } from '../../test/support/scripted-server.ts';
import { MessageList } from './message-list.ts';

const seqs = (list: MessageList): number[] => list.all.map(({ seq }) => seq);

test('messages stand in seq order and once, however they arrive', () => {
  const list = new MessageList();
  for (const seq of [3, 1, 2, 3, 2, 5, 4, 1]) list.apply(aMessage(seq));
  assert.deepEqual(seqs(list), [1, 2, 3, 4, 5]);
});

test('a repeat changes nothing and says so', () => {
  const list = new MessageList();
  assert.equal(list.apply(aMessage(1)), true);
  assert.equal(list.apply(aMessage(1)), false);
});

test('a redaction replaces by id, and a late copy of the text does not bring it back', () => {
  const list = new MessageList();
  list.apply(aMessage(1));
  list.apply(aMessage(1, { content: '', redacted: true }));
  list.apply(aMessage(1));
  assert.equal(list.all[0]!.content, '');
  assert.equal(list.all[0]!.redacted, true);
  list.applyPage([aMessage(1)], false);
  assert.equal(list.all[0]!.content, '');
});

test('what was durable stays so when an older report arrives last', () => {
  const list = new MessageList();
  list.apply(aMessage(1, { durable: true }));
  list.apply(aMessage(1, { durable: false }));
  assert.equal(list.all[0]!.durable, true);
});

test('a message that became durable under another seq takes its new place', () => {
  const list = new MessageList();
  list.apply(aMessage(1));
  list.apply(aMessage(2, { id: 'mine', durable: false }));
  list.markDurable([{ id: 'mine', seq: 3 }]);
  list.apply(aMessage(2));
  assert.deepEqual(
    list.all.map(({ id }) => id),
    ['m1', 'm2', 'mine'],
  );
  assert.equal(list.get('mine')!.durable, true);
});

test('a page is joined with what arrived while it was on its way', () => {
  const list = new MessageList();
  list.apply(aMessage(11));
  list.apply(aMessage(2, { redacted: true }));
  list.applyPage(
    [8, 9, 10].map((seq) => aMessage(seq)),
    true,
  );
  assert.deepEqual(seqs(list), [8, 9, 10, 11]);
  list.applyPage(
    [5, 6, 7].map((seq) => aMessage(seq)),
    true,
  );
  assert.deepEqual(seqs(list), [5, 6, 7, 8, 9, 10, 11]);
});

test('a change to a message before the first page is not taken for its neighbour', () => {
  const list = new MessageList();
  list.applyPage([aMessage(50), aMessage(51)], true);
  assert.equal(list.apply(aMessage(3, { redacted: true })), false);
  assert.deepEqual(seqs(list), [50, 51]);
});

test('a hole in the numbers is found, and a tail that is missing as well', () => {
  const list = new MessageList();
  list.applyPage([aMessage(4), aMessage(5)], true);
  list.apply(aMessage(8));
  assert.equal(list.missingAfter(8), 5);
  list.apply(aMessage(6));
  list.apply(aMessage(7));
  assert.equal(list.missingAfter(8), undefined);
  assert.equal(list.missingAfter(9), 8);
});
