import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  agentEntry,
  attachmentOf,
  contactEntry,
  importedConversation,
  importedMessage,
  importOf,
  note,
  post,
  put,
  read,
  start,
  visitor,
} from '../../domain/testing/changes.ts';
import { answers, feed, list, listIds, thread } from './answers.ts';
import { compact, Filling } from './filling.ts';
import { type Harness, onSite, type Site } from './harness.ts';
import { ANNA, CLAIRE } from './writer.ts';

/** Texts that have broken formats, parsers, shells, escapes or databases somewhere. */
const TEXTS = [
  ' ',
  '\u2028\u2029',
  '👋🏽'.repeat(10_000),
  'שלום \u202Eolleh\u202C مرحبا',
  'line one\nline two\r\nline three\r\ttab',
  '"quoted" \'single\' `back` \\ \\\\ \\n \\u0000 \\"',
  '}]',
  '"},\n"c9":{"id":"c9"},\n',
  ']},"position":1}',
  '{"id":"forged","conversationId":"c1","seq":1}',
  ',"position":99}',
  '__proto__',
  'C {"after":0,"through":9}\nR 1 1 message {}',
  '\u0001\u0008\u000b\u001f\u007f\ufeff\ufffe',
  "'; DROP TABLE chat_messages; -- %s %d $1 $x",
  'e\u0301 é ﬁ ｆ',
  '<script>alert(1)</script>&amp;',
  'null',
  '0',
];

/** Ids that adopted data can carry: any text at all. */
const IDS = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'id',
  'Id',
  'ID',
  'ıd',
  'é',
  'e\u0301',
  'a b',
  'a  b',
  'b',
  ' ',
  'a\nb',
  '"a"',
  "'a'",
  'a\\',
  '\\"',
  '}]',
  '],"x":[',
  '\u2028',
  'מזהה',
  '👋',
  '%',
  '_',
  '..',
  '../c1',
  '0',
  '00',
  'null',
  '\u0001',
  'x'.repeat(255),
];

const begun = async (site: Site) => {
  const opened = await site.open();
  await opened.writer.people();
  await opened.writer.submit(start(ANNA, 'c1'));
  return opened;
};

