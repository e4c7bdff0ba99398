import assert from 'node:assert/strict';
import { test } from 'node:test';
import { patch, post, put, rate, start, TIME } from '../testing/changes.ts';
import { ANNA, BRUNO, CLAIRE, Ledger } from '../testing/ledger.ts';

const closed = (): Ledger => {
  const ledger = new Ledger();
  ledger.write(start(ANNA, 'c1'), post(ANNA, 'c1', 'm1'), patch(CLAIRE, 'c1', { status: 'CLOSED' }));
  return ledger;
};

test('[DK-1] a closed conversation is rated by its visitor, and the latest counts', () => {
  const ledger = closed();
  const [first] = ledger.write(rate(ANNA, 'c1', 2, 'slow'));
  assert.deepEqual(first!.head!.conversation.rating, { score: 2, comment: 'slow', at: TIME });
  assert.equal(first!.head!.conversation.publicPosition, ledger.position, 'its visitor is told');
  assert.equal(first!.added, 1, 'no event');
  assert.equal(ledger.repeats(rate(ANNA, 'c1', 2, 'slow')).added, 0);
  const [second] = ledger.write(rate(ANNA, 'c1', 5));
  assert.equal(second!.head!.conversation.rating!.score, 5);
  const [reopened] = ledger.write(post(ANNA, 'c1', 'm2'));
  assert.equal(reopened!.head!.conversation.rating!.score, 5, 'what was thought stays known');
});

test('[DK-1] nobody else rates it, nor anybody while it is open or ratings are off', () => {
  const ledger = closed();
  const code = (...changes: Parameters<Ledger['attempt']>) => {
    const outcome = ledger.attempt(...changes).at(-1)!;
    return outcome.ok ? 'ok' : outcome.error.code;
  };
  assert.equal(code(rate(BRUNO, 'c1', 1)), 'not_found');
  assert.equal(code(rate(CLAIRE, 'c1', 5)), 'forbidden');
  assert.equal(code(patch(CLAIRE, 'c1', { status: 'ACTIVE' }), rate(ANNA, 'c1', 5)), 'invalid');
  const off = { id: 'settings', teamName: 'x', greeting: '', accent: null, rating: false } as const;
  assert.equal(
    code(patch(CLAIRE, 'c1', { status: 'CLOSED' }), put({ kind: 'settings', value: off }), rate(ANNA, 'c1', 5)),
    'invalid',
  );
});
