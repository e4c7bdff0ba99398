import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attachmentOf, note, patch, post, redact, start, TIME } from '../testing/changes.ts';
import { ANNA, BRUNO, CLAIRE, Ledger, ROOT } from '../testing/ledger.ts';

const begun = (): Ledger => {
  const ledger = new Ledger();
  ledger.write(start(ANNA, 'c1'), start(ANNA, 'c2'), start(BRUNO, 'b1'));
  return ledger;
};

test('[LG-8] [LG-9] a post stands at the end of its conversation, numbered for both audiences', () => {
  const ledger = begun();
  const [first, hidden, last] = ledger.write(
    post(ANNA, 'c1', 'm1'),
    note(CLAIRE, 'c1', 'n1'),
    post(CLAIRE, 'c1', 'm2'),
  );
  assert.deepEqual(first!.message!.value, {
    id: 'm1',
    conversationId: 'c1',
    seq: 1,
    publicSeq: 1,
    kind: 'message',
    senderId: 'anna',
    senderType: 'USER',
    content: 'text of m1',
    createdAt: TIME,
  });
  assert.deepEqual([hidden!.message!.value.seq, hidden!.message!.value.publicSeq], [2, 1]);
  assert.deepEqual([last!.message!.value.seq, last!.message!.value.publicSeq], [3, 2]);
  assert.deepEqual([first!.head!.lastSeq, hidden!.head!.lastSeq, last!.head!.lastSeq], [1, 2, 3]);
  assert.deepEqual([first!.head!.lastPublicSeq, hidden!.head!.lastPublicSeq, last!.head!.lastPublicSeq], [1, 1, 2]);
  assert.equal(first!.repeated, false);
  assert.equal(first!.added, 1);
});

test('[LG-2] a repeat is answered with the first record, in the same batch and later', () => {
  const ledger = begun();
  const [first, second] = ledger.write(post(ANNA, 'c1', 'm1'), post(ANNA, 'c1', 'm1'));
  assert.equal(second!.message, first!.message);
  assert.deepEqual([first!.repeated, second!.repeated], [false, true]);
  ledger.write(post(CLAIRE, 'c1', 'm2'), patch(CLAIRE, 'c1', { subject: 'later' }));
  ledger.clock += 60_000;
  const again = ledger.repeats(post(ANNA, 'c1', 'm1'));
  assert.equal(again.message, first!.message);
  assert.equal(again.head!.lastSeq, 2, 'the conversation as it is now');
});

test('[LG-2] of a redacted message the content is not compared, all else is', () => {
  const ledger = begun();
  ledger.write(post(ANNA, 'c1', 'm1'), redact(CLAIRE, 'c1', 'm1'));
  assert.equal(ledger.repeats(post(ANNA, 'c1', 'm1')).message!.value.content, '');
  ledger.refuses('id_taken', post(ANNA, 'c2', 'm1'));
  ledger.refuses('id_taken', post(CLAIRE, 'c1', 'm1'));
  ledger.refuses('id_taken', note(CLAIRE, 'c1', 'm1'));
});

test('[LG-67] a message carries its files, and a repeat names the same ones', () => {
  const ledger = begun();
  const attachments = [attachmentOf('a.png'), attachmentOf('b.txt', { id: 'f0'.repeat(32) })];
  const given = post(ANNA, 'c1', 'm1', { content: '', attachments });
  assert.deepEqual(ledger.write(given)[0]!.message!.value.attachments, attachments);
  ledger.repeats(given);
  const [a, b] = attachments as [(typeof attachments)[0], (typeof attachments)[0]];
  const others = [[], [a], [b, a], [a, { ...b, name: 'c.txt' }], [{ ...a, id: b.id }, b]];
  for (const other of others) ledger.refuses('id_taken', { ...given, attachments: other });
  ledger.write(post(ANNA, 'c1', 'm2'));
  ledger.refuses('id_taken', post(ANNA, 'c1', 'm2', { attachments }));
});

test('[LG-3] a known id with anything else is id_taken, and the answer says nothing of what is there', () => {
  const ledger = begun();
  ledger.write(post(ANNA, 'c1', 'm1'), note(CLAIRE, 'c1', 'n1'), post(BRUNO, 'b1', 'secret'));
  const others = [
    post(ANNA, 'c1', 'm1', { content: 'text of M1' }),
    post(ANNA, 'c2', 'm1'),
    post(CLAIRE, 'c1', 'm1'),
    post(ROOT, 'c1', 'm1', { sender: { id: 'anna', type: 'AGENT' } }),
    note(CLAIRE, 'c1', 'm1'),
    post(CLAIRE, 'c1', 'n1'),
    post(ANNA, 'c1', 'secret'),
  ];
  for (const change of others) {
    ledger.refuses('id_taken', change);
    const [outcome] = ledger.attempt(change);
    assert.ok(!outcome!.ok);
    assert.deepEqual(Object.keys(outcome!).sort(), ['error', 'ok']);
    assert.equal(outcome!.error.detail, undefined);
  }
});

test('[LG-16] a conversation that is another’s and one that is not there get the same answer', () => {
  const ledger = begun();
  ledger.write(post(BRUNO, 'b1', 'm1'));
  const texts = ['b1', 'nowhere', '__proto__'].map((id) => {
    ledger.refuses('not_found', post(ANNA, id, 'mine'));
    // Not even the sender's own message id tells one from the other.
    ledger.refuses('not_found', post(ANNA, id, 'm1'));
    const [outcome] = ledger.attempt(post(ANNA, id, 'mine'));
    return !outcome!.ok && `${outcome!.error.message} ${outcome!.error.detail}`;
  });
  assert.equal(new Set(texts).size, 1);
  ledger.refuses('not_found', note(ANNA, 'b1', 'mine'));
  ledger.refuses('forbidden', note(ANNA, 'c1', 'mine'));
  ledger.write(post(CLAIRE, 'b1', 'by an agent'));
});

