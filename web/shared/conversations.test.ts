import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Conversation, Me, ReadMark } from '../../src/protocol/entities.ts';
import { aConversation, aMessage, bare } from '../../test/support/scripted-server.ts';
import {
  afterChange,
  byActivity,
  type Conversations,
  mustRecount,
  unreadOf,
  withConversations,
} from './conversations.ts';

const agent: Me = { type: 'agent', id: 'a1', role: 'agent' };

const known = (more: Partial<Conversation> = {}): Conversations =>
  withConversations(new Map(), [aConversation(more)], agent);
const fromVisitor = (seq: number) =>
  aMessage(seq, { senderType: 'USER', senderId: 'v1', createdAt: '2026-01-01T00:01:00.000Z' });
const at = (seq: number, readerId = 'a1') =>
  ({ cursor: '', kind: 'read', read: { conversationId: 'c1', readerId, readerType: 'AGENT', seq } }) as const;

test('a message of the other side counts as unread, once however often it arrives', () => {
  const change = { cursor: '', kind: 'message', message: fromVisitor(4) } as const;
  const once = afterChange(known(), change, agent);
  const twice = afterChange(once, change, agent);
  for (const map of [once, twice]) {
    assert.equal(map.get('c1')?.unread, 1);
    assert.equal(map.get('c1')?.lastSeq, 4);
    assert.equal(map.get('c1')?.lastMessage?.id, 'm4');
    assert.equal(map.get('c1')?.updatedAt, '2026-01-01T00:01:00.000Z');
  }
});

test('what a list has counted already is not counted again when the feed repeats it', () => {
  const change = { cursor: '', kind: 'message', message: fromVisitor(3) } as const;
  assert.equal(afterChange(known({ unread: 1 }), change, agent).get('c1')?.unread, 1);
});

test('notes, events and messages of the own side are not unread', () => {
  for (const message of [aMessage(4), aMessage(4, { kind: 'note' }), { ...fromVisitor(4), kind: 'event' as const }]) {
    assert.equal(afterChange(known(), { cursor: '', kind: 'message', message }, agent).get('c1')?.unread, 0);
  }
});

test('whoever answers has read what is above', () => {
  const own = aMessage(4, { senderType: 'AGENT', senderId: 'a1' });
  const others = aMessage(4, { senderType: 'AGENT', senderId: 'a2' });
  const unread = (message: typeof own) =>
    afterChange(known({ unread: 2 }), { cursor: '', kind: 'message', message }, agent).get('c1')?.unread;
  assert.deepEqual([unread(own), unread(others)], [0, 2]);
});

test("one's own read mark takes away what it covers; another's does not", () => {
  assert.equal(afterChange(known({ unread: 2 }), at(3), agent).get('c1')?.unread, 0);
  assert.equal(afterChange(known({ unread: 2 }), at(2), agent).get('c1')?.unread, 1);
  assert.equal(afterChange(known({ unread: 2 }), at(3, 'a2'), agent).get('c1')?.unread, 2);
});

test('a redaction of the last message is seen in the list, and does not move the conversation', () => {
  const before = afterChange(known(), { cursor: '', kind: 'message', message: fromVisitor(4) }, agent);
  const redacted = { ...fromVisitor(4), content: '', redacted: true };
  const after = afterChange(before, { cursor: '', kind: 'message', message: redacted }, agent).get('c1');
  assert.equal(after?.lastMessage?.redacted, true);
  assert.equal(after?.unread, 1);
});

test('a bare conversation of the feed keeps what only lists say', () => {
  const contact = { id: 'v1', name: 'Ada', email: null };
  const before = known({ contact, unread: 2, lastMessage: aMessage(3) });
  const after = afterChange(before, bare(aConversation({ status: 'CLOSED' })), agent).get('c1');
  assert.equal(after?.status, 'CLOSED');
  assert.equal(after?.unread, 2);
  assert.deepEqual(after?.contact, contact);
  assert.equal(after?.lastMessage?.id, 'm3');
});

