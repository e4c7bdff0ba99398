import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPublic } from '../../domain/model/message.ts';
import { note, patch, post, read, redact, start } from '../../domain/testing/changes.ts';
import { face, marksOf, thread } from './answers.ts';
import { type Harness, onSite } from './harness.ts';
import { ANNA, BRUNO, CLAIRE } from './writer.ts';

export const ordering = (harness: Harness): void => {
  test(
    '[LG-10] what is appended is what is read: a store gives no numbers and alters nothing',
    onSite(harness, async (site) => {
      const { store, writer } = await site.open();
      await writer.people();
      await writer.submit(start(ANNA, 'c1', { subject: 'Bill', agentId: 'claire' }), start(BRUNO, 'c2'));
      await writer.submit(post(ANNA, 'c1', 'm1'), note(CLAIRE, 'c1', 'n1'), post(BRUNO, 'c2', 'm2'));
      await writer.submit(patch(CLAIRE, 'c1', { status: 'CLOSED', labels: ['late'] }), post(ANNA, 'c1', 'm3'));
      for (const id of ['c1', 'c2']) {
        const written = writer.records.filter((record) => record.is('message') && record.value.conversationId === id);
        assert.deepEqual((await thread(store, id)).map(face), written.map(face));
        const last = writer.records.findLast((record) => record.is('conversation') && record.value.id === id)!;
        const head = await store.conversation(id);
        assert.deepEqual(head!.conversation, last.value);
        assert.equal(head!.position, last.position);
      }
    }),
  );

  test(
    '[LG-8] seq counts the messages of a conversation from 1 without gaps, publicSeq those a visitor may see',
    onSite(harness, async (site) => {
      const { store, writer } = await site.open();
      await writer.people();
      await writer.submit(start(ANNA, 'c1'), start(BRUNO, 'c2'));
      for (let i = 0; i < 5; i += 1) {
        await writer.submit(
          post(ANNA, 'c1', `a${i}`),
          note(CLAIRE, 'c1', `n${i}`),
          post(BRUNO, 'c2', `b${i}`),
          patch(CLAIRE, 'c1', { status: i % 2 ? 'ACTIVE' : 'CLOSED' }),
        );
      }
      for (const id of ['c1', 'c2']) {
        const messages = (await thread(store, id)).map((record) => record.value);
        let shown = 0;
        messages.forEach((message, i) => {
          if (isPublic(message)) shown += 1;
          assert.equal(message.seq, i + 1);
          assert.equal(message.publicSeq, shown);
        });
        const head = (await store.conversation(id))!;
        assert.equal(head.lastSeq, messages.length);
        assert.equal(head.lastPublicSeq, shown);
      }
    }),
  );

  test(
    '[LG-14] a clock that goes back changes neither order nor time of what is there',
    onSite(harness, async (site) => {
      const { store, writer } = await site.open();
      await writer.people();
      await writer.submit(start(ANNA, 'c1'));
      for (const move of [5000, -3_600_000, 0, 10, -1]) {
        writer.step = move;
        await writer.submit(post(ANNA, 'c1', `m${move}`));
      }
      const messages = await thread(store, 'c1');
      assert.deepEqual(
        messages.map((record) => record.value.id),
        ['m5000', 'm-3600000', 'm0', 'm10', 'm-1'],
      );
      const times = messages.map((record) => record.value.createdAt);
      assert.deepEqual(times, [...times].sort());
      assert.ok((await store.view({ conversations: [], messages: [], entries: [], agentEmails: [] })).head.time > 0);
    }),
  );

  test(
    '[LG-23] a redacted message keeps its place, its numbers, its sender and its time',
    onSite(harness, async (site) => {
      const { store, writer } = await site.open();
      await writer.people();
      await writer.submit(start(ANNA, 'c1'));
      await writer.submit(post(ANNA, 'c1', 'm1'), note(CLAIRE, 'c1', 'n1'), post(ANNA, 'c1', 'm2'));
      const before = (await thread(store, 'c1')).map((record) => record.value);
      await writer.submit(redact(CLAIRE, 'c1', 'm1'), redact(CLAIRE, 'c1', 'n1'));
      const after = await thread(store, 'c1');
      const gone = (message: object) => ({ ...message, content: '', redacted: true });
      assert.deepEqual(
        after.map((record) => record.value),
        [gone(before[0]!), gone(before[1]!), before[2]],
      );
      assert.deepEqual(
        after.map((record) => record.position),
        [writer.position - 1, writer.position, after[2]!.position],
      );
      const [shown] = (await store.messages('c1', { after: 0, limit: 1, public: true })).messages;
      assert.equal(shown!.value.content, '');
      assert.ok(
        !JSON.stringify(
          await store
            .view({ conversations: [], messages: ['m1', 'n1'], entries: [], agentEmails: [] })
            .then((view) => [...view.messages.values()].map((m) => m.json)),
        ).includes('text of'),
      );
    }),
  );

  test(
    '[LG-24] a read mark goes forward only, and posting counts as reading',
    onSite(harness, async (site) => {
      const { store, writer } = await site.open();
      await writer.people();
      await writer.submit(start(ANNA, 'c1'));
      const marks = async () => marksOf(await store.conversation('c1'));
      for (let i = 1; i <= 4; i += 1) await writer.submit(post(CLAIRE, 'c1', `m${i}`));
      assert.deepEqual(await marks(), { 'AGENT claire': 4 });
      await writer.submit(read(ANNA, 'c1', 2));
      assert.deepEqual(await marks(), { 'AGENT claire': 4, 'USER anna': 2 });
      await writer.submit(read(ANNA, 'c1', 1), read(CLAIRE, 'c1', 3));
      assert.deepEqual(await marks(), { 'AGENT claire': 4, 'USER anna': 2 });
      await writer.submit(post(ANNA, 'c1', 'm5'), note(CLAIRE, 'c1', 'n1'));
      assert.deepEqual(await marks(), { 'AGENT claire': 4, 'USER anna': 5 });
    }),
  );
};
