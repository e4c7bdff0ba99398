import type { Conversation, ConversationHead, HeldReadMark } from '../../domain/model/conversation.ts';
import type { Agent, Contact, DirectoryKind } from '../../domain/model/directory.ts';
import { encodeMessage, type Message } from '../../domain/model/message.ts';
import { LogRecord } from '../../domain/model/record.ts';
import { searchTerms } from '../../domain/state/search-terms.ts';
import { raw, type SqlRow, type SqlValue } from './sql.ts';
import { columnText, KEY_LENGTH, keyOf } from './stored-key.ts';

/** Values of one row in the order of its table's columns (tables.ts). */
export type RowValues = readonly SqlValue[];

/** Times that every database has: TIMESTAMP of MariaDB ends in 2038. */
const EARLIEST = Date.UTC(1970, 0, 1, 0, 0, 1);
const LATEST = Date.UTC(2038, 0, 19, 3, 14, 7);

/** The last time that was asked for: all messages of a batch were posted in the same millisecond. */
let last = { iso: '', column: '' };

/** An ISO time for a column of type `time`, in UTC; the exact text is kept elsewhere. */
export const columnTime = (iso: string): string => {
  if (iso !== last.iso) last = { iso, column: within1970And2038(iso) };
  return last.column;
};

const within1970And2038 = (iso: string): string => {
  const ms = Date.parse(iso);
  const within = Number.isNaN(ms) ? EARLIEST : Math.min(Math.max(ms, EARLIEST), LATEST);
  return new Date(within).toISOString().slice(0, -1).replace('T', ' ');
};

/** Words under which something is found, each with a space in front of it. */
const words = (...texts: (string | null)[]): string =>
  searchTerms(texts.join(' '))
    .map((word) => ` ${word}`)
    .join('');

/** A label as one word in the column of labels. */
export const labelWord = (label: string): string => ` ${encodeURIComponent(label.toWellFormed())} `;

export const conversationRow = (head: ConversationHead, record: string): RowValues => {
  const { conversation, position } = head;
  const { id, userId, agentId, subject, status, createdAt, labels, publicPosition } = conversation;
  return [
    keyOf(id),
    keyOf(userId),
    agentId === null ? null : keyOf(agentId),
    subject === null ? null : columnText(subject, KEY_LENGTH),
    status,
    columnTime(createdAt),
    labels.map(labelWord).join(''),
    words(subject),
    position,
    publicPosition,
    head.publicPosition,
    head.lastSeq,
    head.lastPublicSeq,
    head.updatedAt,
    head.publicUpdatedAt,
    JSON.stringify(head.reads),
    record,
  ];
};

export const headOf = (row: SqlRow): ConversationHead => ({
  conversation: JSON.parse(row.record as string) as Conversation,
  position: row.position as number,
  lastSeq: row.last_seq as number,
  lastPublicSeq: row.last_public_seq as number,
  updatedAt: row.updated_iso as string,
  publicUpdatedAt: row.public_updated_iso as string,
  publicPosition: row.public_position as number,
  reads: JSON.parse(row.read_marks as string) as HeldReadMark[],
});

export const messageRow = (record: LogRecord<'message'>): RowValues => {
  const { value, json, position, time } = record;
  const id = keyOf(value.id);
  const conversationId = keyOf(value.conversationId);
  const senderId = keyOf(value.senderId);
  const content = columnText(value.content);
  const { senderType, createdAt, seq, publicSeq, kind } = value;
  const shown = { id, conversationId, seq, publicSeq, kind, senderId, senderType, content, createdAt };
  return [
    id,
    conversationId,
    senderId,
    senderType,
    content,
    columnTime(createdAt),
    seq,
    publicSeq,
    kind,
    createdAt,
    position,
    time,
    encodeMessage(shown) === json ? null : json,
  ];
};

/** Of `chat_messages m`, what {@link messageOf} needs. */
export const MESSAGE_COLUMNS = raw(
  [
    'm.id, m.conversation_id, m.sender_id, m.sender_type, m.content, m.seq, m.public_seq, m.kind, m.created_iso',
    'm.position, m.time, m.record',
  ].join(', '),
);

export const messageOf = (row: SqlRow): LogRecord<'message'> => {
  const [position, time] = [row.position as number, row.time as number];
  if (row.record !== null) return new LogRecord(position, time, 'message', row.record as string);
  const message: Message = {
    id: row.id as string,
    conversationId: row.conversation_id as string,
    seq: row.seq as number,
    publicSeq: row.public_seq as number,
    kind: row.kind as Message['kind'],
    senderId: row.sender_id as string,
    senderType: row.sender_type as Message['senderType'],
    content: row.content as string,
    createdAt: row.created_iso as string,
  };
  return new LogRecord(position, time, 'message', encodeMessage(message), message);
};

/** What names a read mark. */
export const readKey = ({ conversationId, readerType, readerId }: HeldReadMark): string =>
  keyOf(JSON.stringify([conversationId, readerType, readerId]));

export const readRow = (held: HeldReadMark): RowValues => {
  const { position, ...mark } = held;
  return [readKey(held), keyOf(held.conversationId), position, mark.publicPosition, JSON.stringify(mark)];
};

export const entryRow = (record: LogRecord<DirectoryKind>): RowValues => {
  const { kind, position, time, json } = record;
  const value = record.value as Partial<Agent & Contact> & { id: string };
  const email = kind === 'agent' && value.email ? keyOf(value.email) : null;
  const found = kind === 'contact' ? words(value.name ?? null, value.email ?? null) : '';
  return [kind, keyOf(value.id), email, found, position, time, json];
};

export const logRow = ({ position, time, kind, json }: LogRecord): RowValues => [position, time, kind, json];
