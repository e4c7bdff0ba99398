import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentOf, contactOf, TIME } from '../testing/changes.ts';
import type { Conversation, ReadMark } from './conversation.ts';
import type { Message } from './message.ts';
import {
  audienceOf,
  entityKey,
  LogRecord,
  makeRecord,
  RECORD_KINDS,
  type RecordKind,
  type RecordValues,
} from './record.ts';

const message: Message = {
  id: 'm1',
  conversationId: 'c1',
  seq: 2,
  publicSeq: 1,
  kind: 'message',
  senderId: 'anna',
  senderType: 'USER',
  content: 'hello',
  createdAt: TIME,
};

const conversation: Conversation = {
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
};

const mark: ReadMark = {
  conversationId: 'c1',
  readerId: 'anna',
  readerType: 'USER',
  seq: 1,
  publicSeq: 1,
  publicPosition: 2,
  at: TIME,
};

const VALUES: RecordValues = {
  conversation,
  message,
  read: mark,
  agent: agentOf('claire'),
  contact: contactOf('anna'),
  credential: { id: 'claire', passwordHash: 'x' },
  session: { id: 'f00', agentId: 'claire', createdAt: TIME, expiresAt: TIME, revoked: false },
  settings: { id: 'settings', teamName: 'Team', greeting: '', accent: null },
  apiKey: {
    ...{ id: 'f01', agentId: 'claire', name: 'Shop', scope: 'read', createdAt: TIME },
    ...{ expiresAt: null, revoked: false },
  },
  block: { id: '192.0.2.1', active: true, at: TIME, by: 'claire' },
  audit: { id: '1', number: 1, at: TIME, by: { type: 'agent', id: 'claire' }, action: 'signIn', about: null },
  retention: { id: 'retention', closedForDays: null },
  chain: { id: 'chain', members: [{ keeper: 'k', name: 'file:./data' }], position: 1 },
  label: { id: 'vip', name: 'VIP', color: '#1F6F5C', archived: false },
  cannedReply: { id: 'r1', shortcut: 'hours', content: 'From ten to four.', archived: false },
  mention: {
    id: 'claire/c1',
    agentId: 'claire',
    ...{ conversationId: 'c1', messageId: 'n1', seq: 2 },
    ...{ byId: 'denis', at: TIME, seen: false },
  },
};

const recordOf = <K extends RecordKind>(kind: K, value: RecordValues[K] = VALUES[kind]) =>
  makeRecord(1, 1, kind, value);

test('[LG-15] who may see a record, kind by kind', () => {
  assert.deepEqual(Object.fromEntries(RECORD_KINDS.map((kind) => [kind, audienceOf(recordOf(kind))])), {
    conversation: 'visitor',
    message: 'visitor',
    read: 'visitor',
    agent: 'agents',
    contact: 'agents',
    settings: 'agents',
    credential: 'server',
    session: 'server',
    apiKey: 'server',
    block: 'admins',
    audit: 'admins',
    retention: 'admins',
    chain: 'server',
    label: 'agents',
    cannedReply: 'agents',
    mention: 'agents',
  });
  for (const kind of ['note', 'event'] as const) {
    assert.equal(audienceOf(recordOf('message', { ...message, kind })), 'agents');
    assert.equal(audienceOf(recordOf('message', { ...message, kind, redacted: true, content: '' })), 'agents');
  }
  assert.deepEqual([...RECORD_KINDS].sort(), Object.keys(VALUES).sort());
});

test('[LG-10] a record that was read back from its bytes has the value that was written', () => {
  for (const kind of RECORD_KINDS) {
    const written = recordOf(kind);
    const back = new LogRecord(written.position, written.time, written.kind, written.json);
    assert.deepEqual(back.value, written.value, kind);
    assert.equal(back.value, back.value, 'parsed once');
  }
});

test('[LG-1] two states of one entity share a key, and no two entities do', () => {
  const marks = [
    mark,
    { ...mark, readerType: 'AGENT' as const },
    { ...mark, readerId: 'bruno' },
    { ...mark, conversationId: 'c2' },
    { ...mark, conversationId: 'a b', readerId: 'c' },
    { ...mark, conversationId: 'a', readerId: 'b c' },
    { ...mark, conversationId: 'a","b', readerId: 'c' },
    { ...mark, conversationId: 'a', readerId: 'b","c' },
  ];
  const keys = [
    ...marks.map((value) => entityKey(recordOf('read', value))),
    ...RECORD_KINDS.filter((kind) => kind !== 'read').map((kind) => entityKey(recordOf(kind))),
    entityKey(recordOf('agent', agentOf('anna'))),
    entityKey(recordOf('message', { ...message, id: 'M1' })),
    entityKey(recordOf('message', { ...message, id: 'c1' })),
  ];
  assert.equal(new Set(keys).size, keys.length);
  assert.equal(entityKey(recordOf('read', { ...mark, seq: 9, publicSeq: 9 })), keys[0]);
  assert.equal(entityKey(recordOf('message', { ...message, redacted: true })), entityKey(recordOf('message')));
});
