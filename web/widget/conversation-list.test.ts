import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { Api } from '../../src/client/api.ts';
import { Emitter } from '../../src/client/emitter.ts';
import { ClientError, type ClientEvents } from '../../src/client/index.ts';
import type { Change, Conversation } from '../../src/protocol/entities.ts';
import { HeldCalls } from '../../test/support/held-calls.ts';
import { aConversation, aMessage, bare } from '../../test/support/scripted-server.ts';
import { unreadOf } from '../shared/conversations.ts';
import { listConversations, VISITOR } from './conversation-list.ts';

class FakeClient extends Emitter<ClientEvents> {
  readonly calls = new HeldCalls();
  readonly api = { conversations: () => this.calls.ask('list') } as Pick<Api, 'conversations'> as Api;
}

const begin = () => {
  const client = new FakeClient();
  const list = listConversations(
    client,
    () => {},
    () => {},
  );
  client.emit('fresh', { log: 'log.0' });
  const unread = () => [...list.all.values()].map((each) => unreadOf(each, VISITOR));
  const answer = (...conversations: Conversation[]) =>
    client.calls.next('list').answer({ conversations, nextCursor: null });
  return { client, list, unread, answer, open: () => client.calls.open };
};

const said = (seq: number): Change => ({ cursor: '', kind: 'message', message: aMessage(seq) });
const read = (seq: number): Change => {
  return { cursor: '', kind: 'read', read: { conversationId: 'c1', readerId: 'v1', readerType: 'USER', seq } };
};

test('[CL-10] a conversation that another tab began is counted by the server, not from what the feed has of it', async () => {
  const { client, unread, answer, open } = begin();
  await answer();
  client.emit('change', bare(aConversation({ lastSeq: 3 })));
  assert.deepEqual(unread(), []);
  await answer(aConversation({ unread: 1 }));
  assert.deepEqual([unread(), open()], [[1], []]);
});

test('[CL-10] a list that something overtakes is asked for again, and so is one that only the server can count', async () => {
  const { client, unread, answer, open } = begin();
  client.emit('change', said(4));
  await answer(aConversation({ unread: 2 }));
  await answer(aConversation({ unread: 3, lastSeq: 4 }));
  client.emit('change', read(2));
  assert.deepEqual(open(), ['list']);
  await answer(aConversation({ unread: 1, lastSeq: 4, reads: [read(2).read!] }));
  assert.deepEqual([unread(), open()], [[1], []]);
});

test('[CL-10] a list that could not be had is asked for again, once however often it was wanted', async (t: TestContext) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { client, unread, answer, open } = begin();
  await client.calls.next('list').fail(new ClientError('network', '', 'later'));
  for (let seq = 4; seq < 7; seq++) client.emit('change', said(seq));
  assert.deepEqual(open(), []);
  t.mock.timers.tick(10_000);
  await turn();
  await answer(aConversation({ unread: 3, lastSeq: 6 }));
  await answer(aConversation({ unread: 3, lastSeq: 6 }));
  assert.deepEqual([unread(), open()], [[3], []]);
});

test('what a former log answers late is not shown in the present one', async () => {
  const { client, list, answer, open } = begin();
  client.emit('fresh', { log: 'log.1' });
  await answer(aConversation({ subject: 'of the former log' }));
  assert.equal(list.all.size, 0);
  await answer(aConversation());
  assert.deepEqual([list.all.get('c1')?.subject, open()], [null, []]);
});
