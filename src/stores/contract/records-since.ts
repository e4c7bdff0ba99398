import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { audienceOf, entityKey, type LogRecord } from '../../domain/model/record.ts';
import type { Store } from '../../domain/store.ts';
import {
  agentEntry,
  contactEntry,
  importedConversation,
  importOf,
  note,
  patch,
  post,
  put,
  read,
  redact,
  start,
} from '../../domain/testing/changes.ts';
import { answers, face, feed } from './answers.ts';
import { compact, Filling } from './filling.ts';
import { type Harness, type Opened, onSite, type Site } from './harness.ts';
import { beginRandom, play, rounds } from './random-log.ts';
import { ANNA, BRUNO, CLAIRE, Writer } from './writer.ts';

const begun = async (site: Site): Promise<Opened> => {
  const opened = await site.open();
  const { writer } = opened;
  await writer.people();
  await writer.submit(start(ANNA, 'c1', { subject: 'Bill' }), start(BRUNO, 'c2'));
  await writer.submit(post(ANNA, 'c1', 'm1'), note(CLAIRE, 'c1', 'n1'), post(BRUNO, 'c2', 'b1'));
  await writer.submit(read(CLAIRE, 'c1', 2, 1), patch(CLAIRE, 'c1', { status: 'CLOSED' }));
  await writer.submit(post(CLAIRE, 'c1', 'm2'), redact(CLAIRE, 'c1', 'm1'), post(ANNA, 'c1', 'm3'));
  await writer.submit(put(agentEntry('claire', { name: 'Claire B.', email: 'claire@example.org' })));
  return opened;
};

/** A keeper of the same log, filled from the compacted form of what `from` wrote: all of it is below its floor. */
const filled = async (site: Site, from: Opened, limit = 4): Promise<Opened> => {
  const opened = await site.open({ log: from.head.log });
  const filling = new Filling(opened);
  const records = compact(from.writer.records);
  for (let i = 0; i < records.length; i += limit) {
    const page = records.slice(i, i + limit);
    await filling.take({ records: page, through: page.at(-1)!.position, compacted: true });
  }
  return opened;
};

/** An entity at a place: what two ways of compacting a log must agree on. */
const place = (record: LogRecord): string => `${record.position} ${entityKey(record)}`;

/** A record that is news for a visitor: it changed something the visitor may see. */
const isNews = (record: LogRecord): boolean => {
  if (audienceOf(record) !== 'visitor') return false;
  if (record.is('conversation') || record.is('read')) return record.value.publicPosition === record.position;
  return true;
};

const isOf = (userId: string, record: LogRecord, owner: ReadonlyMap<string, string>): boolean => {
  if (record.is('conversation')) return record.value.userId === userId;
  if (record.is('message') || record.is('read')) return owner.get(record.value.conversationId) === userId;
  return false;
};

/** What a visitor is to be told of a log, by the plain words of the rule. */
const newsFor = (userId: string, records: readonly LogRecord[]): string[] => {
  const owner = new Map(
    records.flatMap((record) => (record.is('conversation') ? [[record.value.id, record.value.userId]] : [])),
  );
  return compact(records.filter((record) => isNews(record) && isOf(userId, record, owner))).map(place);
};

const newsOf = async (store: Store, userId: string, after = 0): Promise<string[]> =>
  (await feed(store, after, 2, { userId })).map(place);

