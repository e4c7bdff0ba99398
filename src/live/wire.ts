import type { Actor } from '../domain/access.ts';
import type { Attachment } from '../domain/model/attachment.ts';
import type { ConversationHead, ReadMark } from '../domain/model/conversation.ts';
import { encodeMessage } from '../domain/model/message.ts';
import type { LogRecord } from '../domain/model/record.ts';
import type { Commitment } from '../domain/store.ts';
import type * as Wire from '../protocol/entities.ts';
import { plainLine } from '../protocol/plain-line.ts';

/**
 * From what the log holds to what crosses the wire, for each of the two audiences: `visitor` counts in publicSeq and
 * sees no trace of what is not public; `agent` sees everything but secrets. Nothing else in the server encodes
 * messages, conversations or read marks.
 */
export type Audience = 'visitor' | 'agent';

export const audienceFor = (actor: Actor): Audience => (actor.type === 'visitor' ? 'visitor' : 'agent');

/**
 * JSON of a message. Cut from the record's own bytes; encoded anew are only a visitor's message behind a hidden one,
 * and one whose files have names of before such were made harmless.
 */
export const messageJson = (record: LogRecord<'message'>, audience: Audience, durable: boolean): string => {
  const { value } = record;
  const attachments = value.attachments?.map((file) => ({ ...file, name: plainLine(file.name) || 'file' }));
  const own =
    (audience === 'visitor' && value.seq !== value.publicSeq) || !sameNames(value.attachments, attachments)
      ? encodeMessage({
          ...value,
          seq: audience === 'visitor' ? value.publicSeq : value.seq,
          ...(attachments && { attachments }),
        })
      : record.json;
  return `${own.slice(0, -1)},"durable":${durable}}`;
};

const sameNames = (a: readonly Attachment[] = [], b: readonly Attachment[] = []): boolean =>
  a.every(({ name }, i) => name === b[i]!.name);

export const messageView = (record: LogRecord<'message'>, audience: Audience, durable: boolean): Wire.Message =>
  JSON.parse(messageJson(record, audience, durable)) as Wire.Message;

export const readView = (mark: ReadMark, audience: Audience): Wire.ReadMark => {
  const { conversationId, readerId, readerType, seq, publicSeq, at } = mark;
  if (audience === 'visitor') return { conversationId, readerId, readerType, seq: publicSeq };
  return { conversationId, readerId, readerType, seq, at };
};

/** A conversation as this audience sees it, with how far everybody has read. */
export const conversationView = (head: ConversationHead, audience: Audience): Wire.Conversation => {
  const { id, status, userId, agentId, labels, snoozedUntil, rating, createdAt } = head.conversation;
  const subject = plainLine(head.conversation.subject ?? '') || null;
  const shared = { id, subject, status, userId, agentId, ...(rating && { rating }), createdAt };
  const marks = head.reads;
  if (audience === 'visitor') {
    const shown = marks.filter((mark) => mark.publicSeq > 0);
    const reads = shown.map((mark) => readView(mark, audience));
    return { ...shared, updatedAt: head.publicUpdatedAt, lastSeq: head.lastPublicSeq, reads };
  }
  const reads = marks.map((mark) => readView(mark, audience));
  return { ...shared, labels: [...labels], snoozedUntil, updatedAt: head.updatedAt, lastSeq: head.lastSeq, reads };
};

export const storedView = (commitment: Commitment, position: number, audience: Audience): Wire.Stored =>
  audience === 'agent' ? { ...commitment, position } : commitment;

/** One entry of the change feed as JSON, without its opening brace, so that a frame can put its type in front. */
export const changeBody = (cursor: string, kind: Wire.Change['kind'], json: string): string =>
  `"cursor":"${cursor}","kind":"${kind}","${kind}":${json}}`;
