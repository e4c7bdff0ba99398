import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SYSTEM } from '../access.ts';
import * as heads from '../model/conversation.ts';
import { agent, agentEntry, note, post, put, read, start } from '../testing/changes.ts';
import { ANNA, BRUNO, CLAIRE, Ledger } from '../testing/ledger.ts';

/** Seqs 1 to 6: message, message, note, message, note, note; publicSeqs 1, 2, 2, 3, 3, 3. */
const begun = (): Ledger => {
  const ledger = new Ledger();
  const denis = agent('denis');
  ledger.write(start(ANNA, 'c1'), start(BRUNO, 'b1'));
  ledger.write(post(denis, 'c1', 'm1'), post(denis, 'c1', 'm2'), note(denis, 'c1', 'n1'));
  ledger.write(post(denis, 'c1', 'm3'), note(denis, 'c1', 'n2'), note(denis, 'c1', 'n3'));
  return ledger;
};

const markOf = (ledger: Ledger, readerType: 'USER' | 'AGENT', readerId: string) =>
  heads.markOf(ledger.head('c1').reads, { readerType, readerId });

test('[LG-24] a mark goes forward only, and past the end means the end', () => {
  const ledger = begun();
  ledger.write(read(ANNA, 'c1', 2, 2));
  ledger.repeats(read(ANNA, 'c1', 2, 2));
  ledger.repeats(read(ANNA, 'c1', 1, 1));
  ledger.repeats(read(ANNA, 'c1', 0, 0));
  ledger.repeats(read(ANNA, 'c1', -1, -1));
  assert.equal(markOf(ledger, 'USER', 'anna')!.seq, 2);
  ledger.write(read(ANNA, 'c1', 1000, 1000));
  const mark = markOf(ledger, 'USER', 'anna')!;
  assert.deepEqual([mark.seq, mark.publicSeq], [6, 3]);
  ledger.repeats(read(ANNA, 'c1', 1001, 1001));
});

test('[LG-24] several marks in one batch leave the furthest', () => {
  const ledger = begun();
  const outcomes = ledger.write(read(ANNA, 'c1', 2, 2), read(ANNA, 'c1', 1, 1), read(ANNA, 'c1', 4, 3));
  assert.deepEqual(
    outcomes.map(({ added }) => added),
    [1, 0, 1],
  );
  assert.equal(markOf(ledger, 'USER', 'anna')!.seq, 4);
});

test('[LG-26] a mark that only passes notes moves neither publicSeq nor public position', () => {
  const ledger = begun();
  ledger.write(read(CLAIRE, 'c1', 4, 3));
  const shown = ledger.position;
  assert.deepEqual(
    [markOf(ledger, 'AGENT', 'claire')!.publicPosition, ledger.head('c1').publicPosition],
    [shown, shown],
  );
  ledger.write(read(CLAIRE, 'c1', 5, 3));
  ledger.write(read(CLAIRE, 'c1', 6, 3));
  const mark = markOf(ledger, 'AGENT', 'claire')!;
  assert.deepEqual([mark.seq, mark.publicSeq, mark.publicPosition, mark.position], [6, 3, shown, ledger.position]);
  assert.equal(ledger.head('c1').publicPosition, shown);
});

test('[LG-26] a first mark on a note alone is no news either', () => {
  const ledger = new Ledger();
  ledger.write(start(ANNA, 'c1'), note(agent('denis'), 'c1', 'n1'));
  const { publicPosition } = ledger.head('c1');
  ledger.write(read(CLAIRE, 'c1', 1, 0));
  assert.deepEqual(
    [markOf(ledger, 'AGENT', 'claire')!.publicPosition, ledger.head('c1').publicPosition],
    [0, publicPosition],
  );
});

test('[LG-1] a visitor and an agent of the same id are two readers', () => {
  const ledger = begun();
  ledger.write(put(agentEntry('anna')));
  ledger.write(read(ANNA, 'c1', 1, 1), read(agent('anna'), 'c1', 4, 3));
  assert.equal(markOf(ledger, 'USER', 'anna')!.seq, 1);
  assert.equal(markOf(ledger, 'AGENT', 'anna')!.seq, 4);
});

test('[LG-16] [LG-17] another’s conversation has no marks to move, and the system reads nothing', () => {
  const ledger = begun();
  ledger.refuses('not_found', read(ANNA, 'b1', 1));
  ledger.refuses('not_found', read(ANNA, 'nowhere', 1));
  ledger.refuses('forbidden', read(SYSTEM, 'c1', 1));
});