export const recordsSince = (harness: Harness): void => {
  test(
    '[LG-57] above the floor every record comes, one by one, in order, from any place, on pages of any size',
    onSite(harness, async (site) => {
      const { store, writer } = await begun(site);
      const { floor } = store.health();
      for (let position = floor; position <= writer.position; position += 1) {
        const expected = writer.records.filter((record) => record.position > position);
        for (const limit of [1, 3, 100]) {
          const page = await store.recordsSince(position, limit);
          assert.equal(page.compacted, false);
          assert.deepEqual(page.records.map(face), expected.slice(0, limit).map(face));
          assert.deepEqual(
            page.records.map(({ time, json }) => ({ time, json })),
            expected.slice(0, limit).map(({ time, json }) => ({ time, json })),
          );
          assert.equal(page.more, expected.length > limit);
          assert.equal(page.through, page.more ? page.records.at(-1)!.position : writer.position);
        }
      }
    }),
  );

  test(
    '[LG-60] at the head, and past it, there is nothing and no more',
    onSite(harness, async (site) => {
      const empty = await site.open();
      assert.deepEqual(await empty.store.recordsSince(0, 10), {
        records: [],
        through: 0,
        more: false,
        compacted: false,
      });
      const { store, writer } = await begun(site);
      for (const filter of [{}, { userId: 'anna' }, { userId: 'nobody' }]) {
        for (const ahead of [0, 1, 1000]) {
          const page = await store.recordsSince(writer.position + ahead, 10, filter);
          assert.deepEqual(page.records, []);
          assert.equal(page.more, false);
          assert.equal(page.through, writer.position);
        }
      }
    }),
  );

  test(
    '[LG-58] below the floor every entity comes once, at the position of its last change',
    onSite(harness, async (site) => {
      const source = await begun(site);
      const { store } = await filled(site, source);
      const { position } = source.writer;
      assert.equal(store.health().position, position);
      assert.equal(store.health().floor, position);
      const all = compact(source.writer.records);
      for (let after = 0; after < position; after += 1) {
        const expected = all.filter((record) => record.position > after).map(place);
        for (const limit of [1, 4, 100]) {
          const page = await store.recordsSince(after, limit);
          assert.equal(page.compacted, true);
          assert.deepEqual(page.records.map(place), expected.slice(0, limit));
          assert.equal(page.more, expected.length > limit);
          assert.equal(page.through, page.more ? page.records.at(-1)!.position : position);
        }
      }
      assert.deepEqual((await feed(store, 0, 3)).map(place), all.map(place));
    }),
  );

  test(
    '[LG-58] [LG-59] imported times, past or future, do not move the clock of a keeper that is filled',
    onSite(harness, async (site) => {
      const source = await filled(site, await begun(site));
      const writer = new Writer(source.store, source.head);
      writer.clock = Date.UTC(2025, 5, 1);
      for (const createdAt of ['2099-01-01T00:00:00.000Z', '2001-01-01T00:00:00.000Z']) {
        await writer.submit(importOf(importedConversation(createdAt, 'anna', { createdAt })));
        const records = await feed(source.store, 0, 4);
        assert.ok(records.every(({ time }) => time <= writer.clock));
        const target = await site.open({ log: source.head.log });
        await new Filling(target).takeAll(source.store, 4);
        const { head } = await target.store.view({ conversations: [], messages: [], entries: [], agentEmails: [] });
        assert.deepEqual([head.position, head.time], [writer.position, writer.clock]);
      }
    }),
  );

  test(
    '[LG-42] a compacted batch again succeeds and changes nothing; another one at its place is fenced',
    onSite(harness, async (site) => {
      const source = await begun(site);
      const { store, head } = await site.open({ log: source.head.log });
      const records = compact(source.writer.records);
      const through = records.at(-1)!.position;
      const batch = { log: head.log, epoch: head.epoch, after: 0, through, records, compacted: true };
      await store.append(batch);
      const before = await answers(store);
      await store.append(batch);
      assert.deepEqual(await answers(store), before);
      await assert.rejects(() => store.append({ ...batch, records: records.slice(1) }), { code: 'fenced' });
      assert.deepEqual(await answers(store), before);
    }),
  );

  test(
    '[LG-42] a message before its conversation, a late message before an early one: nothing breaks while it fills',
    onSite(harness, async (site) => {
      const source = await site.open();
      await source.writer.people();
      await source.writer.submit(start(ANNA, 'c1'), post(ANNA, 'c1', 'm1'), post(CLAIRE, 'c1', 'm2'));
      await source.writer.submit(read(ANNA, 'c1', 2), post(ANNA, 'c1', 'm3'), note(CLAIRE, 'c1', 'n1'));
      await source.writer.submit(redact(CLAIRE, 'c1', 'm1'), post(ANNA, 'c1', 'm4'), redact(CLAIRE, 'c1', 'm2'));
      await source.writer.submit(patch(CLAIRE, 'c1', { labels: ['vip'] }));
      const target = await site.open({ log: source.head.log });
      const filling = new Filling(target);
      for (const record of compact(source.writer.records)) {
        await filling.take({ records: [record], through: record.position, compacted: true });
        for (const range of [{}, { after: 0 }, { after: 2 }, { before: 3 }]) {
          for (const shown of [false, true]) {
            const page = await target.store.messages('c1', { limit: 2, public: shown, ...range });
            for (const { value } of page.messages) assert.equal(value.conversationId, 'c1');
          }
        }
        await target.store.countMessages([{ conversationId: 'c1', after: 0, through: 9, senderType: 'USER' }]);
        await answers(target.store).catch(() => assert.fail('a read failed while the store was filled'));
      }
      assert.deepEqual(await answers(target.store), await answers(source.store));
    }),
  );

  test(
    '[LG-59] a keeper filled from a feed, from nothing or from behind, while its source goes on, answers the same',
    onSite(harness, async (site) => {
      const property = fc.asyncProperty(
        rounds(14),
        fc.nat({ max: 14 }),
        fc.integer({ min: 1, max: 9 }),
        async (log, cut, limit) => {
          const plain = await site.open();
          await beginRandom(plain.writer);
          const lagging = await site.open({ log: plain.head.log });
          const behind = new Filling(lagging);
          await behind.takeAll(plain.store, 100);
          for (const round of log.slice(0, cut)) await play(plain.writer, round);

          const source = await filled(site, plain, limit);
          assert.deepEqual(await answers(source.store), await answers(plain.store));

          const target = await site.open({ log: plain.head.log });
          const filling = new Filling(target);
          const writer = new Writer(source.store, source.head);
          writer.clock = plain.writer.clock;
          for (const round of log.slice(cut)) {
            const from = plain.writer.records.length;
            await play(plain.writer, round);
            const to = writer.records.length;
            await play(writer, round);
            assert.deepEqual(
              writer.records.slice(to).map(({ time, ...record }) => ({ time, ...record })),
              plain.writer.records.slice(from).map(({ time, ...record }) => ({ time, ...record })),
            );
            await filling.takeFrom(source.store, limit);
            await behind.takeFrom(source.store, limit);
            await answers(target.store);
          }
          await filling.takeAll(source.store, limit);
          await behind.takeAll(source.store, limit);

          const expected = await answers(plain.store);
          for (const { store } of [source, target, lagging]) assert.deepEqual(await answers(store), expected);
          const view = { conversations: [], messages: [], entries: [], agentEmails: [] };
          const { time } = (await plain.store.view(view)).head;
          for (const { store } of [source, target, lagging]) assert.equal((await store.view(view)).head.time, time);
        },
      );
      await fc.assert(property, { numRuns: site.runs });
    }),
  );

  test(
    '[LG-21] a visitor’s feed holds what the visitor may see of the own conversations, once each',
    onSite(harness, async (site) => {
      const { store, writer } = await begun(site);
      for (const id of ['anna', 'bruno', 'nobody'])
        assert.deepEqual(await newsOf(store, id), newsFor(id, writer.records));
      assert.equal((await newsOf(store, 'nobody')).length, 0);
    }),
  );

  test(
    '[LG-21] notes, events, labels, other people and marks over notes are in no visitor’s feed',
    onSite(harness, async (site) => {
      const { store, writer } = await begun(site);
      const before = writer.position;
      const then = await newsOf(store, 'anna');
      await writer.submit(note(CLAIRE, 'c1', 'n2'));
      await writer.submit(read(CLAIRE, 'c1', 7, 3));
      const shown = await newsOf(store, 'anna', before);
      await writer.submit(note(CLAIRE, 'c1', 'n3'), redact(CLAIRE, 'c1', 'n2'));
      await writer.submit(read(CLAIRE, 'c1', 8, 3));
      await writer.submit(patch(CLAIRE, 'c1', { labels: ['vip'] }));
      await writer.submit(post(BRUNO, 'c2', 'b2'), post(CLAIRE, 'c2', 'b3'), read(BRUNO, 'c2', 3));
      await writer.submit(patch(CLAIRE, 'c2', { status: 'CLOSED', agentId: 'claire' }));
      await writer.submit(put(contactEntry('anna', { name: 'Another name' }), agentEntry('claire', { name: 'Other' })));
      assert.deepEqual(await newsOf(store, 'anna', before), shown);
      assert.equal(shown.length, 1, 'the mark that reached what the visitor can see');
      assert.deepEqual(await newsOf(store, 'anna'), [...then, ...shown]);
      assert.deepEqual(await newsOf(store, 'anna'), newsFor('anna', writer.records));
    }),
  );

  test(
    '[LG-21] for any log, each visitor’s feed is what the visitor may see of it, from any place',
    onSite(harness, async (site) => {
      const property = fc.asyncProperty(rounds(14), fc.nat(), async (log, seed) => {
        const { store, writer } = await site.open();
        await beginRandom(writer);
        for (const round of log) await play(writer, round);
        for (const userId of ['v1', 'v2', 'claire']) {
          const expected = newsFor(userId, writer.records);
          assert.deepEqual(await newsOf(store, userId), expected);
          const after = seed % (writer.position + 1);
          const behind = expected.filter((key) => Number.parseInt(key, 10) > after);
          assert.deepEqual(await newsOf(store, userId, after), behind);
        }
      });
      await fc.assert(property, { numRuns: site.runs });
    }),
  );
};
