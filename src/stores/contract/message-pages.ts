import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MessageRange } from '../../domain/store.ts';
import { note, patch, post, redact, start } from '../../domain/testing/changes.ts';
import { type Harness, onSite, type Site } from './harness.ts';
import { ANNA, BRUNO, CLAIRE } from './writer.ts';

/**
 * A conversation of 12 messages, of which a visitor may see 7:
 * seq        1  2  3  4  5  6  7  8  9 10 11 12
 * kind       m  m  n  n  m  e  m  m  n  m  e  m
 * publicSeq  1  2        3     4  5     6     7
 * Another conversation grows between them.
 */
const begun = async (site: Site) => {
  const opened = await site.open();
  const { writer } = opened;
  await writer.people();
  await writer.submit(start(ANNA, 'c1'), start(BRUNO, 'other'));
  const steps = [
    post(ANNA, 'c1', 's1'),
    post(CLAIRE, 'c1', 's2'),
    note(CLAIRE, 'c1', 's3'),
    note(CLAIRE, 'c1', 's4'),
    post(ANNA, 'c1', 's5'),
    patch(CLAIRE, 'c1', { agentId: 'claire' }),
    post(CLAIRE, 'c1', 's7'),
    post(ANNA, 'c1', 's8'),
    note(CLAIRE, 'c1', 's9'),
    post(ANNA, 'c1', 's10'),
    patch(CLAIRE, 'c1', { agentId: null }),
    post(CLAIRE, 'c1', 's12'),
  ];
  for (const [i, step] of steps.entries()) await writer.submit(step, post(BRUNO, 'other', `o${i}`));
  return opened;
};

const ALL = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
const SHOWN = [1, 2, 5, 7, 8, 10, 12];

/** What a page holds by the words of the port: the plainest possible reading of them. */
const expected = (range: MessageRange) => {
  const seqs = range.public ? SHOWN : ALL;
  const numbered = seqs.map((seq, i) => ({ seq, number: i + 1 }));
  const within = numbered.filter(
    ({ number }) => number > (range.after ?? 0) && number < (range.before ?? Number.POSITIVE_INFINITY),
  );
  const page = range.after === undefined ? within.slice(-range.limit) : within.slice(0, range.limit);
  return { seqs: page.map(({ seq }) => seq), lastSeq: seqs.length, hasMore: page.length < within.length };
};

export const messagePages = (harness: Harness): void => {
  test(
    '[LG-53] pages in both directions, from every place, of every size, with and without what is hidden',
    onSite(harness, async (site) => {
      const { store } = await begun(site);
      const places = [undefined, 0, 1, 2, 3, 6, 7, 8, 11, 12, 13, 100];
      for (const shown of [false, true]) {
        for (const limit of [1, 2, 5, 7, 12, 500]) {
          for (const after of places) {
            for (const before of places) {
              const range = {
                limit,
                public: shown,
                ...(after !== undefined && { after }),
                ...(before !== undefined && { before }),
              };
              const page = await store.messages('c1', range);
              const found = {
                seqs: page.messages.map((record) => record.value.seq),
                lastSeq: page.lastSeq,
                hasMore: page.hasMore,
              };
              assert.deepEqual(found, expected(range), JSON.stringify(range));
            }
          }
        }
      }
    }),
  );

  test(
    '[LG-19] a public page, its numbers and its end tell nothing of notes and events',
    onSite(harness, async (site) => {
      const { store } = await begun(site);
      const page = await store.messages('c1', { after: 0, limit: 500, public: true });
      assert.deepEqual(
        page.messages.map((record) => record.value.kind),
        SHOWN.map(() => 'message'),
      );
      assert.deepEqual(
        page.messages.map((record) => record.value.publicSeq),
        SHOWN.map((_, i) => i + 1),
      );
      assert.equal(page.lastSeq, SHOWN.length);
      assert.deepEqual(await store.messages('c1', { after: 7, limit: 5, public: true }), {
        messages: [],
        lastSeq: 7,
        hasMore: false,
      });
    }),
  );

  test(
    '[LG-53] an unknown conversation has no messages, and one without messages neither',
    onSite(harness, async (site) => {
      const { store, writer } = await begun(site);
      await writer.submit(start(ANNA, 'empty'));
      const nothing = { messages: [], lastSeq: 0, hasMore: false };
      for (const id of ['empty', 'C1', 'unknown', '']) {
        for (const range of [{}, { after: 0 }, { after: 5 }, { before: 5 }, { public: true }]) {
          assert.deepEqual(await store.messages(id, { limit: 5, ...range }), nothing);
        }
      }
    }),
  );

  test(
    '[LG-53] a redaction changes a message where it stands, on every page',
    onSite(harness, async (site) => {
      const { store, writer } = await begun(site);
      await writer.submit(redact(CLAIRE, 'c1', 's2'), redact(CLAIRE, 'c1', 's9'));
      const contents = async (range: MessageRange) =>
        (await store.messages('c1', range)).messages.map((record) => record.value.content);
      assert.deepEqual(await contents({ after: 0, limit: 3 }), ['text of s1', '', 'text of s3']);
      assert.deepEqual(await contents({ before: 10, limit: 2 }), ['text of s8', '']);
      assert.deepEqual(await contents({ before: 4, limit: 2, public: true }), ['', 'text of s5']);
    }),
  );

  test(
    '[LG-54] counts are of messages by one side from one seq to another; notes and events never count',
    onSite(harness, async (site) => {
      const { store } = await begun(site);
      const count = (
        after: number,
        senderType: 'USER' | 'AGENT' | 'BOT' | 'SYSTEM',
        conversationId = 'c1',
        through = 1000,
      ) => ({ conversationId, after, through, senderType });
      const counts = await store.countMessages([
        count(0, 'USER'),
        count(0, 'AGENT'),
        count(1, 'USER'),
        count(2, 'AGENT'),
        count(8, 'USER'),
        count(10, 'USER'),
        count(11, 'AGENT'),
        count(12, 'AGENT'),
        count(99, 'AGENT'),
        count(0, 'BOT'),
        count(0, 'SYSTEM'),
        count(0, 'USER', 'other'),
        count(0, 'USER', 'unknown'),
        count(0, 'USER', 'other', 12),
        count(0, 'USER', 'other', 11),
        count(3, 'USER', 'other', 7),
        count(3, 'USER', 'other', 3),
        count(3, 'USER', 'other', 0),
      ]);
      assert.deepEqual(counts, [4, 3, 3, 2, 1, 0, 1, 0, 0, 0, 0, 12, 0, 12, 11, 4, 0, 0]);
      assert.deepEqual(await store.countMessages([]), []);
    }),
  );
};
