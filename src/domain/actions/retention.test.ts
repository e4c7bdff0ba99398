import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryStore } from '../../stores/memory/memory-store.ts';
import { SYSTEM } from '../access.ts';
import { GroupCommit } from '../group-commit.ts';
import { agentEntry, contactEntry, note, patch, post, put, start } from '../testing/changes.ts';
import { ANNA, CLAIRE } from '../testing/ledger.ts';
import { auditPage } from './audit-log.ts';
import { applyRetention, changeRetention, previewRetention } from './retention.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const ADMIN = { type: 'agent', id: 'claire', role: 'admin' } as const;

test('[AC-19] contents of conversations that were closed for so long go, once; all others stay', async () => {
  const store = new MemoryStore();
  const chat = { store, log: new GroupCommit(store, await store.open()) };
  const changes = [
    put(contactEntry('anna'), agentEntry('claire')),
    ...['closed', 'open'].flatMap((id) => [
      start(ANNA, id, { subject: `subject of ${id}` }),
      post(ANNA, id, `m-${id}`),
      note(CLAIRE, id, `n-${id}`),
    ]),
    patch(CLAIRE, 'closed', { status: 'CLOSED' }),
  ];
  for (const change of changes) await chat.log.commit(change);
  const later = Date.now() + 30 * DAY_MS;
  const contents = async (id: string) => (await store.messages(id, { limit: 10 })).messages.map(({ value }) => value);

  assert.deepEqual(await applyRetention(chat, later), { conversations: 0, messages: 0 }, 'there is no policy');
  const due = { conversations: 1, messages: 2 };
  assert.deepEqual(await previewRetention(chat, SYSTEM, 29, later), due);
  assert.equal((await contents('closed'))[0]!.content, 'text of m-closed', 'a dry run deletes nothing');
  await changeRetention(chat, SYSTEM, 31);
  assert.deepEqual(await applyRetention(chat, later), { conversations: 0, messages: 0 }, 'not old enough');
  await changeRetention(chat, SYSTEM, 29);
  assert.deepEqual(await applyRetention(chat, later), due);
  assert.deepEqual(
    (await contents('closed')).map(({ seq, kind, content }) => [seq, kind, content]),
    [
      [1, 'message', ''],
      [2, 'note', ''],
      [3, 'event', ''],
    ],
  );
  assert.equal((await store.conversation('closed'))!.conversation.subject, null);
  assert.equal((await contents('open'))[0]!.content, 'text of m-open');
  const { entries } = await auditPage(chat, ADMIN, { limit: 1 });
  assert.deepEqual([entries[0]!.action, entries[0]!.detail], ['retention.run', '1 conversations, 2 messages']);
  assert.deepEqual(await applyRetention(chat, later + 60 * DAY_MS), { conversations: 0, messages: 0 });
});
