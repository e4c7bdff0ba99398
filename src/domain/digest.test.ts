import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryStore } from '../stores/memory/memory-store.ts';
import { digestLog, wholeDigest } from './digest.ts';
import { type LogRecord, makeRecord } from './model/record.ts';
import { agentOf, post, read, redact, start } from './testing/changes.ts';
import { ANNA, CLAIRE, Ledger } from './testing/ledger.ts';

const log = { id: 'log', rewinds: 0 };

const digestOf = async (records: readonly LogRecord[], compacted = false): Promise<string> => {
  const store = new MemoryStore();
  const { epoch } = await store.open({ log });
  await store.append({ log, epoch, after: 0, through: records.length, records, ...(compacted && { compacted }) });
  return wholeDigest(await digestLog(store));
};

test('[BK-2] equal logs have one digest; another text, mark, order, entry or position is another', async () => {
  const ledger = new Ledger();
  ledger.write(
    start(ANNA, 'c'),
    start(ANNA, 'd'),
    post(ANNA, 'c', 'm1'),
    post(CLAIRE, 'c', 'm2'),
    post(ANNA, 'd', 'm3'),
  );
  const first = await digestOf(ledger.records);
  assert.equal(await digestOf(ledger.records), first);

  const swapped = (kind: string, change: (value: never) => object): LogRecord[] =>
    ledger.records.map((record) =>
      record.kind === kind
        ? makeRecord(record.position, record.time, record.kind, change(record.value as never) as never)
        : record,
    );
  const others = [
    await digestOf(swapped('message', (m: { content: string }) => ({ ...m, content: `${m.content} ` }))),
    await digestOf(swapped('message', (m: { createdAt: string }) => ({ ...m, createdAt: '2025-01-06T08:00:00.001Z' }))),
    await digestOf(swapped('conversation', (c: object) => ({ ...c, subject: 'other' }))),
    await digestOf(swapped('agent', (a: { id: string }) => agentOf(a.id, { name: 'other' }))),
  ];
  for (const change of [read(CLAIRE, 'd', 1), redact(CLAIRE, 'c', 'm1')]) {
    const more = new Ledger();
    more.write(
      start(ANNA, 'c'),
      start(ANNA, 'd'),
      post(ANNA, 'c', 'm1'),
      post(CLAIRE, 'c', 'm2'),
      post(ANNA, 'd', 'm3'),
    );
    more.write(change);
    others.push(await digestOf(more.records));
  }
  const all = [first, ...others];
  assert.equal(new Set(all).size, all.length);

  // The keys of an entity stand in no order that counts.
  const reordered = swapped('conversation', (c: object) => Object.fromEntries(Object.entries(c).reverse()));
  assert.equal(await digestOf(reordered), first);
});
