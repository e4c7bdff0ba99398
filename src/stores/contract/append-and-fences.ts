import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeRecord } from '../../domain/model/record.ts';
import type { Batch, Store } from '../../domain/store.ts';
import { contactOf, note, post, start } from '../../domain/testing/changes.ts';
import { answers, face, feed } from './answers.ts';
import { type Harness, onSite, type Site } from './harness.ts';
import { ANNA, CLAIRE, type Writer } from './writer.ts';

/** Records of contacts, numbered from a position on. */
const contacts = (from: number, count: number, time: number, name = 'n') =>
  Array.from({ length: count }, (_, i) =>
    makeRecord(from + i, time, 'contact', contactOf(`guest-${from + i}`, { name })),
  );

/** A store in which something happened, and what it answered then. */
const begun = async (site: Site) => {
  const opened = await site.open();
  const { writer } = opened;
  await writer.people();
  await writer.submit(start(ANNA, 'c1'), post(ANNA, 'c1', 'm1'), note(CLAIRE, 'c1', 'n1'));
  return opened;
};

/** Rejected with `fenced`, and nothing is different. */
const fenced = async (store: Store, batch: Batch, what: string): Promise<void> => {
  const before = await answers(store);
  await assert.rejects(() => store.append(batch), { code: 'fenced' }, what);
  assert.deepEqual(await answers(store), before, `${what}: nothing changed`);
};

const following = (writer: Writer, count = 2, name?: string): Batch =>
  writer.batch(contacts(writer.position + 1, count, writer.clock, name));

export const appendAndFences = (harness: Harness): void => {
  test(
    '[LG-34] a batch is held as a whole when append resolves',
    onSite(harness, async (site) => {
      const { store, writer } = await begun(site);
      const batch = following(writer, 3);
      const commitment = await store.append(batch);
      assert.equal(commitment.durable, store.capabilities.durable);
      const held = await feed(store, batch.after, 10);
      assert.deepEqual(held.map(face), batch.records.map(face));
      for (const { value } of batch.records) {
        assert.deepEqual(await store.entry('contact', (value as { id: string }).id), value);
      }
      assert.equal(store.health().position, batch.through);
      for (const position of [1, batch.after, batch.through, batch.through + 9]) {
        assert.deepEqual(store.holder(position), commitment);
      }
    }),
  );

  test(
    '[LG-35] a batch is in no answer before append resolves',
    onSite(harness, async (site) => {
      const { store, writer } = await begun(site);
      for (let round = 0; round < 10; round += 1) {
        const batch = following(writer, 2, `round ${round}`);
        let acknowledged = false;
        const appended = store.append(batch).then(() => {
          acknowledged = true;
        });
        while (!acknowledged) {
          const entry = { kind: 'contact', id: `guest-${batch.through}` } as const;
          const view = await store.view({ conversations: [], messages: [], entries: [entry], agentEmails: [] });
          const shown = view.head.position > batch.after || view.entries.size > 0;
          assert.ok(!shown || acknowledged, 'seen, so it is acknowledged');
          await new Promise((resolve) => setImmediate(resolve));
        }
        await appended;
        writer.records.push(...batch.records);
      }
    }),
  );

  test(
    '[LG-36] a batch that does not follow the head is fenced',
    onSite(harness, async (site) => {
      const { store, writer } = await begun(site);
      const at = writer.position;
      for (const first of [at + 2, at + 100, at]) {
        const records = contacts(first, 2, writer.clock);
        await fenced(store, writer.batch(records), `a batch from ${first} on a log of ${at}`);
      }
    }),
  );

  test(
    '[LG-37] a batch of another log, another past or another epoch is fenced',
    onSite(harness, async (site) => {
      const { store, writer } = await begun(site);
      const batch = following(writer);
      const { log, epoch } = batch;
      await fenced(store, { ...batch, log: { ...log, id: `${log.id}x` } }, 'another log');
      await fenced(store, { ...batch, log: { ...log, rewinds: log.rewinds + 1 } }, 'another past');
      await fenced(store, { ...batch, epoch: epoch - 1 }, 'an older epoch');
      await fenced(store, { ...batch, epoch: epoch + 1 }, 'an epoch to come');
      await store.append(batch);
    }),
  );

  test(
    '[LG-37] the fence holds for what is held already, and for a batch without records',
    onSite(harness, async (site) => {
      const { store, writer } = await begun(site);
      const again = writer.batch(writer.records);
      await fenced(store, { ...again, epoch: again.epoch + 1 }, 'a repeat under another epoch');
      const nothing = writer.batch([]);
      await fenced(store, { ...nothing, epoch: nothing.epoch + 1 }, 'an empty batch of another epoch');
      await fenced(store, { ...nothing, after: nothing.after + 1, through: nothing.after + 1 }, 'an empty batch ahead');
    }),
  );

  test(
    '[LG-38] the same batch again succeeds and changes nothing',
    onSite(harness, async (site) => {
      const { store, writer } = await begun(site);
      const batch = following(writer, 3);
      const first = await store.append(batch);
      const before = await answers(store);
      assert.deepEqual(await store.append(batch), first);
      assert.deepEqual(await store.append({ ...batch, records: contacts(batch.after + 1, 3, writer.clock) }), first);
      assert.deepEqual(await answers(store), before);
      assert.equal((await feed(store, batch.after, 10)).length, 3);
    }),
  );

  test(
    '[LG-39] another batch at the same place is fenced',
    onSite(harness, async (site) => {
      const { store, writer } = await begun(site);
      const batch = following(writer, 3);
      await store.append(batch);
      const [one, two] = batch.records;
      const cases: Record<string, Partial<Batch>> = {
        'another content': { records: contacts(batch.after + 1, 3, writer.clock, 'other') },
        'another last record': { records: [one!, two!, ...contacts(batch.through, 1, writer.clock, 'other')] },
        'a part of it and more': { records: contacts(batch.after + 1, 4, writer.clock), through: batch.through + 1 },
      };
      for (const [what, change] of Object.entries(cases)) await fenced(store, { ...batch, ...change }, what);
      await store.append(batch);
    }),
  );

  test(
    '[LG-40] a batch without records touches nothing and says who would hold it',
    onSite(harness, async (site) => {
      const { store, writer } = await begun(site);
      const before = await answers(store);
      const commitment = await store.append(writer.batch([]));
      assert.equal(commitment.durable, store.capabilities.durable);
      assert.deepEqual(await answers(store), before);
      assert.deepEqual(await store.append(following(writer)), commitment);
    }),
  );

  test(
    '[LG-41] a batch whose positions have a gap, a repeat or a wrong end is fenced whole',
    onSite(harness, async (site) => {
      const { store, writer } = await begun(site);
      const { after, through, records } = following(writer, 3);
      const [one, two, three] = records;
      const cases: Record<string, Partial<Batch>> = {
        'a gap': { records: [one!, three!] },
        'a repeat': { records: [one!, two!, two!] },
        'another order': { records: [two!, one!, three!] },
        'an end too far': { through: through + 1 },
        'an end too near': { through: through - 1 },
        'a start too far': { after: after + 1 },
        'compacted, in another order': { records: [two!, one!, three!], compacted: true },
        'compacted, past its end': { through: through - 1, compacted: true },
      };
      for (const [what, change] of Object.entries(cases)) {
        await fenced(store, { ...writer.batch(records), ...change }, what);
      }
      assert.equal(await store.entry('contact', (one!.value as { id: string }).id), undefined);
      await store.append(writer.batch(records));
    }),
  );
};
