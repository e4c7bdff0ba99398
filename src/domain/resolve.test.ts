import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Change, Outcome } from './change.ts';
import {
  agentEntry,
  contactEntry,
  create,
  importedConversation,
  importedMessage,
  importOf,
  note,
  patch,
  post,
  put,
  read,
  redact,
  start,
  visitor,
} from './testing/changes.ts';
import { ANNA, BRUNO, CLAIRE, Ledger, ROOT } from './testing/ledger.ts';

const faces = (ledger: Ledger) => ledger.records.map(({ position, kind, json }) => ({ position, kind, json }));

const verdict = (outcome: Outcome) =>
  outcome.ok
    ? { added: outcome.added, repeated: outcome.repeated, message: outcome.message?.json, head: outcome.head }
    : outcome.error.code;

/** Changes that build on each other, repeat each other and get in each other's way. */
const SEQUENCE: Change[] = [
  put(contactEntry('new')),
  start(visitor('new'), 'c1', { message: { id: 'm1', content: 'hi', sender: { id: 'new', type: 'USER' } } }),
  start(visitor('new'), 'c1'),
  post(visitor('new'), 'c1', 'm1', { content: 'hi' }),
  post(visitor('new'), 'c1', 'm1', { content: 'other' }),
  post(CLAIRE, 'c1', 'm2'),
  post(ANNA, 'c1', 'stolen'),
  note(CLAIRE, 'c1', 'n1'),
  read(visitor('new'), 'c1', 2, 2),
  read(visitor('new'), 'c1', 1, 1),
  create(agentEntry('emma', { email: 'emma@example.org' })),
  create(agentEntry('eve', { email: 'emma@example.org' })),
  put(agentEntry('emma')),
  create(agentEntry('eve', { email: 'emma@example.org' })),
  patch(CLAIRE, 'c1', { agentId: 'emma', status: 'CLOSED' }),
  patch(CLAIRE, 'c1', { agentId: 'nobody' }),
  post(visitor('new'), 'c1', 'm3'),
  redact(CLAIRE, 'c1', 'm1'),
  post(visitor('new'), 'c1', 'm1', { content: 'anything' }),
  start(ROOT, 'c2', { userId: 'made here' }),
  start(visitor('made here'), 'c3'),
  importOf(importedConversation('old', 'anna'), importedMessage('old', 'm1'), importedMessage('old', 'm1')),
  importOf(importedMessage('nowhere', 'm9')),
  post(ANNA, 'old', 'm4'),
];

test('[LG-12] [LG-5] one batch or one for each: the same records, the same answers', () => {
  const together = new Ledger();
  const outcomes = together.attempt(...SEQUENCE);
  const apart = new Ledger();
  const single = SEQUENCE.map((change) => apart.attempt(change)[0]!);
  assert.deepEqual(faces(together), faces(apart));
  assert.deepEqual(outcomes.map(verdict), single.map(verdict));
  assert.ok(outcomes.some((outcome) => !outcome.ok) && outcomes.some((outcome) => outcome.ok && outcome.repeated));
  for (let cut = 1; cut < SEQUENCE.length; cut += 1) {
    const parts = new Ledger();
    parts.attempt(...SEQUENCE.slice(0, cut));
    parts.attempt(...SEQUENCE.slice(cut));
    assert.deepEqual(faces(parts), faces(together));
  }
});

test('[LG-11] a change that fails half-way leaves no trace and no gap', () => {
  const ledger = new Ledger();
  const half = importOf(
    importedConversation('c1', 'anna', { subject: 'imported' }),
    importedMessage('c1', 'm1'),
    { type: 'contact', value: { id: 'guest', name: null, email: null, locale: null, createdAt: '' } },
    importedMessage('nowhere', 'm2'),
  );
  const { records, outcomes, heads } = ledger.resolve(
    half,
    post(ANNA, 'c1', 'm0'),
    start(ANNA, 'c1', { subject: 'ours' }),
    post(ANNA, 'c1', 'm1'),
    create(contactEntry('guest', { name: 'ours' })),
    half,
    post(ANNA, 'c1', 'm3'),
  );
  assert.deepEqual(
    outcomes.map((outcome) => (outcome.ok ? 'done' : outcome.error.code)),
    ['invalid', 'not_found', 'done', 'done', 'done', 'invalid', 'done'],
  );
  assert.deepEqual(
    records.map(({ position, kind }) => [position - ledger.position, kind]),
    [
      [1, 'conversation'],
      [2, 'message'],
      [3, 'contact'],
      [4, 'message'],
    ],
  );
  assert.equal(heads.get('c1')!.conversation.subject, 'ours');
  assert.equal(heads.get('c1')!.lastSeq, 2);
});

test('[LG-11] heads of a resolution are those of what was written, and of nothing else', () => {
  const ledger = new Ledger();
  ledger.write(start(ANNA, 'c1'), start(BRUNO, 'b1'));
  const { heads, records } = ledger.resolve(post(ANNA, 'c1', 'm1'), post(ANNA, 'b1', 'm2'), read(BRUNO, 'b1', 1));
  assert.deepEqual([...heads.keys()], ['c1']);
  assert.equal(records.length, 1);
  assert.deepEqual(ledger.resolve(patch(CLAIRE, 'c1', {})).heads, new Map());
});

test('[LG-7] positions follow the head without gaps, and resolving writes nothing by itself', () => {
  const ledger = new Ledger();
  const first = ledger.resolve(...SEQUENCE);
  const second = ledger.resolve(...SEQUENCE);
  assert.deepEqual(
    first.records.map(({ position }) => position),
    first.records.map((_, i) => ledger.position + 1 + i),
  );
  assert.deepEqual(
    second.records.map(({ json }) => json),
    first.records.map(({ json }) => json),
  );
});

test('[LG-13] a batch has one time, and a clock that goes back is held', () => {
  const ledger = new Ledger();
  ledger.write(start(ANNA, 'c1'), post(ANNA, 'c1', 'm1'));
  const { clock } = ledger;
  ledger.clock -= 3_600_000;
  ledger.write(post(ANNA, 'c1', 'm2'), patch(CLAIRE, 'c1', { status: 'CLOSED' }));
  assert.deepEqual(new Set(ledger.records.map((record) => record.time)), new Set([clock]));
  assert.equal(ledger.message('m2').createdAt, new Date(clock).toISOString());
  ledger.clock = clock + 5;
  ledger.write(post(ANNA, 'c1', 'm3'));
  assert.equal(ledger.records.findLast((record) => record.is('message') && record.value.id === 'm3')!.time, clock + 5);
});

test('[LG-11] an error that nobody foresaw is internal, keeps its cause and harms no other change', () => {
  const ledger = new Ledger();
  ledger.write(start(ANNA, 'c1'));
  const broken = { ...post(ANNA, 'c1', 'm1'), sender: null } as unknown as Change;
  const [failed, done] = ledger.attempt(broken, post(ANNA, 'c1', 'm2'));
  assert.ok(!failed!.ok && done!.ok);
  assert.equal(failed!.error.code, 'internal');
  assert.ok(failed!.error.cause instanceof TypeError);
  assert.equal(ledger.message('m2').seq, 1);
});
