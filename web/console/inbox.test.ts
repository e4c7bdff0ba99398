import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { signal } from '@preact/signals';
import { ClientError } from '../../src/client/index.ts';
import type { Change, Conversation, Mention } from '../../src/protocol/entities.ts';
import { HeldCalls } from '../../test/support/held-calls.ts';
import { aConversation, aMessage, bare } from '../../test/support/scripted-server.ts';
import { createInbox } from './inbox.ts';
import type { Filters } from './route.ts';

const ME = { type: 'agent', id: 'a1', role: 'agent' } as const;

const change = (what: Partial<Change>): Change => ({ cursor: '', kind: 'message', ...what }) as Change;
const read = (seq: number): Change =>
  change({ kind: 'read', read: { conversationId: 'c1', readerId: ME.id, readerType: 'AGENT', seq } });
const said = (seq: number): Change =>
  change({ message: aMessage(seq, { conversationId: 'c1', senderType: 'USER', senderId: 'v1' }) });
const mention = (conversationId: string, seen = false): Mention =>
  ({ id: `m ${conversationId}`, agentId: ME.id, conversationId, seen }) as unknown as Mention;
const offline = new ClientError('network', '', 'later');

const begin = (t: TestContext, view: Partial<Filters> = {}) => {
  const calls = new HeldCalls();
  const filters = signal<Filters>({ who: 'all', status: 'ACTIVE', label: undefined, q: '', ...view });
  const inbox = createInbox({
    client: {
      api: { conversation: (id) => calls.ask(id), conversations: (filter) => calls.ask(filter?.agent ?? 'page') },
    },
    api: { mentions: () => calls.ask('mentions'), seeMention: () => Promise.resolve() },
    me: ME,
    filters,
  });
  t.after(() => inbox.close());
  inbox.reload();
  const rows = (): string[] => inbox.rows.value.map(({ id }) => id);
  return { inbox, filters, calls, rows, next: (what: string) => calls.next(what) };
};

const page = (...conversations: Conversation[]) => ({ conversations, nextCursor: null });

test('[CL-10] an answer that the feed overtakes on its way takes nothing back', async (t) => {
  const { inbox, calls, next } = begin(t);
  const before = page(aConversation({ unread: 1, lastMessage: aMessage(3) }));
  await next('page').answer(before);
  void inbox.ask(() => calls.ask('others'));
  inbox.apply(bare(aConversation({ status: 'CLOSED' })));
  inbox.apply(change({ message: aMessage(3, { redacted: true, content: '' }) }));
  await next('others').answer(before);
  assert.deepEqual([inbox.get('c1')?.status, inbox.get('c1')?.lastMessage?.content], ['CLOSED', '']);
});

test('[CL-10] what changed before anybody knew of it is asked for by itself', async (t) => {
  const { inbox, next, rows } = begin(t);
  inbox.apply(read(3));
  await next('page').answer(page(aConversation({ unread: 1 }), aConversation({ id: 'c2', unread: 2 })));
  assert.deepEqual(rows(), ['c2']);
  await next('c1').answer({ conversation: aConversation({ reads: [read(3).read!] }) });
  assert.deepEqual([rows(), inbox.get('c1')?.unread], [['c2', 'c1'], 0]);
});

test('[CL-10] what only the server can count is asked for until nothing overtakes the answer', async (t) => {
  const { inbox, next, calls } = begin(t);
  await next('page').answer(page(aConversation({ unread: 3 })));
  await next('mentions').answer({ mentions: [], conversations: [] });
  inbox.apply(read(1));
  const first = next('c1');
  inbox.apply(said(4));
  await first.answer({ conversation: aConversation({ unread: 1, reads: [read(1).read!] }) });
  await next('c1').answer({ conversation: aConversation({ unread: 2, lastSeq: 4, reads: [read(1).read!] }) });
  assert.equal(inbox.get('c1')?.unread, 2);
  assert.deepEqual(calls.open, []);
});

test('[CL-10] what could not be asked is asked again, until everything is thrown away', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { inbox, next, calls } = begin(t);
  const later = async (): Promise<void> => {
    t.mock.timers.tick(10_000);
    await turn();
  };
  await next('page').answer(page());
  await next('mentions').fail(offline);
  inbox.apply(said(4));
  await next('c1').fail(offline);
  assert.deepEqual(calls.open, []);
  await later();
  await next('mentions').answer({ mentions: [mention('c1')], conversations: [] });
  await next('c1').answer({ conversation: aConversation({ unread: 1, lastSeq: 4 }) });
  assert.deepEqual([inbox.get('c1')?.unread, inbox.mentions.value.size], [1, 1]);
  inbox.apply(read(2));
  await next('c1').fail(new ClientError('not_found', '', 'never'));
  await later();
  assert.deepEqual(calls.open, [], 'what is gone is not asked for again');
  inbox.need('c2');
  await next('c2').fail(offline);
  inbox.reload();
  await later();
  assert.deepEqual(calls.open, ['mentions', 'page']);
});

test('what is asked for while everything is loaded anew is not mistaken for asked', async (t) => {
  const { inbox, next } = begin(t);
  inbox.need('c1');
  const former = next('c1');
  inbox.reload();
  inbox.need('c1');
  await former.answer({ conversation: aConversation({ subject: 'of a former log' }) });
  assert.equal(inbox.get('c1'), undefined);
  await next('c1').answer({ conversation: aConversation() });
  assert.equal(inbox.get('c1')?.subject, null);
});

test('a mention that is told, or seen, while they are loaded stays so', async (t) => {
  const { inbox, next } = begin(t);
  inbox.apply(change({ mention: mention('c1') }));
  inbox.apply(change({ mention: mention('c2') }));
  inbox.seeMention('c2');
  await next('mentions').answer({ mentions: [mention('c2'), mention('c3')], conversations: [] });
  const seen = Object.fromEntries([...inbox.mentions.value].map(([id, named]) => [id, named.seen]));
  assert.deepEqual(seen, { c1: false, c2: true, c3: false });
});

test('what a search finds is listed, known before or not, page by page', async (t) => {
  const { inbox, filters, next, rows } = begin(t);
  await next('page').answer(page(aConversation(), aConversation({ id: 'c2' })));
  filters.value = { ...filters.value, q: 'anna' };
  inbox.more();
  const closed = aConversation({ id: 'c3', status: 'CLOSED' });
  await next('page').answer({ conversations: [aConversation({ id: 'c2' }), closed], nextCursor: 'more' });
  assert.deepEqual(rows(), ['c3', 'c2']);
  inbox.more();
  const call = next('page');
  inbox.apply(said(4));
  await call.answer(page(aConversation()));
  assert.deepEqual(rows(), ['c3', 'c2', 'c1']);
});

test('[CL-10] what is unread is counted beyond what the list has been scrolled to', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { inbox, next, rows, calls } = begin(t);
  const first = aConversation({ unread: 1, updatedAt: '2026-01-02T00:00:00.000Z' });
  await next('page').answer({ conversations: [first], nextCursor: 'more' });
  const mine = page(aConversation({ id: 'c2', unread: 1, agentId: ME.id }));
  await next('me').answer({ ...mine, nextCursor: 'more' });
  await next('me').fail(offline);
  t.mock.timers.tick(10_000);
  await turn();
  await next('me').answer(mine);
  const closed = aConversation({ id: 'c4', unread: 1, status: 'CLOSED' });
  await next('none').answer(page(aConversation({ id: 'c3', unread: 1 }), closed, first));
  assert.deepEqual([inbox.unread.value, rows(), calls.open], [3, ['c1'], ['mentions']]);
});
