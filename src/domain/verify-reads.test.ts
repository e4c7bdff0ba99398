import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryStore } from '../stores/memory/memory-store.ts';
import { note, post, start } from './testing/changes.ts';
import { ANNA, CLAIRE, Ledger } from './testing/ledger.ts';
import { verifyReads } from './verify-reads.ts';

test('[BK-17] a store that can only be asked is checked by its answers', async () => {
  const ledger = new Ledger();
  ledger.write(start(ANNA, 'c'), post(ANNA, 'c', 'm1'), note(CLAIRE, 'c', 'm2'), post(CLAIRE, 'c', 'm3'));
  const log = { id: 'log', rewinds: 0 };
  const store = async (records: typeof ledger.records) => {
    const made = new MemoryStore();
    const { epoch } = await made.open({ log });
    await made.append({ log, epoch, after: 0, through: ledger.position, records, compacted: true });
    return made;
  };
  const sound = await verifyReads(await store(ledger.records), 'memory:');
  assert.deepEqual([sound.ok, sound.counts.messages, sound.counts.conversations], [true, 3, 1]);
  const lacking = ledger.records.filter((record) => !record.is('message') || record.value.id !== 'm2');
  const { ok, findings } = await verifyReads(await store(lacking), 'memory:');
  assert.equal(ok, false);
  assert.match(findings[0]!.message, /Conversation "c" has 3\/2 where 2\/2 belongs/);
});
