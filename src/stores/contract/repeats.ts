import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  agentEntry,
  contactEntry,
  create,
  importedConversation,
  importedMessage,
  importOf,
  note,
  post,
  put,
  redact,
  start,
} from '../../domain/testing/changes.ts';
import { answers, face } from './answers.ts';
import { type Harness, onSite, type Site } from './harness.ts';
import { ANNA, CLAIRE } from './writer.ts';

const begun = async (site: Site) => {
  const opened = await site.open();
  const { writer } = opened;
  await writer.people();
  await writer.submit(start(ANNA, 'c1'), start(ANNA, 'c2'));
  return opened;
};

export const repeats = (harness: Harness): void => {
  test(
    '[LG-2] a repeat adds nothing and is answered with the first result, however much came in between',
    onSite(harness, async (site) => {
      const { store, writer } = await begun(site);
      const [first] = await writer.submit(post(ANNA, 'c1', 'm1'));
      for (let i = 0; i < 40; i += 1) {
        await writer.submit(post(CLAIRE, 'c1', `a${i}`), note(CLAIRE, 'c1', `n${i}`), post(ANNA, 'c2', `b${i}`));
      }
      const before = await answers(store);
      const [again] = await writer.submit(post(ANNA, 'c1', 'm1'));
      assert.equal(again!.repeated, true);
      assert.equal(again!.added, 0);
      assert.deepEqual(face(again!.message!), face(first!.message!));
      assert.deepEqual(await answers(store), before);
    }),
  );

  test(
    '[LG-3] anything else under a known id is id_taken and leaves no trace',
    onSite(harness, async (site) => {
      const { store, writer } = await begun(site);
      await writer.submit(post(ANNA, 'c1', 'm1'));
      const before = await answers(store);
      const outcomes = await writer.attempt(
        post(ANNA, 'c1', 'm1', { content: 'another text' }),
        post(ANNA, 'c2', 'm1'),
        post(CLAIRE, 'c1', 'm1'),
        note(CLAIRE, 'c1', 'm1'),
        start(ANNA, 'c9', { message: { id: 'm1', content: 'text of m1', sender: { id: 'anna', type: 'USER' } } }),
      );
      for (const outcome of outcomes) assert.equal(!outcome.ok && outcome.error.code, 'id_taken');
      assert.deepEqual(await answers(store), before);
    }),
  );

  test(
    '[LG-2] a redacted message is still known by its id',
    onSite(harness, async (site) => {
      const { store, writer } = await begun(site);
      await writer.submit(post(ANNA, 'c1', 'm1'));
      await writer.submit(redact(CLAIRE, 'c1', 'm1'));
      const before = await answers(store);
      const [again, other] = await writer.attempt(post(ANNA, 'c1', 'm1'), post(ANNA, 'c2', 'm1'));
      assert.ok(again!.ok && again!.repeated);
      assert.equal(again!.message!.value.content, '');
      assert.equal(!other!.ok && other!.error.code, 'id_taken');
      assert.deepEqual(await answers(store), before);
    }),
  );

  test(
    '[LG-6] entries written again as they are add nothing',
    onSite(harness, async (site) => {
      const { store, writer } = await begun(site);
      const entries = [contactEntry('guest', { name: 'Guest' }), agentEntry('emma', { email: 'emma@example.org' })];
      await writer.submit(create(...entries));
      const before = await answers(store);
      const outcomes = await writer.submit(create(...entries), put(...entries));
      assert.deepEqual(
        outcomes.map(({ repeated }) => repeated),
        [true, true],
      );
      assert.deepEqual(await answers(store), before);
    }),
  );

  test(
    '[LG-31] an import made twice adds nothing the second time',
    onSite(harness, async (site) => {
      const { store, writer } = await begun(site);
      const imported = importOf(
        importedConversation('old', 'guest', { createdAt: '2019-05-01T10:00:00.000Z' }),
        importedMessage('old', '1', { createdAt: '2019-05-01T10:00:01.000Z' }),
        importedMessage('old', '2', { content: '' }),
        importedConversation('older', 'guest', { createdAt: '2018-05-01T10:00:00.000Z' }),
        importedMessage('older', '1', { content: 'another program counts in each conversation' }),
      );
      const [first] = await writer.submit(imported);
      assert.equal(first!.added, 5);
      const before = await answers(store);
      const [again] = await writer.submit(imported);
      assert.equal(again!.added, 0);
      assert.deepEqual(await answers(store), before);
    }),
  );

  test(
    '[LG-5] [LG-48] a view knows ids of any age and leaves out what is not there',
    onSite(harness, async (site) => {
      const { store, writer } = await begun(site);
      const ids = Array.from({ length: 60 }, (_, i) => `m${i}`);
      for (const id of ids) await writer.submit(post(ANNA, 'c1', id));
      const view = await store.view({
        conversations: ['c1', 'c3', 'M1'],
        messages: [...ids, 'm60', 'c1', 'M1', ''],
        entries: [
          { kind: 'contact', id: 'anna' },
          { kind: 'agent', id: 'anna' },
          { kind: 'credential', id: 'claire' },
        ],
        agentEmails: ['claire@example.org', 'nobody@example.org'],
      });
      assert.deepEqual([...view.conversations.keys()], ['c1']);
      assert.deepEqual([...view.messages.keys()].sort(), [...ids].sort());
      for (const id of ids) {
        const sent = writer.records.find((record) => record.is('message') && record.value.id === id)!;
        assert.deepEqual(face(view.messages.get(id)!), face(sent));
      }
      assert.deepEqual([...view.entries.keys()], ['contact anna']);
      assert.deepEqual([...view.agentsByEmail.keys()], ['claire@example.org']);
      assert.equal(view.head.position, writer.position);
      assert.equal(view.head.time, writer.clock);
    }),
  );
};