export const hostileContent = (harness: Harness): void => {
  test(
    '[LG-10] any text comes back as it went in, on every read',
    onSite(harness, async (site) => {
      const { store, writer } = await begun(site);
      for (const [i, content] of TEXTS.entries()) {
        await writer.submit(post(ANNA, 'c1', `m${i}`, { content }), note(CLAIRE, 'c1', `n${i}`, { content }));
      }
      const both = TEXTS.flatMap((text) => [text, text]);
      assert.deepEqual(
        (await thread(store, 'c1')).map((record) => record.value.content),
        both,
      );
      assert.deepEqual(
        (await thread(store, 'c1', { public: true })).map((record) => record.value.content),
        TEXTS,
      );
      const records = await feed(store, store.health().floor, 100);
      for (const record of records) {
        if (record.is('message')) assert.deepEqual(JSON.parse(record.json).content, record.value.content);
      }
      const ids = TEXTS.map((_, i) => `m${i}`);
      const view = await store.view({ conversations: [], messages: ids, entries: [], agentEmails: [] });
      assert.deepEqual(
        ids.map((id) => view.messages.get(id)!.value.content),
        TEXTS,
      );
      const repeated = await writer.submit(...TEXTS.map((content, i) => post(ANNA, 'c1', `m${i}`, { content })));
      assert.ok(repeated.every((done) => done.repeated));
    }),
  );

  test(
    '[LG-67] files of messages come back as they went in',
    onSite(harness, async (site) => {
      const { store, writer } = await begun(site);
      const { width: _, height: __, ...plain } = attachmentOf('notes.txt', { type: 'text/plain' });
      const posts = TEXTS.map((name, i) => {
        const attachments = [attachmentOf(name.slice(0, 200), { size: i }), plain];
        return post(ANNA, 'c1', `m${i}`, { content: i % 2 === 0 ? '' : name, attachments });
      });
      await writer.submit(...posts, note(CLAIRE, 'c1', 'n', { attachments: [plain] }), post(ANNA, 'c1', 'none'));
      const expected = [...posts.map((each) => each.attachments), [plain], undefined];
      const messages = await thread(store, 'c1');
      assert.deepEqual(
        messages.map(({ value }) => value.attachments),
        expected,
      );
      for (const { value, json } of messages) assert.deepEqual(JSON.parse(json).attachments, value.attachments);
      const view = await store.view({ conversations: [], messages: ['m0'], entries: [], agentEmails: [] });
      assert.equal(view.messages.get('m0')!.json, messages[0]!.json);
      assert.ok((await writer.submit(...posts)).every(({ repeated }) => repeated));
    }),
  );

  test(
    '[LG-10] any text as subject, name and label comes back as it went in',
    onSite(harness, async (site) => {
      const { store, writer } = await begun(site);
      const short = TEXTS.map((text) => text.slice(0, 200));
      for (const [i, text] of short.entries()) {
        await writer.submit(put(contactEntry(`guest${i}`, { name: text, email: text })));
        await writer.submit(start(visitor(`guest${i}`), `s${i}`, { subject: text }));
      }
      for (const [i, text] of short.entries()) {
        assert.equal((await store.conversation(`s${i}`))!.conversation.subject, text);
        assert.equal((await store.entry('contact', `guest${i}`))!.name, text);
      }
    }),
  );

  test(
    '[LG-1] any text is an id of its own: no case, no accent, no name of the language is special',
    onSite(harness, async (site) => {
      const { store, writer } = await begun(site);
      await writer.submit(
        importOf(
          ...IDS.flatMap((id, i) => [
            { type: 'contact' as const, value: { id, name: `name ${i}`, email: null, locale: null, createdAt: '' } },
            importedConversation(id, id, { subject: `subject ${i}` }),
            importedMessage(id, id, { senderId: id, content: `content ${i}` }),
          ]),
        ),
      );
      await writer.submit(...IDS.map((id, i) => put(agentEntry(id, { name: `agent ${i}` }))));
      await writer.submit(...IDS.map((id) => read(visitor(id), id, 1)));
      await writer.submit(...IDS.map((id) => note(CLAIRE, id, `note on ${id}`)));
      const view = await store.view({
        conversations: IDS,
        messages: IDS,
        entries: IDS.map((id) => ({ kind: 'contact', id })),
        agentEmails: [],
      });
      for (const [i, id] of IDS.entries()) {
        const head = await store.conversation(id);
        assert.equal(head?.conversation.subject, `subject ${i}`);
        assert.deepEqual(view.conversations.get(id), head);
        assert.equal(view.messages.get(id)?.value.content, `content ${i}`);
        assert.deepEqual(view.entries.get(`contact ${id}`), await store.entry('contact', id));
        assert.equal((await store.entry('contact', id))?.name, `name ${i}`);
        assert.equal((await store.entry('agent', id))?.name, `agent ${i}`);
        assert.deepEqual(
          (await thread(store, id)).map((record) => record.value.id),
          [id, `note on ${id}`],
        );
        assert.deepEqual(await listIds(store, { userId: id }), [id]);
        const own = await feed(store, 0, 100, { userId: id });
        assert.deepEqual(
          own.map((record) => record.kind),
          ['conversation', 'message'],
        );
        assert.deepEqual(
          await store.countMessages([{ conversationId: id, after: 0, through: 9, senderType: 'USER' }]),
          [1],
        );
      }
      assert.equal((await list(store, {}, 5)).length, IDS.length + 1);
      assert.deepEqual(
        (await store.entries('contact')).map(({ id }) => id),
        [...IDS, 'anna', 'bruno'].sort(),
      );
    }),
  );

  test(
    '[LG-59] hostile ids and texts survive compaction',
    onSite(harness, async (site) => {
      const source = await begun(site);
      for (const [i, id] of IDS.entries()) {
        const content = TEXTS[i % TEXTS.length]!.slice(0, 300);
        await source.writer.submit(
          importOf(importedConversation(id, 'a b', { subject: content }), importedMessage(id, id, { content })),
        );
      }
      const readers = ['b', 'a b', 'c'];
      await source.writer.submit(...readers.map((id) => put(agentEntry(id))));
      await source.writer.submit(
        ...['a', 'a b', 'b'].flatMap((id) =>
          IDS.includes(id) ? [read(CLAIRE, id, 1), read(visitor('a b'), id, 1)] : [],
        ),
      );
      const target = await site.open({ log: source.head.log });
      const records = compact(source.writer.records);
      await new Filling(target).take({ records, through: source.writer.position, compacted: true });
      assert.deepEqual(await answers(target.store), await answers(source.store));
      const third = await site.open({ log: source.head.log });
      await new Filling(third).takeAll(target.store, 7);
      assert.deepEqual(await answers(third.store), await answers(source.store));
    }),
  );
};
