import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { PostMessage } from '../../domain/change.ts';
import type { Conversation, ConversationHead } from '../../domain/model/conversation.ts';
import type { Message } from '../../domain/model/message.ts';
import type { LogRecord } from '../../domain/model/record.ts';
import { answers, list, thread } from './answers.ts';
import { type Harness, onSite } from './harness.ts';
import { beginRandom, play, rounds } from './random-log.ts';

/** A conversation as the plainest reading of its records gives it. */
class Naive {
  conversation: Conversation | undefined;
  readonly messages: Message[] = [];
  readonly reads = new Map<string, number>();
  publicPosition = 0;

  take(record: LogRecord): void {
    if (record.is('conversation')) {
      this.conversation = record.value;
      if (record.value.publicPosition === record.position) this.publicPosition = record.position;
    } else if (record.is('read')) {
      this.#read(`${record.value.readerType} ${record.value.readerId}`, record.value.seq);
      if (record.value.publicPosition === record.position) this.publicPosition = record.position;
    } else if (record.is('message')) {
      const { value } = record;
      this.messages[value.seq - 1] = value;
      if (value.kind !== 'message') return;
      this.publicPosition = record.position;
      if (value.senderType === 'USER' || value.senderType === 'AGENT') {
        this.#read(`${value.senderType} ${value.senderId}`, value.seq);
      }
    }
  }

  #read(reader: string, seq: number): void {
    this.reads.set(reader, Math.max(seq, this.reads.get(reader) ?? 0));
  }

  summary(): unknown {
    const shown = this.messages.filter(({ kind }) => kind === 'message');
    const newest = (first: string, messages: Message[]) => [first, ...messages.map((m) => m.createdAt)].sort().at(-1);
    return {
      conversation: this.conversation,
      lastSeq: this.messages.length,
      lastPublicSeq: shown.length,
      publicPosition: this.publicPosition,
      updatedAt: newest(this.conversation!.changedAt, this.messages),
      publicUpdatedAt: newest(this.conversation!.publicAt, shown),
      reads: this.reads,
    };
  }
}

const summaryOf = (head: ConversationHead): unknown => {
  const { conversation, lastSeq, lastPublicSeq, publicPosition, updatedAt, publicUpdatedAt } = head;
  const reads = new Map(head.reads.map((mark) => [`${mark.readerType} ${mark.readerId}`, mark.seq]));
  return { conversation, lastSeq, lastPublicSeq, publicPosition, updatedAt, publicUpdatedAt, reads };
};

/** The conversations of a log, and nothing but what its records say. */
const naive = (records: readonly LogRecord[]): Map<string, Naive> => {
  const found = new Map<string, Naive>();
  for (const record of records) {
    if (!record.is('conversation') && !record.is('message') && !record.is('read')) continue;
    const id = record.is('conversation') ? record.value.id : (record.value as Message).conversationId;
    const conversation = found.get(id) ?? new Naive();
    found.set(id, conversation);
    conversation.take(record);
  }
  return found;
};

export const anyLog = (harness: Harness): void => {
  test(
    '[LG-7] [LG-8] [LG-9] [LG-13] for any log: numbers without gaps, ids once, time forwards, heads as they add up',
    onSite(harness, async (site) => {
      const property = fc.asyncProperty(rounds(16), async (log) => {
        const { store, writer } = await site.open();
        await beginRandom(writer);
        for (const round of log) await play(writer, round);

        const { records } = writer;
        assert.deepEqual(
          records.map(({ position }) => position),
          records.map((_, i) => i + 1),
        );
        assert.ok(records.every(({ time }, i) => i === 0 || time >= records[i - 1]!.time));

        const model = naive(records);
        const heads = await list(store);
        assert.deepEqual(heads.map((head) => head.conversation.id).sort(), [...model.keys()].sort());
        const ids: string[] = [];
        for (const head of heads) {
          const { id } = head.conversation;
          const expected = model.get(id)!;
          assert.deepEqual(summaryOf(head), expected.summary());
          const messages = (await thread(store, id)).map((record) => record.value);
          assert.deepEqual(messages, expected.messages);
          let shown = 0;
          messages.forEach((message, i) => {
            if (message.kind === 'message') shown += 1;
            assert.deepEqual([message.seq, message.publicSeq], [i + 1, shown]);
          });
          ids.push(...messages.map((message) => message.id));
        }
        assert.equal(new Set(ids).size, ids.length, 'a message id names one message');
      });
      await fc.assert(property, { numRuns: site.runs });
    }),
  );

  test(
    '[LG-2] [LG-5] for any log: every post that was accepted is a repeat for ever after',
    onSite(harness, async (site) => {
      const property = fc.asyncProperty(rounds(10), async (log) => {
        const { store, writer } = await site.open();
        await beginRandom(writer);
        const posts: { change: PostMessage; first: Message }[] = [];
        for (const round of log) {
          for (const { change, outcome } of await play(writer, round)) {
            if (change.type === 'postMessage' && outcome.ok) posts.push({ change, first: outcome.message!.value });
          }
        }
        const before = await answers(store);
        const again = await writer.submit(...posts.map(({ change }) => change));
        again.forEach((done, i) => {
          const { first } = posts[i]!;
          const now = done.message!.value;
          assert.ok(done.repeated);
          // All that can have happened to it since is a redaction.
          const { attachments: _, ...rest } = first;
          assert.deepEqual(now, now.redacted === true ? { ...rest, content: '', redacted: true } : first);
        });
        assert.deepEqual(await answers(store), before);
      });
      await fc.assert(property, { numRuns: site.runs });
    }),
  );
};
