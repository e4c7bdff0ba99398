import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noteOf } from '../actions/audit-log.ts';
import { AUDIT_HEAD, AUDIT_KEPT } from '../model/audit.ts';
import { contactEntry, create, put } from '../testing/changes.ts';
import { CLAIRE, Ledger } from '../testing/ledger.ts';

const audit = noteOf(CLAIRE, 'settings.change', null);

test('[AC-20] a line comes with the deed or not at all, numbered without gaps', () => {
  const ledger = new Ledger();
  ledger.write({ ...put(contactEntry('x')), audit }, { ...put(contactEntry('y')), audit });
  assert.equal(ledger.entry('audit', AUDIT_HEAD)!.number, 2);
  ledger.repeats({ ...put(contactEntry('y')), audit });
  ledger.refuses('id_taken', { ...create(contactEntry('y', { name: 'Y' })), audit });
  assert.equal(ledger.entry('audit', '2')!.number, 2);
  assert.equal(ledger.entry('audit', '3'), undefined);
});

test('[AC-20] the newest line takes the place of the oldest', () => {
  const ledger = new Ledger();
  for (let i = 0; i <= AUDIT_KEPT; i += 1) ledger.write({ ...put(), audit });
  assert.equal(ledger.entry('audit', '1')!.number, AUDIT_KEPT + 1);
  assert.equal(ledger.entry('audit', '2')!.number, 2);
});
