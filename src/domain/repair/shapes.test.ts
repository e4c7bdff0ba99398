import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Message } from '../model/message.ts';
import { LogRecord, makeRecord, type RecordKind, type RecordValues } from '../model/record.ts';
import { agentOf, contactOf, TIME } from '../testing/changes.ts';
import { isPossible, isWrittenByUs } from './shapes.ts';

const MESSAGE: Message = {
  ...{ id: 'm', conversationId: 'c', seq: 3, publicSeq: 2, kind: 'message', senderId: 'a', senderType: 'USER' },
  ...{ content: '', createdAt: TIME },
};

/** Of every kind the least that it may be. */
const LEAST: { readonly [K in RecordKind]: RecordValues[K] } = {
  message: MESSAGE,
  conversation: {
    ...{ id: 'c', subject: null, status: 'ACTIVE', userId: 'a', agentId: null, labels: [], snoozedUntil: null },
    ...{ createdAt: TIME, changedAt: TIME, publicAt: TIME, publicPosition: 0 },
  },
  read: {
    ...{ conversationId: 'c', readerId: 'a', readerType: 'USER', seq: 0, publicSeq: 0, publicPosition: 0, at: TIME },
  },
  agent: agentOf('claire'),
  contact: contactOf('anna'),
  credential: { id: 'claire' },
  session: { id: 's', agentId: 'claire', createdAt: TIME, expiresAt: TIME, revoked: false },
  settings: { id: 'settings', teamName: 'Team', greeting: '', accent: null },
  apiKey: { id: 'k', agentId: 'claire', name: '', scope: 'read', createdAt: TIME, expiresAt: null, revoked: true },
  block: { id: 'b', active: true, at: TIME, by: 'claire' },
  audit: { id: '1', number: 1, at: TIME, by: { type: 'system', id: '' }, action: 'retention.run', about: null },
  retention: { id: 'retention', closedForDays: null },
  chain: { id: 'chain', members: [], position: 0 },
  label: { id: 'l', name: '', color: '#000000', archived: false },
  cannedReply: { id: 'r', shortcut: '', content: '', archived: false },
  mention: {
    ...{ id: 'claire/c', agentId: 'claire', conversationId: 'c', messageId: 'm', seq: 1, byId: 'denis', at: TIME },
    seen: false,
  },
};

test('[BK-20] the least of every kind is possible, and nothing that lacks a part of it', () => {
  for (const [kind, value] of Object.entries(LEAST) as [RecordKind, object][]) {
    const said = (more: object) => isPossible(new LogRecord(9, 0, kind, JSON.stringify({ ...value, ...more })));
    assert.ok(said({}), kind);
    for (const name of Object.keys(value)) {
      // A public number that is not written is the other one.
      if (name === 'publicSeq') assert.equal(said({ publicSeq: 1.5 }), false, kind);
      else assert.equal(said({ [name]: undefined }), false, `${kind} without ${name}`);
      assert.equal(said({ [name]: { of: 'another kind' } }), name === 'by' && kind === 'audit', `${kind}: ${name}`);
    }
  }
});

test('[BK-20] numbers that no log has, kinds there are not, and what is no JSON are impossible', () => {
  const possible = (more: Partial<Message>, position = 9) =>
    isPossible(makeRecord(position, 0, 'message', { ...MESSAGE, ...more }));
  assert.ok(possible({}));
  for (const more of [{ seq: 0, publicSeq: 0 }, { seq: 10 }, { publicSeq: 4 }, { kind: 'massage' as never }]) {
    assert.equal(possible(more), false, JSON.stringify(more));
  }
  assert.equal(possible({}, 0), false);
  const { json } = makeRecord(9, 0, 'message', MESSAGE);
  for (const [kind, text] of [
    ['constructor', json],
    ['mesage', json],
    ['message', json.slice(1)],
    ['message', 'null'],
  ] as const) {
    assert.equal(isPossible(new LogRecord(9, 0, kind as never, text)), false, `${kind} ${text}`);
  }
});

test('[BK-20] a name that was damaged shows, though the rest can be read', () => {
  const { json } = makeRecord(9, 0, 'message', MESSAGE);
  const damaged = new LogRecord(9, 0, 'message', json.replace('publicSeq', 'pUblicSeq'));
  assert.deepEqual([isPossible(damaged), isWrittenByUs(damaged)], [true, false]);
  assert.ok(isWrittenByUs(makeRecord(9, 0, 'message', MESSAGE)));
});