test('an event does not take the place of what was said last', () => {
  const before = known({ lastMessage: aMessage(3) });
  const event = aMessage(4, { kind: 'event', content: '' });
  const after = withConversations(before, [aConversation({ lastMessage: event, lastSeq: 4 })], agent).get('c1');
  assert.equal(after?.lastMessage?.id, 'm3');
  assert.equal(after?.lastSeq, 4);
});

test('[CL-10] a conversation of the feed that is ahead of the messages behind it hides none of them', () => {
  let list = afterChange(known(), bare(aConversation({ lastSeq: 5, status: 'CLOSED' })), agent);
  for (const seq of [4, 5]) list = afterChange(list, { cursor: '', kind: 'message', message: fromVisitor(seq) }, agent);
  assert.deepEqual([list.get('c1')?.unread, list.get('c1')?.lastSeq], [2, 5]);
});

test('[CL-10] a list that the feed has overtaken, by a message or by a mark, takes nothing back', () => {
  const answer = aConversation({ unread: 1 });
  const message = { cursor: '', kind: 'message', message: fromVisitor(4) } as const;
  const later = afterChange(known({ unread: 1 }), message, agent);
  assert.equal(withConversations(later, [answer], agent).get('c1')?.unread, 2);
  const read = afterChange(known({ unread: 1 }), at(3), agent);
  assert.equal(withConversations(read, [answer], agent).get('c1')?.unread, 0);
  // And what the feed repeats behind a list is old.
  const now = withConversations(read, [aConversation({ unread: 2, lastSeq: 5, reads: [at(3).read] })], agent);
  assert.equal(afterChange(afterChange(now, message, agent), at(2), agent).get('c1')?.unread, 2);
});

test('[CL-10] of a mark of another device in the middle only the server can say what is left', () => {
  const before = known({ unread: 3, reads: [at(0).read] });
  assert.equal(mustRecount(before, at(2), agent), true);
  assert.equal(mustRecount(before, at(3), agent), false, 'all of it');
  assert.equal(mustRecount(before, at(2, 'a2'), agent), false, 'a colleague');
  assert.equal(mustRecount(known({ unread: 0 }), at(2), agent), false, 'nothing is unread');
});

test('[CL-10] a conversation of the feed that is ahead of the marks behind it hides none of them', () => {
  const news = bare(aConversation({ reads: [at(1).read, at(2, 'a2').read] }));
  const list = afterChange(known({ unread: 3 }), news, agent);
  assert.deepEqual(list.get('c1')?.reads, [at(2, 'a2').read], 'how far a colleague has read is shown at once');
  assert.equal(mustRecount(list, at(1), agent), true, "one's own mark is news when the feed brings it");
  assert.equal(afterChange(list, at(3), agent).get('c1')?.unread, 0);
});

test('[CL-10] a conversation that no list has brought yet is not counted from what the feed has of it', () => {
  assert.equal(afterChange(new Map(), bare(aConversation()), agent).size, 0);
});

test('[CL-10] a visitor counts whatever id they had when they read', () => {
  const mark = { conversationId: 'c1', readerId: 'an older id', readerType: 'USER', seq: 3 } as const;
  const after = afterChange(known({ unread: 2 }), { cursor: '', kind: 'read', read: mark }, { type: 'visitor' });
  assert.equal(after.get('c1')?.unread, 0);
});

test('without a count the read marks tell what is unread', () => {
  const unread = (...reads: ReadMark[]): number => unreadOf(bare(aConversation({ reads })).conversation!, agent);
  assert.equal(unread(at(1).read), 2);
  assert.equal(unread(), 3);
});

test('a change of something unknown changes nothing', () => {
  const before = known();
  const message = { ...fromVisitor(1), conversationId: 'other' };
  assert.equal(afterChange(before, { cursor: '', kind: 'message', message }, agent), before);
});

test('lists are in the order of activity, and steady among equals', () => {
  const rows = ['a', 'b', 'c'].map((id, i) => aConversation({ id, updatedAt: i === 2 ? '2027' : '2026' }));
  assert.deepEqual(
    rows.sort(byActivity).map(({ id }) => id),
    ['c', 'b', 'a'],
  );
});
