import assert from 'node:assert/strict';
import { test } from 'node:test';
import { move, post, read, start } from '../testing/changes.ts';
import { ANNA, BRUNO, CLAIRE, Ledger } from '../testing/ledger.ts';

const begun = (): Ledger => {
  const ledger = new Ledger();
  ledger.write(start(ANNA, 'c1'), post(ANNA, 'c1', 'm1'), post(CLAIRE, 'c1', 'm2'), read(ANNA, 'c1', 2));
  return ledger;
};

test('[LG-80] a conversation moves with how far its contact had read; messages stay as they are', () => {
  const ledger = begun();
  const before = ledger.thread('c1');
  ledger.write(move('c1', 'bruno'));
  const head = ledger.head('c1');
  assert.equal(head.conversation.userId, 'bruno');
  assert.equal(head.conversation.publicPosition, ledger.position - 1);
  assert.equal(head.reads.find(({ readerId }) => readerId === 'bruno')?.publicSeq, 2);
  assert.deepEqual(ledger.thread('c1'), before);
  ledger.repeats(move('c1', 'bruno'));
  ledger.refuses('not_found', move('c1', 'nobody'));
  ledger.refuses('not_found', move('none', 'bruno'));
  ledger.refuses('not_found', post(ANNA, 'c1', 'm3'));
});

test('[LG-80] what the former contact posted is a repeat by the new one, and by nobody else', () => {
  const ledger = begun();
  ledger.write(move('c1', 'bruno'));
  assert.equal(ledger.repeats(post(BRUNO, 'c1', 'm1')).message?.value.senderId, 'anna');
  ledger.refuses('id_taken', post(BRUNO, 'c1', 'm1', { content: 'another text' }));
  ledger.refuses('id_taken', post(BRUNO, 'c1', 'm2'));
  ledger.refuses('id_taken', post(CLAIRE, 'c1', 'm1'));
});
