import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TIME } from '../testing/changes.ts';
import { type ConversationHead, markOf, type ReadMark, startHead, withMessage, withRead } from './conversation.ts';
import type { Message } from './message.ts';

const head: ConversationHead = startHead(
  {
    id: 'c1',
    subject: null,
    status: 'ACTIVE',
    userId: 'anna',
    agentId: null,
    labels: [],
    snoozedUntil: null,
    createdAt: TIME,
    changedAt: TIME,
    publicAt: TIME,
    publicPosition: 1,
  },
  1,
);

const mark = (seq: number): ReadMark => ({
  conversationId: 'c1',
  readerId: 'anna',
  readerType: 'USER',
  seq,
  publicSeq: seq,
  publicPosition: 10 + seq,
  at: TIME,
});

const posted = (seq: number): Message => ({
  id: `m${seq}`,
  conversationId: 'c1',
  seq,
  publicSeq: seq,
  kind: 'message',
  senderId: 'anna',
  senderType: 'USER',
  content: '',
  createdAt: TIME,
});

const seqOf = (found: ConversationHead): number | undefined => markOf(found.reads, mark(0))?.seq;

test('[LG-24] whatever order marks and messages come in, the furthest stands', () => {
  assert.equal(seqOf(withRead(withRead(head, mark(3), 13), mark(2), 14)), 3);
  assert.equal(seqOf(withRead(withMessage(head, posted(4), 9), mark(3), 14)), 4);
  assert.equal(seqOf(withMessage(withRead(head, mark(3), 13), posted(2), 14)), 3);
  assert.equal(seqOf(withMessage(withRead(head, mark(3), 13), posted(4), 14)), 4);
});

test('[LG-8] numbers never go back when an early message is changed late', () => {
  const later = withMessage(withMessage(head, posted(2), 5), { ...posted(1), content: '', redacted: true }, 9);
  assert.deepEqual([later.lastSeq, later.lastPublicSeq, later.publicPosition], [2, 2, 9]);
});

test('[LG-49] a head is never altered, only replaced', () => {
  const before = structuredClone(head);
  withRead(withMessage(head, posted(1), 2), mark(1), 3);
  assert.deepEqual(head, before);
});
