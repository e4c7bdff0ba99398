import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { LogRecord } from '../../domain/model/record.ts';
import { searchTerms } from '../../domain/state/search-terms.ts';
import type { MessageHits, Store } from '../../domain/store.ts';
import {
  importedConversation,
  importedMessage,
  importOf,
  note,
  patch,
  post,
  redact,
  start,
} from '../../domain/testing/changes.ts';
import { CONTENT_MAX, SEARCH_MAX, SEARCH_WORDS_MAX } from '../../protocol/limits.ts';
import { face } from './answers.ts';
import { type Harness, onSite, type Site } from './harness.ts';
import { beginRandom, play, rounds } from './random-log.ts';
import { ANNA, BRUNO, CLAIRE } from './writer.ts';

/** Everything a search finds, page by page. */
const search = async (store: Store, q: string, limit = 3): Promise<LogRecord<'message'>[]> => {
  const found: LogRecord<'message'>[] = [];
  let cursor: string | null = null;
  do {
    const page: MessageHits = await store.search({ q, limit, ...(cursor !== null && { cursor }) });
    assert.ok(page.messages.length <= limit);
    assert.ok(cursor === null || page.messages.length > 0, 'a page behind another holds something');
    found.push(...page.messages);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return found;
};

const searchIds = async (...of: Parameters<typeof search>): Promise<string[]> =>
  (await search(...of)).map(({ value }) => value.id);

/** What must be found, as the plainest reading of a log gives it. */
const naiveSearch = (records: readonly LogRecord[], q: string): unknown[] => {
  const messages = new Map<string, LogRecord<'message'>>();
  for (const record of records) if (record.is('message')) messages.set(record.value.id, record);
  const holds = ({ value }: LogRecord<'message'>): boolean => {
    const words = searchTerms(value.content);
    return searchTerms(q).every((term) => words.some((word) => word.startsWith(term)));
  };
  const at = ({ value }: LogRecord<'message'>): number => Date.parse(value.createdAt);
  return [...messages.values()]
    .filter(holds)
    .sort((a, b) => at(b) - at(a) || b.position - a.position)
    .map(face);
};

/** Two conversations, and a way to post texts into the first. */
const begun = async (site: Site) => {
  const opened = await site.open();
  const { writer } = opened;
  await writer.people();
  await writer.submit(start(ANNA, 'c1'), start(BRUNO, 'c2'));
  let count = 0;
  const say = async (...contents: string[]): Promise<void> => {
    for (const content of contents) {
      count += 1;
      await writer.submit(post(ANNA, 'c1', `m${count}`, { content }));
    }
  };
  return { ...opened, say };
};

/** Texts with what finds them, and what does not. */
const TEXTS: readonly (readonly [content: string, found: readonly string[], missed: readonly string[]])[] = [
  [
    'Où est mon colis n° 42 ?',
    ['ou', 'OÙ', 'colis', 'coli', '42', '4', 'mon colis', 'colis MON'],
    ['olis', '2', 'mons'],
  ],
  ['I want a refund', ['a', 'i', 'REF', 'want refund a'], ['fund', 'refunds', 'a b']],
  ['the and of to is', ['the', 'of', 'to is', 'THE AND'], ['there', 'off']],
  ['Grüße aus Zürich, Ærøskøbing und Łódź', ['gru', 'ZURICH', 'łod', 'ærøsk'], ['lodz', 'aeroskobing']],
  ['İstanbul’da ışık', ['istanbul', 'İSTANBUL', 'da', 'ışık', 'ısık'], ['isik', 'işık']],
  ['ΟΔΟΣ Ὀδυσσεύς', ['οδος', 'ΟΔΥΣΣΕΥΣ', 'οδυσσευς', 'οδυσσευσ'], ['οδα']],
  ['東京駅で会いましょう', ['東', '東京', '東京駅で会いましょう'], ['京', '駅']],
  ['مرحبا بِكَ في المتجر', ['مرحبا', 'بك', 'المتجر', 'في'], ['متجر']],
  ['नमस्ते दुनिया', ['नमस्ते', 'दुन'], ['मस्ते']],
  ['👋🏽 hello👍world 🇫🇷', ['hello', 'world', 'WOR hello'], ['elloworld']],
  ['e-mail me@example.org, or C++/C#', ['e', 'mail', 'example.org', 'me@example', 'c'], ['ample', 'email']],
  [
    'x_1 100% "quoted" it’s O\'Neil *star* NEAR(a) OR NOT',
    ['1', '100', 'quo', 'it s', 'neil', 'star', 'near or not'],
    ['x1'],
  ],
  ['ﬁne 𝐁𝐨𝐥𝐝 ﬀ', ['ﬁne', '𝐁', 'ﬀ'], ['bold', 'fine']],
  [`${'z'.repeat(300)} tail`, ['z'.repeat(SEARCH_MAX), 'zz tail'], ['tailz']],
];

export const messageSearch = (harness: Harness): void => {
  test(
    '[LG-69] [LG-70] a rare word is found behind more messages than are looked at, also one that begins like a common one',
    onSite(harness, async (site) => {
      const { store, writer } = await begun(site);
      const [common, rare] = ['reservierung', 'reservation'];
      const messages = Array.from({ length: 2_400 }, (_, i) =>
        importedMessage('c1', `m${i}`, {
          content: i < 150 && i % 10 === 0 ? rare : common,
          createdAt: new Date(1.7e12 + i * 1000).toISOString(),
        }),
      );
      for (let i = 0; i < messages.length; i += 800) await writer.submit(importOf(...messages.slice(i, i + 800)));
      const idsOf = (content: string) =>
        messages
          .filter((message) => message.content === content)
          .map(({ id }) => id)
          .reverse();
      assert.equal(idsOf(rare).length, 15);
      assert.deepEqual(await searchIds(store, rare), idsOf(rare));
      assert.deepEqual(await searchIds(store, common, 50), idsOf(common));
      assert.deepEqual(await searchIds(store, 'reserv', 50), messages.map(({ id }) => id).reverse());
      assert.deepEqual(await searchIds(store, `${rare}en`), []);
    }),
  );

  test(
    '[LG-69] a message is found by the beginnings of its words, in any order, case and accents aside',
    onSite(harness, async (site) => {
      const { store, say } = await begun(site);
      await say(...TEXTS.map(([content]) => content), ' .,;!? ', '👋');
      for (const [i, [content, found, missed]] of TEXTS.entries()) {
        const finds = async (q: string) => (await searchIds(store, q)).includes(`m${i + 1}`);
        for (const q of found) assert.ok(await finds(q), `${q} finds ${content}`);
        for (const q of missed) assert.ok(!(await finds(q)), `${q} does not find ${content}`);
      }
    }),
  );

  test(
    '[LG-69] a long text is found by its first word and its last',
    onSite(harness, async (site) => {
      const { store, say } = await begun(site);
      const filler = '長い文 words éèê '.repeat(CONTENT_MAX).slice(0, CONTENT_MAX - 11);
      await say(`first ${filler} last`, '𝒳'.repeat(CONTENT_MAX), `${'long'.repeat(CONTENT_MAX / 4 - 1)} end`);
      assert.deepEqual(await searchIds(store, 'first last'), ['m1']);
      assert.deepEqual(await searchIds(store, `${'long'.repeat(SEARCH_MAX / 4 - 1)} end`), ['m3']);
      assert.deepEqual(await searchIds(store, '𝒳'.repeat(SEARCH_MAX / 2)), ['m2']);
    }),
  );

  test(
    '[LG-69] notes are found, events and what is beside the text are not',
    onSite(harness, async (site) => {
      const { store, writer, say } = await begun(site);
      await say('closed');
      await writer.submit(note(CLAIRE, 'c1', 'n1', { content: 'closed by phone' }));
      await writer.submit(patch(CLAIRE, 'c1', { status: 'CLOSED', subject: 'closed', agentId: 'claire' }));
      assert.deepEqual(await searchIds(store, 'closed'), ['n1', 'm1']);
      assert.deepEqual(await searchIds(store, 'claire'), []);
      assert.deepEqual(await searchIds(store, 'n1'), []);
    }),
  );

  test(
    '[LG-70] newest comes first by the time a message has, then by position, over all conversations',
    onSite(harness, async (site) => {
      const { store, writer, say } = await begun(site);
      await say('word 1');
      await writer.submit(
        importOf(
          importedConversation('old', 'bruno'),
          ...['2001-01-01', '2099-12-31', '0001-01-01', '9999-12-31', '2001-01-01', '2001-01-01', '1969-12-31'].map(
            (day, i) => importedMessage('old', `i${i}`, { content: 'word', createdAt: `${day}T00:00:00.000Z` }),
          ),
          importedMessage('old', 'i7', { content: 'word', createdAt: '2001-01-01T00:00:00.001Z' }),
          importedMessage('old', 'i8', { content: 'word', createdAt: '2000-12-31T23:59:59.999Z' }),
        ),
      );
      await writer.submit(post(BRUNO, 'c2', 'b1', { content: 'word' }), post(ANNA, 'c1', 'a1', { content: 'word' }));
      const order = ['i3', 'i1', 'a1', 'b1', 'm1', 'i7', 'i5', 'i4', 'i0', 'i8', 'i6', 'i2'];
      for (const limit of [1, 2, 3, 50]) assert.deepEqual(await searchIds(store, 'WORD', limit), order);
    }),
  );

  test(
    '[LG-71] pages follow each other without gap or double while others write',
    onSite(harness, async (site) => {
      const { store, writer, say } = await begun(site);
      for (let i = 1; i <= 7; i += 1) await say('word');
      const first = await store.search({ q: 'word', limit: 3 });
      assert.deepEqual(
        first.messages.map(({ value }) => value.id),
        ['m7', 'm6', 'm5'],
      );
      await say('word');
      const { createdAt } = first.messages[2]!.value;
      // As new as the last one of the page, but behind it in the log: it belongs in front of it, where nobody looks.
      await writer.submit(
        importOf(importedMessage('c1', 'tie', { content: 'word', createdAt })),
        redact(CLAIRE, 'c1', 'm3'),
      );
      const second = await store.search({ q: 'word', limit: 3, cursor: first.nextCursor! });
      assert.deepEqual(
        second.messages.map(({ value }) => value.id),
        ['m4', 'm2', 'm1'],
      );
      assert.equal(second.nextCursor, null);
      assert.deepEqual(await searchIds(store, 'word'), ['m8', 'm7', 'm6', 'tie', 'm5', 'm4', 'm2', 'm1']);
      for (const cursor of ['', 'x', '...', Buffer.from('[1]').toString('base64url'), '{}', 'WzEsMl0x']) {
        await assert.rejects(store.search({ q: 'word', limit: 3, cursor }), { code: 'invalid' });
      }
    }),
  );

  test(
    '[LG-72] what is redacted is never found again, and a message is found as soon as it is there',
    onSite(harness, async (site) => {
      const { store, writer, say } = await begun(site);
      // Ids that a careless database takes for the same.
      const twins = ['Twin', 'twin', 'twin ', 'tw\u00efn'];
      await writer.submit(importOf(...twins.map((id) => importedMessage('c1', id, { content: 'double' }))));
      assert.deepEqual(await searchIds(store, 'double'), twins.toReversed());
      for (let i = 1; i <= 6; i += 1) {
        await say(`word${i} all`);
        assert.deepEqual(await searchIds(store, `word${i}`), [`m${i}`]);
      }
      await writer.submit(redact(CLAIRE, 'c1', 'm2'), redact(CLAIRE, 'c1', 'm6'));
      await say('late all');
      await writer.submit(redact(CLAIRE, 'c1', 'm7'));
      assert.deepEqual(await searchIds(store, 'all', 2), ['m5', 'm4', 'm3', 'm1']);
      assert.deepEqual(await searchIds(store, 'word2'), []);
      assert.deepEqual(await searchIds(store, 'late'), []);
    }),
  );

  test(
    '[LG-73] a search has a word, not too many, and an end',
    onSite(harness, async (site) => {
      const { store, say } = await begun(site);
      const words = Array.from({ length: SEARCH_WORDS_MAX }, (_, i) => `w${String.fromCharCode(97 + i)}`);
      await say(words.join(' '));
      assert.deepEqual(await searchIds(store, words.toReversed().join(', ')), ['m1']);
      assert.deepEqual(await searchIds(store, `${words.join(' ')} wa WA`), ['m1']);
      const invalid = ['', ' ', '!?', '👋', '\u0301', `${words.join(' ')} more`, 'x'.repeat(SEARCH_MAX + 1)];
      for (const q of invalid) await assert.rejects(store.search({ q, limit: 3 }), { code: 'invalid' });
    }),
  );

  test(
    '[LG-69] [LG-70] [LG-71] [LG-72] for any log: what the plainest search of it finds, also after the next start',
    onSite(harness, async (site) => {
      const property = fc.asyncProperty(rounds(12), rounds(4), async (log, later) => {
        const here = await site.place();
        const { store, writer } = await site.open({}, here);
        await beginRandom(writer);
        for (const round of log) await play(writer, round);
        const compare = async (searched: Store) => {
          for (const q of ['text', 'of m1', 'M2', 'hello', 'a line quoted', 'first', 'unheard']) {
            assert.deepEqual((await search(searched, q, 4)).map(face), naiveSearch(writer.records, q), q);
          }
        };
        await compare(store);
        for (const round of later) await play(writer, round);
        await compare(store);
        await store.close();
        if (!store.capabilities.reopens) return;
        const again = await site.open({}, here);
        await compare(again.store);
        await again.store.close();
      });
      await fc.assert(property, { numRuns: Math.min(site.runs, 8) });
    }),
  );

  test(
    '[LG-69] many at once are answered as one after the other',
    onSite(harness, async (site) => {
      const { store, writer } = await begun(site);
      const posts = Array.from({ length: 300 }, (_, i) => post(ANNA, 'c1', `p${i}`, { content: `number ${i}` }));
      await writer.submit(...posts);
      const found = await Promise.all(posts.slice(0, 40).map((_, i) => searchIds(store, `number ${i + 30}`)));
      assert.deepEqual(
        found,
        posts.slice(0, 40).map((_, i) => {
          const prefix = `${i + 30}`;
          const ids = Array.from({ length: 300 }, (__, n) => n).filter((n) => `${n}`.startsWith(prefix));
          return ids.toReversed().map((n) => `p${n}`);
        }),
      );
    }),
  );
};
