import assert from 'node:assert/strict';
import { test } from 'node:test';
import { note, patch, post, start } from '../../domain/testing/changes.ts';
import { type Harness, onSite } from './harness.ts';
import { ANNA, CLAIRE } from './writer.ts';

const ASKED = { conversations: ['c1'], messages: [], entries: [], agentEmails: [] };

export const concurrency = (harness: Harness): void => {
  test(
    '[LG-49] reads between appends see the log as it was after some batch, whole',
    onSite(harness, async (site) => {
      const { store, writer } = await site.open();
      await writer.people();
      await writer.submit(start(ANNA, 'c1'));
      /** Last seq of the conversation, by position of each batch's end. */
      const ends = new Map([[writer.position, 0]]);
      let seq = 0;
      let writing = true;
      const write = async () => {
        for (let i = 0; i < 40; i += 1) {
          const position = writer.position;
          // The end of the batch is known before it is written: each change here adds one record.
          const size = 1 + (i % 4);
          ends.set(position + size, seq + size);
          seq += size;
          await writer.submit(
            ...Array.from({ length: size }, (_, j) => (j % 2 ? note : post)(j % 2 ? CLAIRE : ANNA, 'c1', `m${i}-${j}`)),
          );
        }
        writing = false;
      };
      let last = 0;
      const watch = async () => {
        while (writing) {
          const view = await store.view(ASKED);
          const { position } = view.head;
          assert.ok(ends.has(position), `${position} is the end of a batch`);
          assert.equal(view.conversations.get('c1')!.lastSeq, ends.get(position));
          assert.ok(position >= last, 'never back');
          last = position;

          const page = await store.messages('c1', { limit: 500 });
          assert.ok([...ends.values()].includes(page.lastSeq), 'a page ends where a batch ends');
          assert.deepEqual(
            page.messages.map((record) => record.value.seq),
            Array.from({ length: page.lastSeq }, (_, i) => i + 1),
          );
          const { records, through, compacted } = await store.recordsSince(0, 10_000);
          assert.ok(ends.has(through), 'a feed ends where a batch ends');
          if (!compacted) {
            assert.deepEqual(
              records.map((record) => record.position),
              Array.from({ length: through }, (_, i) => i + 1),
            );
          }
          const head = await store.conversation('c1');
          assert.ok(head!.lastSeq >= page.lastSeq);
          await new Promise((resolve) => setImmediate(resolve));
        }
      };
      const writes = write().finally(() => {
        writing = false;
      });
      await Promise.all([writes, watch(), watch()]);
      assert.equal((await store.conversation('c1'))!.lastSeq, seq);
    }),
  );

  test(
    '[LG-49] many changes at once are all kept, once, in one order',
    onSite(harness, async (site) => {
      const { store, writer } = await site.open();
      await writer.people();
      await writer.submit(start(ANNA, 'c1'));
      writer.step = 0;
      const ids = Array.from({ length: 200 }, (_, i) => `m${i}`);
      // Every one is sent twice, as by a client that lost the first answer.
      const sent = [...ids, ...ids.filter((_, i) => i % 3 > 0)];
      await Promise.all(sent.map((id) => writer.submit(post(ANNA, 'c1', id))));
      const { messages } = await store.messages('c1', { after: 0, limit: 500 });
      assert.deepEqual(messages.map((record) => record.value.id).sort(), [...ids].sort());
      assert.deepEqual(
        messages.map((record) => record.value.seq),
        ids.map((_, i) => i + 1),
      );
    }),
  );

  test(
    '[LG-49] what a read answered does not change under the reader',
    onSite(harness, async (site) => {
      const { store, writer } = await site.open();
      await writer.people();
      await writer.submit(start(ANNA, 'c1'), post(ANNA, 'c1', 'm1'));
      const view = await store.view({ ...ASKED, messages: ['m1'] });
      const page = await store.messages('c1', { limit: 10 });
      const list = await store.conversations({ limit: 10 });
      const copy = structuredClone({
        view: [...view.conversations],
        list: list.conversations,
        count: page.messages.length,
      });
      await writer.submit(post(ANNA, 'c1', 'm2'), patch(CLAIRE, 'c1', { status: 'CLOSED', labels: ['vip'] }));
      assert.deepEqual({ view: [...view.conversations], list: list.conversations, count: page.messages.length }, copy);
    }),
  );
};
