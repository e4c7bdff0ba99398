import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ImportItem } from '../change.ts';
import {
  agentOf,
  contactOf,
  importedConversation,
  importedMessage,
  importOf,
  patch,
  post,
  redact,
  start,
} from '../testing/changes.ts';
import { ANNA, CLAIRE, Ledger } from '../testing/ledger.ts';
import { otherId } from './import-items.ts';

const OLD = '2009-03-04T05:06:07.008Z';
const FUTURE = '2099-01-01T00:00:00.000Z';

test('[LG-33] what comes keeps its ids, times and contents, whatever they are', () => {
  const ledger = new Ledger();
  const long = 'x'.repeat(50_000);
  ledger.write(
    importOf(
      { type: 'contact', value: contactOf('v 1', { createdAt: OLD }) },
      { type: 'agent', value: agentOf('old agent', { active: false }) },
      importedConversation('a/b "c"', 'v 1', { createdAt: OLD, status: 'CLOSED', agentId: 'old agent', subject: '' }),
      importedMessage('a/b "c"', 'm.1', { content: '', createdAt: OLD, senderId: 'v 1' }),
      importedMessage('a/b "c"', 'm.2', { content: long, createdAt: FUTURE, senderType: 'BOT' }),
      importedMessage('a/b "c"', 'm.3', { createdAt: OLD, senderType: 'SYSTEM' }),
    ),
  );
  const head = ledger.head('a/b "c"');
  assert.deepEqual(head.conversation, {
    id: 'a/b "c"',
    subject: '',
    status: 'CLOSED',
    userId: 'v 1',
    agentId: 'old agent',
    labels: [],
    snoozedUntil: null,
    createdAt: OLD,
    changedAt: OLD,
    publicAt: OLD,
    publicPosition: head.position,
  });
  assert.deepEqual(
    ledger
      .thread('a/b "c"')
      .map(({ id, seq, publicSeq, content, createdAt }) => ({ id, seq, publicSeq, content, createdAt })),
    [
      { id: 'm.1', seq: 1, publicSeq: 1, content: '', createdAt: OLD },
      { id: 'm.2', seq: 2, publicSeq: 2, content: long, createdAt: FUTURE },
      { id: 'm.3', seq: 3, publicSeq: 3, content: 'text of m.3', createdAt: OLD },
    ],
  );
  assert.equal(ledger.head('a/b "c"').conversation.status, 'CLOSED', 'an imported message reopens nothing');
});

test('[LG-31] what is known is left as it is; a second import adds nothing', () => {
  const ledger = new Ledger();
  ledger.write(
    start(ANNA, 'c1', { subject: 'Ours' }),
    post(ANNA, 'c1', 'm1'),
    patch(CLAIRE, 'c1', { status: 'CLOSED' }),
  );
  const items: ImportItem[] = [
    { type: 'contact', value: contactOf('anna', { name: 'Another name' }) },
    { type: 'agent', value: agentOf('claire', { name: 'Another name' }) },
    importedConversation('c1', 'bruno', { subject: 'Theirs' }),
    importedMessage('c1', 'm1', { senderId: 'anna', createdAt: ledger.message('m1').createdAt }),
    importedMessage('c1', 'm2'),
  ];
  const before = ledger.position;
  const [done] = ledger.write(importOf(...items));
  assert.equal(done!.added, 1);
  assert.deepEqual(ledger.kindsSince(before), ['message']);
  assert.equal(ledger.head('c1').conversation.subject, 'Ours');
  ledger.repeats(importOf(...items));
  ledger.write(redact(CLAIRE, 'c1', 'm2'));
  ledger.repeats(importOf(...items));
});

test('[LG-32] messages that another program numbered per conversation are all kept, each once', () => {
  const ledger = new Ledger();
  const items = [
    importedConversation('one', 'anna'),
    importedMessage('one', '1', { content: 'first of one' }),
    importedMessage('one', '1', { content: 'same id, other text' }),
    importedMessage('one', '1', { content: 'first of one' }),
    importedConversation('two', 'anna'),
    importedMessage('two', '1', { content: 'first of one' }),
    importedMessage('two', '1', { content: 'first of one', senderId: 'other' }),
    importedMessage('two', '1', { content: 'first of one', createdAt: OLD }),
  ];
  ledger.write(importOf(...items));
  assert.deepEqual(
    ledger.thread('one').map(({ content }) => content),
    ['first of one', 'same id, other text'],
  );
  assert.equal(ledger.thread('two').length, 3);
  const ids = [...ledger.thread('one'), ...ledger.thread('two')].map(({ id }) => id);
  assert.equal(new Set(ids).size, 5);
  assert.deepEqual(ids[0], '1');
  assert.equal(ids[2], otherId(items[5] as ReturnType<typeof importedMessage>));
  // One batch or many, the same file gives the same log.
  for (const item of items) ledger.repeats(importOf(item));
});

test('[LG-27] [LG-32] an imported message never bears the id of an event', () => {
  const ledger = new Ledger();
  ledger.write(start(ANNA, 'c1'));
  const next = ledger.position + 3;
  const item = importedMessage('c1', `event.${next}`);
  ledger.write(importOf(item));
  assert.equal(ledger.thread('c1')[0]!.id, otherId(item));
  ledger.write(patch(CLAIRE, 'c1', { status: 'CLOSED' }));
  const [imported, event] = ledger.thread('c1');
  assert.deepEqual([imported!.kind, event!.kind, event!.id], ['message', 'event', `event.${next}`]);
  ledger.repeats(importOf(item));
  assert.equal(ledger.thread('c1').length, 2);
});

test('[LG-31] a message without its conversation is refused, with all that came along', () => {
  const ledger = new Ledger();
  ledger.refuses('invalid', importOf(importedConversation('c1', 'anna'), importedMessage('c2', 'm1')));
  assert.equal(ledger.head('c1'), undefined);
});

test('[LG-33] an address that one of ours signs in with stays theirs', () => {
  const ledger = new Ledger();
  const email = 'claire@example.org';
  ledger.write(importOf({ type: 'agent', value: agentOf('imported', { email }) }));
  assert.equal(ledger.entry('agent', 'imported')!.email, null);
  assert.equal(ledger.agentIdByEmail(email), 'claire');
  ledger.write(importOf({ type: 'agent', value: agentOf('other', { email: 'other@example.org' }) }));
  assert.equal(ledger.agentIdByEmail('other@example.org'), 'other');
});

test('[LG-14] imported times move no other time: not the clock, not what comes after', () => {
  const ledger = new Ledger();
  ledger.write(
    importOf(
      importedConversation('c1', 'anna', { createdAt: FUTURE }),
      importedMessage('c1', 'm1', { createdAt: FUTURE }),
    ),
  );
  const before = ledger.head('c1');
  ledger.write(post(ANNA, 'c1', 'm2'), patch(CLAIRE, 'c1', { subject: 'now' }));
  assert.equal(ledger.message('m2').createdAt, new Date(ledger.clock).toISOString());
  assert.equal(ledger.records.at(-1)!.time, ledger.clock);
  const after = ledger.head('c1');
  assert.ok(
    after.updatedAt >= before.updatedAt && after.publicUpdatedAt >= before.publicUpdatedAt,
    'lists never go back',
  );
  assert.equal(after.conversation.changedAt, FUTURE);
});
