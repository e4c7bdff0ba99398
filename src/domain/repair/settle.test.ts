import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Message } from '../model/message.ts';
import { LogRecord, makeRecord } from '../model/record.ts';
import { TIME } from '../testing/changes.ts';
import { type Claim, settle } from './settle.ts';

const message = (position: number, id: string, seq: number, more: Partial<Message> = {}): LogRecord =>
  makeRecord(position, 0, 'message', {
    ...{ id, conversationId: 'c', seq, publicSeq: seq, kind: 'message', senderId: 'a', senderType: 'USER' },
    ...{ content: id, createdAt: TIME },
    ...more,
  });

const agreed = (record: LogRecord): Claim => ({ records: [record], isAgreed: true });
const said = (...records: LogRecord[]): Claim => ({ records, isAgreed: false });

const settled = (...claims: Claim[]) => {
  const { records, doubtful } = settle(claims, (id) => id === 'c');
  const lines = records.map((record) => {
    const { id, conversationId, seq, publicSeq } = record.value as Message;
    return `${record.position}: ${id} ${conversationId}/${seq}/${publicSeq}`;
  });
  return { lines, doubtful };
};

test('[BK-20] what two places agree on wins against what one says before it', () => {
  assert.deepEqual(settled(said(message(2, 'b', 1)), agreed(message(3, 'c', 1)), said(message(4, 'd', 2))), {
    lines: ['3: c c/1/1', '4: d c/2/2'],
    doubtful: [],
  });
  assert.deepEqual(settled(said(message(5, 'b', 2)), agreed(message(3, 'b', 1))).lines, ['3: b c/1/1']);
});

test('[BK-20] of two that are said, the one that fits is taken, and it is not in doubt', () => {
  const claims = [agreed(message(1, 'a', 1)), said(message(2, 'b', 1), message(2, 'b', 2))];
  assert.deepEqual(settled(...claims), { lines: ['1: a c/1/1', '2: b c/2/2'], doubtful: [] });
  const ghost = said(message(2, 'b', 2, { conversationId: 'q' }), message(2, 'b', 2));
  assert.deepEqual(settled(agreed(message(1, 'a', 1)), ghost).lines, ['1: a c/1/1', '2: b c/2/2']);
  const right = message(2, 'b', 2);
  const odd = new LogRecord(2, 0, 'message', right.json.replace('"senderId"', '"senderId" '));
  assert.deepEqual(settled(agreed(message(1, 'a', 1)), said(odd, right)).doubtful, []);
});

test('[BK-20] two that fit as well are in doubt; a redaction is the same message again', () => {
  const claims = [said(message(1, 'a', 1), message(1, 'a', 1, { content: 'other' }))];
  assert.deepEqual(settled(...claims), { lines: ['1: a c/1/1'], doubtful: [1] });
  const again = [agreed(message(1, 'a', 1)), said(message(2, 'a', 1, { content: '', redacted: true }))];
  assert.deepEqual(settled(...again), { lines: ['1: a c/1/1', '2: a c/1/1'], doubtful: [] });
});

test('[BK-20] public numbers are what most messages around say, and never less than is there', () => {
  const note = { kind: 'note' } as const;
  const wrong = [
    ...[message(1, 'a', 1), message(2, 'b', 2, { ...note, publicSeq: 1 }), message(3, 'c', 3, { publicSeq: 3 })],
    ...[message(4, 'd', 4, { publicSeq: 3 }), message(5, 'e', 5, { publicSeq: 4 })],
    // Behind a gap of two: at least what is in front of it, at most two more.
    ...[
      message(6, 'h', 8, { publicSeq: 6 }),
      message(7, 'i', 9, { publicSeq: 7 }),
      message(8, 'm', 12, { publicSeq: 1 }),
    ],
  ].map((record) => said(record));
  assert.deepEqual(
    settled(...wrong).lines.map((line) => line.split(' ')[2]),
    ['c/1/1', 'c/2/1', 'c/3/2', 'c/4/3', 'c/5/4', 'c/8/6', 'c/9/7', 'c/12/8'],
  );
});
