import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attachmentOf, note, patch, post, redact, start } from '../testing/changes.ts';
import { ANNA, BRUNO, CLAIRE, Ledger } from '../testing/ledger.ts';

const begun = (): Ledger => {
  const ledger = new Ledger();
  ledger.write(start(ANNA, 'c1'), start(BRUNO, 'b1'));
  ledger.write(post(ANNA, 'c1', 'm1'), note(CLAIRE, 'c1', 'n1'), post(ANNA, 'c1', 'm2'), post(BRUNO, 'b1', 'o1'));
  return ledger;
};

test('[LG-23] the content goes, everything else stays', () => {
  const ledger = begun();
  const [before, head] = [ledger.thread('c1'), ledger.head('c1')];
  ledger.clock += 60_000;
  const [done] = ledger.write(redact(CLAIRE, 'c1', 'm1'));
  assert.deepEqual(ledger.thread('c1'), [{ ...before[0], content: '', redacted: true }, before[1], before[2]]);
  assert.equal(done!.message!.position, ledger.position);
  // The public position moves, so that a visitor is told; nothing else does.
  assert.deepEqual(ledger.head('c1'), { ...head, publicPosition: ledger.position });
});

test('[LG-23] redacting a note is no news for a visitor', () => {
  const ledger = begun();
  const { publicPosition } = ledger.head('c1');
  ledger.write(redact(CLAIRE, 'c1', 'n1'));
  assert.equal(ledger.message('n1').content, '');
  assert.equal(ledger.head('c1').publicPosition, publicPosition);
});

test('[LG-23] a second redaction adds nothing; what cannot be redacted is refused', () => {
  const ledger = begun();
  ledger.write(redact(CLAIRE, 'c1', 'm1'), redact(CLAIRE, 'c1', 'm1'));
  ledger.repeats(redact(CLAIRE, 'c1', 'm1'));
  ledger.write(patch(CLAIRE, 'c1', { status: 'CLOSED' }));
  ledger.refuses('invalid', redact(CLAIRE, 'c1', ledger.thread('c1').at(-1)!.id));
  ledger.refuses('not_found', redact(CLAIRE, 'c1', 'o1'));
  ledger.refuses('not_found', redact(CLAIRE, 'c1', 'nothing'));
  ledger.refuses('not_found', redact(CLAIRE, 'nowhere', 'm1'));
});

test('[LG-16] [LG-17] a visitor redacts nothing, not even the own', () => {
  const ledger = begun();
  ledger.refuses('forbidden', redact(ANNA, 'c1', 'm1'));
  ledger.refuses('not_found', redact(ANNA, 'b1', 'o1'));
});

test('[LG-12] a message can be redacted in the batch that posts it', () => {
  const ledger = begun();
  const [, redacted, again] = ledger.write(post(ANNA, 'c1', 'm3'), redact(CLAIRE, 'c1', 'm3'), post(ANNA, 'c1', 'm3'));
  assert.equal(redacted!.message!.value.content, '');
  assert.ok(again!.repeated);
  assert.equal(ledger.message('m3').redacted, true);
});

test('[LG-68] the files go with the text, and are told as no longer named', () => {
  const ledger = begun();
  const attachments = [attachmentOf('a.png'), attachmentOf('b.png', { id: 'f0'.repeat(32) })];
  ledger.write(post(ANNA, 'c1', 'm3', { attachments }));
  assert.deepEqual([...ledger.released], []);
  ledger.write(redact(CLAIRE, 'c1', 'm3'));
  assert.equal('attachments' in ledger.message('m3'), false);
  assert.deepEqual(
    [...ledger.released],
    attachments.map(({ id }) => id),
  );
  ledger.repeats(post(ANNA, 'c1', 'm3', { attachments }));
  ledger.write(post(ANNA, 'c1', 'm4'));
  assert.deepEqual([...ledger.released], []);
});