test('[LG-28] a visitor’s message makes a conversation active again and says from what', () => {
  for (const status of ['CLOSED', 'SNOOZED'] as const) {
    const ledger = begun();
    ledger.write(
      post(ANNA, 'c1', 'm1'),
      patch(CLAIRE, 'c1', { status, ...(status === 'SNOOZED' && { snoozedUntil: TIME }) }),
    );
    const before = ledger.position;
    const [done] = ledger.write(post(ANNA, 'c1', 'm2'));
    assert.deepEqual(ledger.kindsSince(before), ['message', 'conversation', 'message']);
    assert.equal(done!.message!.value.id, 'm2');
    assert.equal(done!.added, 3);
    assert.equal(done!.head!.conversation.status, 'ACTIVE');
    assert.equal(done!.head!.conversation.snoozedUntil, null);
    const event = ledger.thread('c1').at(-1)!;
    assert.deepEqual([event.kind, event.event], ['event', { type: 'reopened', from: status }]);
  }
});

test('[LG-28] a repeat, a note or an agent’s message leaves a closed conversation closed', () => {
  const ledger = begun();
  ledger.write(post(ANNA, 'c1', 'm1'), patch(CLAIRE, 'c1', { status: 'CLOSED' }));
  ledger.repeats(post(ANNA, 'c1', 'm1'));
  ledger.write(note(CLAIRE, 'c1', 'n1'), post(CLAIRE, 'c1', 'm2'));
  ledger.write(note(ROOT, 'c1', 'n2', { sender: { id: 'anna', type: 'USER' } }));
  ledger.write(post(ROOT, 'c1', 'm3', { sender: { id: 'robot', type: 'BOT' } }));
  assert.equal(ledger.head('c1').conversation.status, 'CLOSED');
  ledger.write(post(ROOT, 'c1', 'm4', { sender: { id: 'anna', type: 'USER' } }));
  assert.equal(ledger.head('c1').conversation.status, 'ACTIVE');
});

test('[LG-25] posting reads up to the message, a note does not', () => {
  const ledger = begun();
  ledger.write(post(ANNA, 'c1', 'm1'), post(CLAIRE, 'c1', 'm2'), note(CLAIRE, 'c1', 'n1'));
  ledger.write(post(ROOT, 'c1', 'm3', { sender: { id: 'robot', type: 'BOT' } }));
  const marks = ledger.head('c1').reads.map((mark) => [mark.readerType, mark.readerId, mark.seq]);
  assert.deepEqual(marks, [
    ['AGENT', 'claire', 2],
    ['USER', 'anna', 1],
  ]);
  assert.ok(!ledger.records.some((record) => record.kind === 'read'), 'it takes no record');
});

test('[DK-2] a post whose sender has not seen everything is refused, and leaves no trace', () => {
  const ledger = begun();
  ledger.write(post(ANNA, 'c1', 'm1'), note(CLAIRE, 'c1', 'n1'), post(CLAIRE, 'c1', 'm2'));
  const { position } = ledger;
  for (const stale of [post(CLAIRE, 'c1', 'm3', { ifLastSeq: 2 }), post(ANNA, 'c1', 'm3', { ifLastSeq: 1 })]) {
    const [outcome] = ledger.attempt(stale);
    assert.equal(!outcome!.ok && outcome!.error.code, 'stale');
  }
  assert.equal(ledger.position, position);
  // A visitor counts what a visitor sees: the note is nothing they could have missed.
  const [own] = ledger.write(post(ANNA, 'c1', 'm3', { ifLastSeq: 2 }));
  assert.equal(own!.added, 1);
  const [answer] = ledger.write(post(CLAIRE, 'c1', 'm4', { ifLastSeq: 4 }));
  assert.equal(answer!.message!.value.seq, 5);
  assert.equal(ledger.repeats(post(CLAIRE, 'c1', 'm4', { ifLastSeq: 4 })).message, answer!.message, 'a repeat is one');
});

test('[DK-2] within a batch a post sees those before it', () => {
  const ledger = begun();
  const [, second] = ledger.attempt(
    post(ANNA, 'c1', 'm1', { ifLastSeq: 0 }),
    post(CLAIRE, 'c1', 'm2', { ifLastSeq: 0 }),
  );
  assert.equal(!second!.ok && second!.error.code, 'stale');
});

test('[DK-3] a note tells the agents it names, each once a conversation; nobody names themselves', () => {
  const ledger = begun();
  const [first] = ledger.write(note(CLAIRE, 'c1', 'n1', { mentions: ['denis', 'claire'] }));
  assert.equal(first!.added, 2);
  const { value } = ledger.records.at(-1)!;
  assert.deepEqual(value, {
    ...{ id: 'denis/c1', agentId: 'denis', conversationId: 'c1', messageId: 'n1', seq: 1 },
    ...{ byId: 'claire', at: TIME, seen: false },
  });
  assert.equal(ledger.repeats(note(CLAIRE, 'c1', 'n1', { mentions: ['denis'] })).added, 0);
  for (const nobody of ['gone', 'anna', 'none']) {
    const [outcome] = ledger.attempt(note(CLAIRE, 'c1', 'n2', { mentions: [nobody] }));
    assert.equal(!outcome!.ok && outcome!.error.code, 'invalid', nobody);
  }
});
