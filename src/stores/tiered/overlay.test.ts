import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { LogRecord } from '../../domain/model/record.ts';
import type { Batch, LogHead, Store } from '../../domain/store.ts';
import { answers, face, feed } from '../contract/answers.ts';
import { compact } from '../contract/filling.ts';
import { beginRandom, play, rounds } from '../contract/random-log.ts';
import { Writer } from '../contract/writer.ts';
import { MemoryStore } from '../memory/memory-store.ts';
import { Overlay } from './overlay.ts';

/** A log as it was written, batch by batch, with the store that took all of it. */
const written = async (log: Parameters<typeof play>[1][], history: number) => {
  const batches: Batch[] = [];
  class Listening extends MemoryStore {
    override async append(batch: Batch) {
      const commitment = await super.append(batch);
      if (batch.records.length > 0) batches.push(batch);
      return commitment;
    }
  }
  const store = new Listening({ history });
  const head = await store.open();
  const writer = new Writer(store, head);
  await beginRandom(writer);
  for (const round of log) await play(writer, round);
  return { store, head, batches };
};

/** A store that holds the first batches, and can be given the others. */
const holding = async (head: LogHead, batches: readonly Batch[], history: number) => {
  const store = new MemoryStore({ history });
  await store.open({ log: head.log });
  for (const batch of batches) await store.append({ ...batch, epoch: 1 });
  return store;
};

const faces = (records: readonly LogRecord[]) => records.map(face);

test('[FB-15] a tail over a store answers like one store, wherever below the end of the tail that store is by then', async () => {
  const property = fc.asyncProperty(
    rounds(14),
    fc.nat({ max: 14 }),
    fc.nat({ max: 14 }),
    fc.nat({ max: 14 }),
    fc.constantFrom(2, 1000),
    async (log, cut, landed, moved, history) => {
      const { store, head, batches } = await written([...log], history);
      const below = Math.min(cut, batches.length - 1);
      const base = await holding(head, batches.slice(0, below), history);
      const at = (await base.view({ conversations: [], messages: [], entries: [], agentEmails: [] })).head;
      const overlay = new Overlay(base, { ...at, log: head.log });
      // Some of the tail may have reached the store before the tail was begun, and some while it was added to.
      const early = batches.slice(below, below + landed);
      for (const batch of early) await base.append({ ...batch, epoch: 1 });
      for (const batch of batches.slice(below)) await overlay.add(batch.records);
      const late = batches.slice(below + early.length, below + early.length + moved);
      for (const batch of late) await base.append({ ...batch, epoch: 1 });

      const whole = overlay as unknown as Store;
      assert.deepEqual(await answers(whole), await answers(store));
      for (const limit of [1, 3, 100]) {
        for (let from = 0; from <= overlay.position + 1; from += 1) {
          const own = await feed(whole, from, limit);
          const page = await store.recordsSince(from, 10_000);
          // Over a short history one of them may still have one by one what the other only has as entities.
          if (history > 2) assert.deepEqual(faces(own), faces(page.records));
          else assert.deepEqual(faces(compact(own)), faces(compact(page.records)));
        }
      }
    },
  );
  await fc.assert(property, { numRuns: 60 });
});
