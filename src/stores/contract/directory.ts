import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DIRECTORY_KINDS, mentionId } from '../../domain/model/directory.ts';
import { agentEntry, agentOf, contactEntry, contactOf, create, put, TIME } from '../../domain/testing/changes.ts';
import { compact, Filling } from './filling.ts';
import { type Harness, onSite } from './harness.ts';

export const directory = (harness: Harness): void => {
  test(
    '[LG-55] every kind of entry is found by kind and id, as it was last written',
    onSite(harness, async (site) => {
      const { store, writer } = await site.open();
      const session = { id: 'f00', agentId: 'x', createdAt: TIME, expiresAt: TIME, revoked: false };
      const settings = { id: 'settings', teamName: 'Équipe', greeting: 'Bonjour !', accent: null } as const;
      const label = { id: 'très pressé', name: 'Urgent', color: '#1F6F5C', archived: false };
      const reply = { id: 'r1', shortcut: 'horaires', content: 'De dix à seize heures, {{name}}.', archived: false };
      const mention = {
        ...{ id: mentionId('x', 'c/1'), agentId: 'x', conversationId: 'c/1', messageId: 'n1', seq: 2 },
        ...{ byId: 'y', at: TIME, seen: false },
      };
      const said = {
        attributes: { plan: 'pro', __proto__x: '"' },
        page: { url: 'https://x.example/', title: null, at: TIME },
      };
      await writer.submit(
        create(
          contactEntry('known', said),
          contactEntry('x', { name: 'X', locale: 'fr' }),
          agentEntry('x', { name: 'X of ours', email: 'x@example.org' }),
          { kind: 'credential', value: { id: 'x', passwordHash: '$argon2id$v=19$…' } },
          { kind: 'session', value: session },
          { kind: 'settings', value: settings },
          { kind: 'label', value: label },
          { kind: 'cannedReply', value: reply },
          { kind: 'mention', value: mention },
        ),
      );
      assert.deepEqual(await store.entry('contact', 'x'), contactOf('x', { name: 'X', locale: 'fr' }));
      assert.deepEqual(await store.entry('agent', 'x'), agentOf('x', { name: 'X of ours', email: 'x@example.org' }));
      assert.deepEqual(await store.entry('credential', 'x'), { id: 'x', passwordHash: '$argon2id$v=19$…' });
      assert.deepEqual(await store.entry('session', 'f00'), session);
      assert.deepEqual(await store.entry('settings', 'settings'), settings);
      assert.deepEqual(await store.entry('label', label.id), label);
      assert.deepEqual(await store.entry('cannedReply', 'r1'), reply);
      assert.deepEqual(await store.entry('mention', mention.id), mention);
      assert.deepEqual(await store.entry('contact', 'known'), contactOf('known', said));
      await writer.submit(put({ kind: 'session', value: { ...session, revoked: true } }));
      assert.deepEqual(await store.entry('session', 'f00'), { ...session, revoked: true });
      assert.deepEqual(await store.entries('session'), [{ ...session, revoked: true }]);
      for (const kind of DIRECTORY_KINDS) {
        for (const id of ['y', 'X', '', '__proto__']) assert.equal(await store.entry(kind, id), undefined);
      }
    }),
  );

  test(
    '[LG-55] entries of a kind come in order of id by code units, page by page',
    onSite(harness, async (site) => {
      const { store, writer } = await site.open();
      const ids = ['b', 'a', 'B', 'é', 'e', '10', '9', 'z', '\u{1F600}', '\uFF5E', 'a b', 'a-b'];
      await writer.submit(...ids.map((id) => put(contactEntry(id))));
      await writer.submit(put(agentEntry('a')));
      const sorted = [...ids].sort();
      const idsOf = async (page?: { after?: string; limit?: number }) =>
        (await store.entries('contact', page)).map(({ id }) => id);
      assert.deepEqual(await idsOf(), sorted);
      assert.deepEqual(await idsOf({ limit: 3 }), sorted.slice(0, 3));
      assert.deepEqual(await idsOf({ after: 'a' }), sorted.slice(sorted.indexOf('a') + 1));
      assert.deepEqual(await idsOf({ after: 'aa', limit: 2 }), sorted.filter((id) => id > 'aa').slice(0, 2));
      assert.deepEqual(await idsOf({ after: sorted.at(-1)! }), []);
      const paged: string[] = [];
      for (;;) {
        const page = await idsOf({ limit: 5, ...(paged.length > 0 && { after: paged.at(-1)! }) });
        if (page.length === 0) break;
        paged.push(...page);
      }
      assert.deepEqual(paged, sorted);
      assert.deepEqual(await store.entries('settings'), []);
    }),
  );

  test(
    '[LG-56] an agent is found by e-mail address in any case, as long as it has it',
    onSite(harness, async (site) => {
      const { store, writer } = await site.open();
      const holder = async (email: string) => (await store.agentByEmail(email))?.id;
      await writer.submit(
        put(agentEntry('one', { email: 'desk@example.org' }), agentEntry('two'), agentEntry('three')),
      );
      for (const email of ['desk@example.org', 'Desk@Example.ORG']) assert.equal(await holder(email), 'one');
      for (const email of ['', 'desk', 'desk@example.org ', '%', 'one']) assert.equal(await holder(email), undefined);

      await writer.submit(put(agentEntry('one', { email: 'one@example.org' })));
      assert.equal(await holder('desk@example.org'), undefined);
      assert.equal(await holder('one@example.org'), 'one');

      await writer.submit(put(agentEntry('two', { email: 'desk@example.org', active: false })));
      assert.equal(await holder('desk@example.org'), 'two');
      await writer.submit(put(agentEntry('two', { name: 'renamed', email: 'desk@example.org' })));
      assert.equal((await store.agentByEmail('desk@example.org'))?.name, 'renamed');
    }),
  );

  test(
    '[LG-56] an address that moves within one batch is found with its new holder',
    onSite(harness, async (site) => {
      const { store, writer } = await site.open();
      await writer.submit(put(agentEntry('one', { email: 'desk@example.org' }), agentEntry('two')));
      await writer.submit(put(agentEntry('one')), put(agentEntry('two', { email: 'desk@example.org' })));
      assert.equal((await store.agentByEmail('desk@example.org'))?.id, 'two');
      const [taken] = await writer.attempt(put(agentEntry('one', { email: 'desk@example.org' })));
      assert.equal(!taken!.ok && taken!.error.code, 'email_taken');
    }),
  );

  test(
    '[LG-56] [LG-59] an address is found with its new holder when that one comes before the old one lets go',
    onSite(harness, async (site) => {
      const source = await site.open();
      const { writer } = source;
      await writer.submit(put(agentEntry('one', { email: 'desk@example.org' }), agentEntry('two')));
      const behind = await site.open({ log: source.head.log });
      const filling = new Filling(behind);
      await filling.take({ records: writer.records.slice(), through: writer.position, compacted: false });
      const from = writer.position;
      await writer.submit(put(agentEntry('one', { email: 'one@example.org' })));
      await writer.submit(put(agentEntry('two', { email: 'desk@example.org' })));
      await writer.submit(put(agentEntry('one', { email: 'uno@example.org' })));
      const records = compact(writer.records).filter(({ position }) => position > from);
      assert.deepEqual(
        records.map(({ value }) => (value as { id: string }).id),
        ['two', 'one'],
      );
      await filling.take({ records, through: writer.position, compacted: true });
      assert.equal((await behind.store.agentByEmail('desk@example.org'))?.id, 'two');
      assert.equal((await behind.store.agentByEmail('uno@example.org'))?.id, 'one');
      assert.equal(await behind.store.agentByEmail('one@example.org'), undefined);
    }),
  );
};
