import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SYSTEM } from '../access.ts';
import { patch, start, TIME } from '../testing/changes.ts';
import { ANNA, BRUNO, CLAIRE, Ledger, ROOT } from '../testing/ledger.ts';

const LATER = '2025-02-01T00:00:00.000Z';

const begun = (): Ledger => {
  const ledger = new Ledger();
  ledger.write(start(ANNA, 'c1', { subject: 'Bill' }), start(BRUNO, 'b1'));
  return ledger;
};

test('[LG-27] a change of status or agent adds one event each, behind the conversation', () => {
  const ledger = begun();
  const before = ledger.position;
  const [done] = ledger.write(patch(CLAIRE, 'c1', { status: 'CLOSED', agentId: 'denis', subject: 'Paid' }));
  assert.deepEqual(ledger.kindsSince(before), ['conversation', 'message', 'message']);
  assert.equal(done!.added, 3);
  const [status, agent] = ledger.thread('c1');
  assert.deepEqual(status, {
    id: `event.${before + 2}`,
    conversationId: 'c1',
    seq: 1,
    publicSeq: 0,
    kind: 'event',
    senderId: 'claire',
    senderType: 'AGENT',
    content: '',
    createdAt: TIME,
    event: { type: 'status', from: 'ACTIVE', to: 'CLOSED' },
  });
  assert.deepEqual(agent!.event, { type: 'agent', from: null, to: 'denis' });
  assert.equal(agent!.id, `event.${before + 3}`);
  assert.deepEqual(ledger.head('c1').conversation.subject, 'Paid');
  ledger.write(patch(SYSTEM, 'c1', { agentId: null }));
  const last = ledger.thread('c1').at(-1)!;
  assert.deepEqual([last.senderType, last.event], ['SYSTEM', { type: 'agent', from: 'denis', to: null }]);
});

test('[LG-27] a change that changes nothing adds nothing, and only status and agent make events', () => {
  const ledger = begun();
  ledger.write(
    patch(CLAIRE, 'c1', { status: 'SNOOZED', snoozedUntil: LATER, labels: ['a', 'b', 'a'], agentId: 'claire' }),
  );
  for (const fields of [
    {},
    { status: 'SNOOZED', snoozedUntil: LATER },
    { snoozedUntil: LATER },
    { labels: ['a', 'b'] },
    { labels: ['a', 'b', 'b'] },
    { agentId: 'claire' },
    { subject: 'Bill' },
  ] as const) {
    ledger.repeats(patch(CLAIRE, 'c1', fields));
  }
  const before = ledger.position;
  ledger.write(patch(CLAIRE, 'c1', { subject: null }), patch(CLAIRE, 'c1', { labels: ['b', 'a'] }));
  assert.deepEqual(ledger.kindsSince(before), ['conversation', 'conversation']);
  assert.deepEqual(ledger.head('c1').conversation.labels, ['b', 'a']);
});

test('[LG-30] only an active agent is assigned', () => {
  const ledger = begun();
  for (const agentId of ['gone', 'nobody', 'anna', '']) ledger.refuses('invalid', patch(CLAIRE, 'c1', { agentId }));
  ledger.write(patch(CLAIRE, 'c1', { agentId: 'denis' }), patch(CLAIRE, 'c1', { agentId: null }));
});

test('[LG-29] the end of a snooze lives and dies with it', () => {
  const ledger = begun();
  const now = () => [ledger.head('c1').conversation.status, ledger.head('c1').conversation.snoozedUntil];
  ledger.refuses('invalid', patch(CLAIRE, 'c1', { status: 'CLOSED', snoozedUntil: LATER }));
  ledger.refuses('invalid', patch(CLAIRE, 'c1', { status: 'ACTIVE', snoozedUntil: LATER }));
  ledger.write(patch(CLAIRE, 'c1', { snoozedUntil: LATER }));
  assert.deepEqual(now(), ['SNOOZED', LATER]);
  ledger.write(patch(CLAIRE, 'c1', { subject: 'Paid' }));
  assert.deepEqual(now(), ['SNOOZED', LATER]);
  ledger.write(patch(CLAIRE, 'c1', { snoozedUntil: null }));
  assert.deepEqual(now(), ['SNOOZED', null]);
  ledger.write(patch(CLAIRE, 'c1', { snoozedUntil: TIME }), patch(CLAIRE, 'c1', { status: 'SNOOZED' }));
  assert.deepEqual(now(), ['SNOOZED', null]);
  ledger.write(patch(CLAIRE, 'c1', { snoozedUntil: LATER }), patch(CLAIRE, 'c1', { status: 'ACTIVE' }));
  assert.deepEqual(now(), ['ACTIVE', null]);
  ledger.repeats(patch(CLAIRE, 'c1', { snoozedUntil: null }));
});

test('[LG-16] [LG-17] a visitor changes nothing: the own is forbidden, another’s is not there', () => {
  const ledger = begun();
  ledger.refuses('forbidden', patch(ANNA, 'c1', { status: 'CLOSED' }));
  ledger.refuses('not_found', patch(ANNA, 'b1', { status: 'CLOSED' }));
  ledger.refuses('not_found', patch(ANNA, 'nowhere', {}));
  ledger.refuses('not_found', patch(ROOT, 'nowhere', {}));
});

test('[LG-20] [LG-21] labels and the end of a snooze move nothing that a visitor sees', () => {
  const ledger = begun();
  ledger.write(patch(CLAIRE, 'c1', { status: 'SNOOZED', snoozedUntil: LATER }));
  const shown = () => {
    const { conversation, publicUpdatedAt, publicPosition, lastPublicSeq } = ledger.head('c1');
    return [conversation.publicAt, conversation.publicPosition, publicUpdatedAt, publicPosition, lastPublicSeq];
  };
  const before = shown();
  ledger.clock += 60_000;
  ledger.write(patch(CLAIRE, 'c1', { labels: ['vip'] }), patch(CLAIRE, 'c1', { snoozedUntil: null }));
  assert.deepEqual(shown(), before);
  assert.notEqual(ledger.head('c1').updatedAt, ledger.head('c1').publicUpdatedAt);
  for (const fields of [{ subject: 'Paid' }, { agentId: 'claire' }, { status: 'ACTIVE' }] as const) {
    ledger.clock += 60_000;
    ledger.write(patch(CLAIRE, 'c1', fields));
    const at = new Date(ledger.clock).toISOString();
    const { position } = ledger.head('c1');
    assert.deepEqual(shown(), [at, position, at, position, 0], JSON.stringify(fields));
  }
});

test('[DK-4] a change that expects what is no longer so changes nothing', () => {
  const ledger = new Ledger();
  ledger.write(start(ANNA, 'c1'), patch(CLAIRE, 'c1', { agentId: 'denis' }));
  const { position } = ledger;
  const taken = ledger.attempt({ ...patch(CLAIRE, 'c1', { agentId: 'claire' }), expected: { agentId: null } })[0]!;
  assert.equal(taken.ok && taken.repeated, true);
  assert.equal(ledger.position, position);
  const expected = { agentId: 'denis', status: 'ACTIVE', snoozedUntil: null } as const;
  ledger.write({ ...patch(CLAIRE, 'c1', { agentId: 'claire' }), expected });
  assert.ok(ledger.position > position);
});
