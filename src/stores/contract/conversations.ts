import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  contactEntry,
  importedConversation,
  importedMessage,
  importOf,
  move,
  note,
  patch,
  post,
  put,
  read,
  start,
  visitor,
} from '../../domain/testing/changes.ts';
import { feed, list, listIds } from './answers.ts';
import { type Harness, onSite, type Site } from './harness.ts';
import { ANNA, BRUNO, CLAIRE } from './writer.ts';

/** Four conversations of two visitors, c1 the oldest. */
const begun = async (site: Site) => {
  const opened = await site.open();
  const { writer } = opened;
  await writer.people();
  await writer.submit(start(ANNA, 'c1', { subject: 'Élodie’s bill' }));
  await writer.submit(start(BRUNO, 'c2', { subject: 'Parcel late' }));
  await writer.submit(start(ANNA, 'c3'));
  await writer.submit(start(BRUNO, 'c4', { subject: 'Where is my parcel?' }));
  return opened;
};

export const conversations = (harness: Harness): void => {
  test(
    '[LG-50] a conversation that is not there is undefined, and an empty log has no list',
    onSite(harness, async (site) => {
      const { store } = await site.open();
      assert.equal(await store.conversation('c1'), undefined);
      assert.deepEqual(await store.conversations({ limit: 10 }), { conversations: [], nextCursor: null });
      assert.deepEqual(await store.conversations({ limit: 10, userId: 'anna' }), {
        conversations: [],
        nextCursor: null,
      });
    }),
  );

  test(
    '[LG-50] newest activity comes first: messages, notes and changes count, read marks do not',
    onSite(harness, async (site) => {
      const { store, writer } = await begun(site);
      assert.deepEqual(await listIds(store), ['c4', 'c3', 'c2', 'c1']);
      await writer.submit(post(ANNA, 'c1', 'm1'));
      await writer.submit(note(CLAIRE, 'c2', 'n1'));
      assert.deepEqual(await listIds(store), ['c2', 'c1', 'c4', 'c3']);
      await writer.submit(patch(CLAIRE, 'c3', { labels: ['vip'] }));
      await writer.submit(read(CLAIRE, 'c1', 1));
      assert.deepEqual(await listIds(store), ['c3', 'c2', 'c1', 'c4']);
    }),
  );

  test(
    '[LG-50] every filter, alone and together',
    onSite(harness, async (site) => {
      const { store, writer } = await begun(site);
      await writer.submit(patch(CLAIRE, 'c1', { agentId: 'claire', labels: ['vip', 'bill'] }));
      await writer.submit(patch(CLAIRE, 'c2', { agentId: 'denis', status: 'SNOOZED' }));
      await writer.submit(patch(CLAIRE, 'c3', { status: 'CLOSED', labels: ['vip'] }));
      assert.deepEqual(await listIds(store, { status: 'ACTIVE' }), ['c1', 'c4']);
      assert.deepEqual(await listIds(store, { status: 'SNOOZED' }), ['c2']);
      assert.deepEqual(await listIds(store, { agentId: 'claire' }), ['c1']);
      assert.deepEqual(await listIds(store, { agentId: null }), ['c3', 'c4']);
      assert.deepEqual(await listIds(store, { agentId: 'nobody' }), []);
      assert.deepEqual(await listIds(store, { label: 'vip' }), ['c3', 'c1']);
      assert.deepEqual(await listIds(store, { label: 'VIP' }), []);
      assert.deepEqual(await listIds(store, { userId: 'bruno' }), ['c2', 'c4']);
      assert.deepEqual(await listIds(store, { userId: 'nobody' }), []);
      assert.deepEqual(await listIds(store, { label: 'vip', status: 'CLOSED', agentId: null }), ['c3']);
      assert.deepEqual(await listIds(store, { label: 'vip', agentId: 'denis' }), []);
      assert.deepEqual(await listIds(store, { userId: 'anna', status: 'ACTIVE', q: 'bill' }), ['c1']);
    }),
  );

  test(
    '[LG-80] a conversation that moved is in the list and the feed of its new contact, and in those of no other',
    onSite(harness, async (site) => {
      const { store, writer } = await begun(site);
      await writer.submit(post(ANNA, 'c1', 'm1'), read(ANNA, 'c1', 1));
      await writer.submit(move('c1', 'bruno'));
      assert.deepEqual(await listIds(store, { userId: 'anna' }), ['c3']);
      assert.deepEqual(await listIds(store, { userId: 'bruno' }), ['c1', 'c4', 'c2']);
      const inFeed = async (userId: string): Promise<string[]> => {
        const records = await feed(store, 0, 3, { userId });
        return records.filter((record) => record.is('conversation')).map(({ value }) => value.id);
      };
      assert.deepEqual(await inFeed('anna'), ['c3']);
      assert.deepEqual(await inFeed('bruno'), ['c2', 'c4', 'c1']);
    }),
  );

  test(
    '[LG-51] pages follow each other without gap or double, ties in time and changes in between included',
    onSite(harness, async (site) => {
      const { store, writer } = await site.open();
      await writer.people();
      const ids = Array.from({ length: 11 }, (_, i) => `c${String(i).padStart(2, '0')}`);
      // Three moments, each shared by several conversations whose ids were not made in order.
      await writer.submit(...[7, 2, 9, 4].map((i) => start(ANNA, ids[i]!)));
      await writer.submit(...[1, 10, 0, 3, 8].map((i) => start(BRUNO, ids[i]!)));
      await writer.submit(...[6, 5].map((i) => start(ANNA, ids[i]!)));
      const expected = [5, 6, 0, 1, 3, 8, 10, 2, 4, 7, 9].map((i) => ids[i]);
      for (const limit of [1, 2, 3, 4, 5, 10, 11, 12]) assert.deepEqual(await listIds(store, {}, limit), expected);
      const annas = [5, 6, 2, 4, 7, 9].map((i) => ids[i]);
      for (const limit of [1, 2, 5, 6, 7]) assert.deepEqual(await listIds(store, { userId: 'anna' }, limit), annas);

      const first = await store.conversations({ limit: 4 });
      assert.notEqual(first.nextCursor, null);
      await writer.submit(post(ANNA, ids[7]!, 'up'), note(CLAIRE, ids[5]!, 'up again'));
      const second = await store.conversations({ limit: 20, cursor: first.nextCursor! });
      assert.deepEqual(
        second.conversations.map(({ conversation }) => conversation.id),
        [3, 8, 10, 2, 4, 9].map((i) => ids[i]),
      );
      assert.equal(second.nextCursor, null);
    }),
  );

  test(
    '[LG-51] a full page that is the last has no cursor, and a text that is no cursor is invalid',
    onSite(harness, async (site) => {
      const { store } = await begun(site);
      const page = await store.conversations({ limit: 4 });
      assert.equal(page.conversations.length, 4);
      assert.equal(page.nextCursor, null);
      for (const cursor of ['', 'x', '💥', 'bnVsbA', 'W10', 'WzEsMl0', '../../etc/passwd']) {
        await assert.rejects(() => store.conversations({ limit: 2, cursor }), { code: 'invalid' }, cursor);
        await assert.rejects(() => store.conversations({ limit: 2, userId: 'anna', cursor }), { code: 'invalid' });
      }
    }),
  );

  test(
    '[LG-50] conversations that came with old times stand where their time puts them',
    onSite(harness, async (site) => {
      const { store, writer } = await begun(site);
      await writer.submit(
        importOf(
          importedConversation('old', 'anna', { createdAt: '2019-01-01T00:00:00.000Z' }),
          importedConversation('older', 'anna', { createdAt: '2018-01-01T00:00:00.000Z' }),
          importedMessage('older', 'late', { createdAt: '2019-06-01T00:00:00.000Z' }),
          importedConversation('oldest', 'anna', { createdAt: '2017-01-01T00:00:00.000Z' }),
        ),
      );
      assert.deepEqual(await listIds(store, {}, 2), ['c4', 'c3', 'c2', 'c1', 'older', 'old', 'oldest']);
      await writer.submit(post(ANNA, 'oldest', 'now'));
      assert.deepEqual((await listIds(store, { userId: 'anna' }, 2)).slice(0, 2), ['oldest', 'c3']);
    }),
  );

  test(
    '[LG-52] search: each word begins a word of subject, name or e-mail, case and accents aside',
    onSite(harness, async (site) => {
      const { store, writer } = await begun(site);
      await writer.submit(put(contactEntry('bruno', { name: 'Bruno Øst', email: 'b.ost@example.org' })));
      const found = (q: string) => listIds(store, { q });
      assert.deepEqual(await found('elodie'), ['c1']);
      assert.deepEqual(await found('ÉLO'), ['c1']);
      assert.deepEqual(await found('E\u0301lo'), ['c1']);
      assert.deepEqual(await found('parcel'), ['c4', 'c2']);
      assert.deepEqual(await found('par la'), ['c2']);
      assert.deepEqual(await found('late parcel'), ['c2']);
      assert.deepEqual(await found('arcel'), []);
      assert.deepEqual(await found('brule'), ['c3', 'c1']);
      assert.deepEqual(await found('anna@exam'), ['c3', 'c1']);
      assert.deepEqual(await found('b.ost@example.org where'), ['c4']);
      assert.deepEqual(await found('anna parcel'), []);
      assert.deepEqual(await found('%'), ['c4', 'c3', 'c2', 'c1']);
      await writer.submit(patch(CLAIRE, 'c2', { subject: 'Solved' }), put(contactEntry('bruno', { name: 'Nina' })));
      assert.deepEqual(await found('parcel'), ['c4']);
      assert.deepEqual(await found('nina sol'), ['c2']);
      assert.deepEqual(await found('bruno'), []);
    }),
  );

  test(
    '[LG-20] a visitor’s list is in the order of what the visitor may see',
    onSite(harness, async (site) => {
      const { store, writer } = await site.open();
      await writer.people();
      await writer.submit(start(ANNA, 'c1'));
      await writer.submit(start(ANNA, 'c2'));
      await writer.submit(post(ANNA, 'c1', 'm1'));
      const before = await list(store, { userId: 'anna' });
      assert.deepEqual(
        before.map((head) => head.conversation.id),
        ['c1', 'c2'],
      );
      const shown = async () =>
        (await list(store, { userId: 'anna' })).map((head) => [
          head.conversation.id,
          head.publicUpdatedAt,
          head.lastPublicSeq,
          head.publicPosition,
        ]);
      const then = await shown();
      await writer.submit(note(CLAIRE, 'c2', 'n1'));
      await writer.submit(patch(CLAIRE, 'c2', { labels: ['vip'] }));
      await writer.submit(read(CLAIRE, 'c2', 1, 0));
      assert.deepEqual(await shown(), then);
      assert.deepEqual(await listIds(store), ['c2', 'c1']);
      await writer.submit(patch(CLAIRE, 'c2', { status: 'CLOSED' }));
      assert.deepEqual(await listIds(store, { userId: 'anna' }), ['c2', 'c1']);
    }),
  );

  test(
    '[LG-51] one visitor’s list holds nothing of another’s, on any page',
    onSite(harness, async (site) => {
      const { store, writer } = await site.open();
      await writer.people();
      await writer.submit(put(contactEntry('v 1'), contactEntry('v')));
      const people = [ANNA, BRUNO, visitor('v'), visitor('v 1')];
      for (let i = 0; i < 12; i += 1) await writer.submit(start(people[i % 4]!, `c${i}`));
      for (const person of people) {
        const heads = await list(store, { userId: person.id }, 1);
        assert.deepEqual(
          heads.map(({ conversation }) => conversation.userId),
          [person.id, person.id, person.id],
        );
      }
    }),
  );
};
