import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentEntry, contactEntry, create, put } from '../testing/changes.ts';
import { Ledger } from '../testing/ledger.ts';

test('[LG-6] creating is once, replacing is whenever something differs', () => {
  const ledger = new Ledger();
  const guest = contactEntry('guest', { name: 'Guest' });
  ledger.write(create(guest), create(guest), put(guest));
  assert.equal(ledger.records.filter((record) => record.kind === 'contact').length, 3);
  ledger.repeats(create(guest));
  ledger.repeats(put(guest));
  ledger.refuses('id_taken', create(contactEntry('guest', { name: 'Other' })));
  ledger.write(put(contactEntry('guest', { name: 'Other' })));
  assert.equal(ledger.entry('contact', 'guest')!.name, 'Other');
  ledger.write(create(agentEntry('guest')));
});

test('[LG-6] an address belongs to one agent, and to another only when it was given up', () => {
  const ledger = new Ledger();
  const email = 'claire@example.org';
  ledger.refuses('email_taken', create(agentEntry('new', { email })));
  ledger.refuses('email_taken', put(agentEntry('denis', { email })));
  ledger.write(create(contactEntry('guest', { email })), create(contactEntry('guest2', { email })));
  ledger.write(put(agentEntry('claire', { email, name: 'Renamed' })));
  ledger.write(put(agentEntry('claire', { email: null })), create(agentEntry('new', { email })));
  assert.equal(ledger.agentIdByEmail(email), 'new');
  ledger.refuses('email_taken', put(agentEntry('claire', { email })));
});

test('[LG-6] two agents change addresses in one batch', () => {
  const ledger = new Ledger();
  const [one, two] = ['claire@example.org', 'denis@example.org'];
  ledger.write(
    put(
      agentEntry('claire', { email: null }),
      agentEntry('denis', { email: one }),
      agentEntry('claire', { email: two }),
    ),
  );
  assert.deepEqual([ledger.agentIdByEmail(one), ledger.agentIdByEmail(two)], ['denis', 'claire']);
  const [taken] = ledger.attempt(put(agentEntry('new', { email: one })));
  assert.equal(!taken!.ok && taken!.error.code, 'email_taken');
});

test('[LG-6] [LG-11] entries are written all or none, and what was undone does not count', () => {
  const ledger = new Ledger();
  const before = ledger.position;
  const email = 'new@example.org';
  const [failed, after] = ledger.attempt(
    create(agentEntry('new', { email }), contactEntry('guest'), contactEntry('anna', { name: 'Other' })),
    create(agentEntry('newer', { email })),
  );
  assert.equal(!failed!.ok && failed!.error.code, 'id_taken');
  assert.ok(after!.ok);
  assert.deepEqual(ledger.kindsSince(before), ['agent']);
  assert.equal(ledger.entry('agent', 'new'), undefined);
  assert.equal(ledger.entry('contact', 'guest'), undefined);
  assert.equal(ledger.agentIdByEmail(email), 'newer');
});

test('[LG-11] an address that was given up in an undone change is still held', () => {
  const ledger = new Ledger();
  const email = 'claire@example.org';
  const [failed, taken] = ledger.attempt(
    put(agentEntry('claire', { email: null }), agentEntry('new', { email: 'denis@example.org' })),
    put(agentEntry('new', { email })),
  );
  assert.equal(!failed!.ok && failed!.error.code, 'email_taken');
  assert.equal(!taken!.ok && taken!.error.code, 'email_taken');
  assert.equal(ledger.agentIdByEmail(email), 'claire');
});
