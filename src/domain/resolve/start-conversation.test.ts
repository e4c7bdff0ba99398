import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Actor, SYSTEM } from '../access.ts';
import { contactEntry, patch, post, put, start, TIME, visitor } from '../testing/changes.ts';
import { ANNA, BRUNO, CLAIRE, Ledger, ROOT } from '../testing/ledger.ts';

const message = (id: string, sender: Actor = ANNA) =>
  ({ id, content: 'hello', sender: { id: sender.id, type: sender.type === 'visitor' ? 'USER' : 'AGENT' } }) as const;

test('[LG-30] a conversation starts active, with its message and without an event', () => {
  const ledger = new Ledger();
  const before = ledger.position;
  const [done] = ledger.write(start(ANNA, 'c1', { subject: 'Bill', agentId: null, message: message('m1') }));
  assert.deepEqual(ledger.kindsSince(before), ['conversation', 'message']);
  assert.deepEqual(done!.head!.conversation, {
    id: 'c1',
    subject: 'Bill',
    status: 'ACTIVE',
    userId: 'anna',
    agentId: null,
    labels: [],
    snoozedUntil: null,
    createdAt: TIME,
    changedAt: TIME,
    publicAt: TIME,
    publicPosition: before + 1,
  });
  assert.equal(done!.message!.value.seq, 1);
  assert.equal(done!.added, 2);
  ledger.write(start(CLAIRE, 'c2', { userId: 'anna', agentId: 'claire' }));
  assert.deepEqual(ledger.thread('c2'), []);
});

test('[LG-30] a start whose message cannot be added leaves no conversation', () => {
  const ledger = new Ledger();
  ledger.write(start(ANNA, 'c1', { message: message('m1') }));
  ledger.refuses('id_taken', start(ANNA, 'c2', { message: message('m1') }));
  ledger.refuses('invalid', start(ANNA, 'c2', { agentId: 'gone' }));
  ledger.refuses('invalid', start(ANNA, 'c2', { agentId: 'nobody' }));
  ledger.refuses('invalid', start(ANNA, 'c2', { agentId: '' }));
  assert.equal(ledger.head('c2'), undefined);
});

test('[LG-30] the contact must be there; admins and the system make it', () => {
  const ledger = new Ledger();
  ledger.refuses('invalid', start(visitor('stranger'), 'c1'));
  ledger.refuses('invalid', start(CLAIRE, 'c1', { userId: 'stranger' }));
  // An agent of that id is no contact.
  ledger.refuses('invalid', start(CLAIRE, 'c1', { userId: 'denis' }));
  const before = ledger.position;
  ledger.write(start(ROOT, 'c1', { userId: 'stranger' }), start(SYSTEM, 'c2', { userId: 'other' }));
  assert.deepEqual(ledger.kindsSince(before), ['contact', 'conversation', 'contact', 'conversation']);
  assert.deepEqual(ledger.entry('contact', 'stranger'), {
    id: 'stranger',
    name: null,
    email: null,
    locale: null,
    createdAt: TIME,
  });
  ledger.write(start(ROOT, 'c3', { userId: 'anna' }));
  assert.deepEqual(ledger.kindsSince(before + 4), ['conversation']);
});

test('[LG-18] a visitor starts no conversation for somebody else', () => {
  const ledger = new Ledger();
  ledger.refuses('forbidden', start(ANNA, 'c1', { userId: 'bruno' }));
  ledger.refuses('forbidden', start(ANNA, 'c1', { userId: 'nobody' }));
});

test('[LG-4] a start again is answered with the conversation as it is now', () => {
  const ledger = new Ledger();
  const first = start(ANNA, 'c1', { subject: 'Bill', message: message('m1') });
  ledger.write(first, first);
  ledger.write(post(CLAIRE, 'c1', 'm2'), patch(CLAIRE, 'c1', { subject: 'Other', agentId: 'claire' }));
  const again = ledger.repeats(first);
  assert.equal(again.head!.conversation.subject, 'Other');
  assert.equal(again.message!.value.seq, 1);
  ledger.repeats(start(ANNA, 'c1', { subject: 'Anything', message: message('m1') }));
  assert.equal(ledger.repeats(start(ANNA, 'c1')).message, undefined);
  ledger.repeats(start(ROOT, 'c1', { userId: 'anna', message: message('m1') }));
});

test('[LG-4] anything else under a known id is id_taken', () => {
  const ledger = new Ledger();
  ledger.write(start(ANNA, 'c1', { message: message('m1') }), start(BRUNO, 'b1'), post(ANNA, 'c1', 'm2'));
  ledger.write(start(ANNA, 'c2', { message: message('m3') }));
  ledger.refuses('id_taken', start(BRUNO, 'c1'));
  ledger.refuses('id_taken', start(ROOT, 'c1', { userId: 'bruno' }));
  ledger.refuses('id_taken', start(ROOT, 'c1', { userId: 'new one' }));
  ledger.refuses('id_taken', start(ANNA, 'c1', { message: message('new') }));
  ledger.refuses('id_taken', start(ANNA, 'c1', { message: message('m3') }));
  ledger.refuses('id_taken', start(ANNA, 'c1', { message: { ...message('m1'), content: 'another' } }));
  ledger.refuses('id_taken', start(ANNA, 'c1', { message: message('m1', BRUNO) }));
  assert.equal(ledger.entry('contact', 'new one'), undefined);
});

test('[LG-1] ids are what their code units are', () => {
  const ledger = new Ledger();
  ledger.write(start(ANNA, '__proto__'), start(ANNA, 'constructor'), start(ANNA, 'c1'), start(ANNA, 'C1'));
  ledger.write(put(contactEntry('Anna')), start(visitor('Anna'), 'mine'));
  ledger.refuses('not_found', post(visitor('Anna'), 'c1', 'm1'));
  ledger.refuses('not_found', post(ANNA, 'mine', 'm1'));
  ledger.refuses('not_found', post(ANNA, 'toString', 'm1'));
  ledger.write(post(ANNA, '__proto__', '__proto__'), post(ANNA, 'C1', 'constructor'));
  assert.equal(ledger.message('__proto__').conversationId, '__proto__');
});
