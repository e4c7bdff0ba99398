import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agent, contactOf, put } from '../testing/changes.ts';
import { ANNA, Ledger } from '../testing/ledger.ts';

test('[DK-5] what a visitor says stands on what the contact has become, in the same batch too', () => {
  const ledger = new Ledger();
  const revoked = contactOf('anna', { tokenGeneration: 3 });
  ledger.write(
    put({ kind: 'contact', value: revoked }),
    { type: 'changeVisitor', actor: ANNA, said: { name: 'Anna', attributes: { plan: 'pro', seat: '4' } } },
    { type: 'changeVisitor', actor: ANNA, said: { attributes: { seat: null } } },
  );
  assert.deepEqual(ledger.records.at(-1)!.value, { ...revoked, name: 'Anna', attributes: { plan: 'pro' } });
  assert.equal(ledger.repeats({ type: 'changeVisitor', actor: ANNA, said: { name: 'Anna' } }).added, 0);
});

test('[DK-5] name and address that a site vouches for are the site’s', () => {
  const ledger = new Ledger();
  const known = contactOf('anna', { name: 'Anna', identified: true });
  ledger.write(put({ kind: 'contact', value: known }));
  ledger.write({ type: 'changeVisitor', actor: ANNA, said: { name: 'Boss', email: 'boss@example.org', locale: 'fr' } });
  assert.deepEqual(ledger.records.at(-1)!.value, { ...known, locale: 'fr' });
});

test('[DK-8] an agent corrects name and address of whoever no site vouches for; it is noted down if it changes anything', () => {
  const ledger = new Ledger();
  const known = contactOf('anna', { email: 'old@example.org', locale: 'fr' });
  ledger.write(
    put({ kind: 'contact', value: known }, { kind: 'contact', value: contactOf('vouched', { identified: true }) }),
  );
  const claire = agent('claire');
  const audit = { by: { type: 'agent', id: 'claire' }, action: 'visitor.change', about: 'anna', detail: 'name, email' };
  const change = {
    type: 'changeVisitor',
    actor: claire,
    of: 'anna',
    said: { name: 'Nora', email: null },
    audit,
  } as const;
  ledger.write(change as Parameters<typeof ledger.write>[0]);
  const written = ledger.records.filter(({ kind }) => kind === 'contact').at(-1)!;
  assert.deepEqual(written.value, { ...known, name: 'Nora', email: null });
  const notes = (): unknown[] => ledger.records.filter(({ kind }) => kind === 'audit');
  const before = notes().length;
  assert.ok(before > 0);
  assert.equal(ledger.repeats(change as Parameters<typeof ledger.repeats>[0]).added, 0);
  assert.equal(notes().length, before);
  for (const [who, of, code] of [
    [claire, 'vouched', 'invalid'],
    [claire, 'nobody', 'not_found'],
    [ANNA, 'vouched', 'forbidden'],
  ] as const) {
    ledger.refuses(code, { type: 'changeVisitor', actor: who, of, said: { name: 'X' } });
  }
});
