import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { attachmentOf, note, patch, post, start } from '../testing/changes.ts';
import { ANNA, CLAIRE, Ledger } from '../testing/ledger.ts';
import { type Attachment, encodeAttachment } from './attachment.ts';
import { decodeMessage, encodeMessage, isPublic, type Message, type MessageEvent } from './message.ts';

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('__proto__', '"}', '\u2028', '\\', ',"position":1}'),
);

const event: fc.Arbitrary<MessageEvent> = fc.oneof(
  fc.constantFrom('CLOSED' as const, 'SNOOZED' as const).map((from) => ({ type: 'reopened' as const, from })),
  fc.tuple(fc.option(text), fc.option(text)).map(([from, to]) => ({ type: 'agent' as const, from, to })),
);

const attachment: fc.Arbitrary<Attachment> = fc
  .tuple(text, fc.nat(), fc.option(fc.tuple(fc.nat(), fc.nat())))
  .map(([name, size, dimensions]) => ({
    ...{ id: '0123456789abcdef'.repeat(4), name, type: 'image/png', size },
    ...(dimensions && { width: dimensions[0], height: dimensions[1] }),
  }));

/** A message of any content; `behind` is how many hidden ones are in front of it. */
const message: fc.Arbitrary<Message> = fc
  .tuple(
    fc.record({
      id: text,
      conversationId: text,
      senderId: text,
      content: text,
      kind: fc.constantFrom('message', 'note', 'event'),
      senderType: fc.constantFrom('USER', 'AGENT', 'BOT', 'SYSTEM'),
      seq: fc.integer({ min: 1, max: 2 ** 40 }),
      createdAt: fc
        .date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-01-01') })
        .map((at) => at.toISOString()),
    }),
    fc.nat({ max: 5 }),
    fc.option(event),
    fc.boolean(),
    fc.array(attachment, { maxLength: 3 }),
  )
  .map(([m, behind, happened, redacted, attachments]) => ({
    ...m,
    publicSeq: Math.max(0, m.seq - behind),
    ...(redacted && { redacted }),
    ...(happened && { event: happened }),
    ...(attachments.length > 0 && { attachments }),
  }));

test('[LG-10] [LG-22] encoding and decoding give back any message, as one line of JSON', () => {
  fc.assert(
    fc.property(message, (m) => {
      const json = encodeMessage(m);
      assert.deepEqual(decodeMessage(json), m);
      assert.ok(!json.includes('\n'));
      assert.equal(encodeMessage(decodeMessage(json)), json);
    }),
    { numRuns: 500 },
  );
});

test('[LG-22] the keys that a reader of bytes looks for come first, in a fixed order', () => {
  fc.assert(
    fc.property(message, (m) => {
      const head = [m.id, m.conversationId].map((id) => JSON.stringify(id));
      const shown = m.publicSeq === m.seq ? '' : `"publicSeq":${m.publicSeq},`;
      const start = `{"id":${head[0]},"conversationId":${head[1]},"seq":${m.seq},${shown}"kind":"${m.kind}",`;
      assert.ok(encodeMessage(m).startsWith(start));
    }),
  );
});

test('[LG-22] the bytes of an attachment do not depend on the order its fields were given in', () => {
  const { id, name, type, size, width, height } = attachmentOf('a "b".png');
  assert.equal(
    encodeAttachment({ height, size, type, width, id, name } as Attachment),
    JSON.stringify({ id, name, type, size, width, height }),
  );
});

test('[LG-22] with nothing hidden before it the same bytes serve both audiences, and only then', () => {
  const ledger = new Ledger();
  ledger.write(start(ANNA, 'c1'), start(ANNA, 'c2'));
  ledger.write(post(ANNA, 'c1', 'm1'), post(CLAIRE, 'c1', 'm2'), note(CLAIRE, 'c1', 'n1'), post(ANNA, 'c1', 'm3'));
  ledger.write(post(ANNA, 'c2', 'm4'), patch(CLAIRE, 'c2', { status: 'CLOSED' }), post(CLAIRE, 'c2', 'm5'));
  const asVisitor = (m: Message) => encodeMessage({ ...m, seq: m.publicSeq });
  const same = ['m1', 'm2', 'm4'];
  for (const record of ledger.records) {
    if (!record.is('message') || !isPublic(record.value)) continue;
    const { id } = record.value;
    assert.equal(record.json === asVisitor(record.value), same.includes(id), id);
    assert.equal(record.json.includes('publicSeq'), !same.includes(id), id);
  }
});
