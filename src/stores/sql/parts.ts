import type { ConversationHead } from '../../domain/model/conversation.ts';
import type { LogRecord } from '../../domain/model/record.ts';
import type { LogRow } from './head.ts';
import { headOf, messageOf } from './rows.ts';
import { raw, type Sql, type SqlRow, sql } from './sql.ts';

/**
 * Rows of several tables in the answer of one statement, which is how a read without a transaction shows one moment.
 * All parts have these columns: `part` says what a row is; `x` to `z` are numbers and `e` to `j` texts that mean
 * something else in each.
 */
const columns = (part: string, values: readonly string[]): Sql => {
  const names = ['id', 'record', 'position', 'time', 'x', 'y', 'z', 'e', 'f', 'g', 'h', 'i', 'j'];
  return raw([`'${part}' AS part`, ...values.map((value, i) => `${value} AS ${names[i]}`)].join(', '));
};

const HEAD = columns('head', [
  ...['h.log_id', 'h.keeper', 'h.position', 'h.time', 'h.rewinds', 'h.epoch', 'h.floor_position'],
  ...['h.lease', 'h.last_digest', "''", "''", "''", "''"],
]);
const CONVERSATION = columns('conversation', [
  ...['c.id', 'c.record', 'c.position', '0', 'c.last_seq', 'c.last_public_seq', 'c.public_position'],
  ...['c.updated_iso', 'c.public_updated_iso', 'c.read_marks', "''", "''", "''"],
]);
const MESSAGE = columns('message', [
  ...['m.id', "COALESCE(m.record, '')", 'm.position', 'm.time', 'm.seq', 'm.public_seq', '0'],
  ...['m.conversation_id', 'm.sender_id', 'm.sender_type', 'm.content', 'm.kind', 'm.created_iso'],
]);
const ENTRY = columns('entry', [
  ...['p.id', 'p.record', 'p.position', 'p.time', '0', '0', '0'],
  ...['p.kind', "COALESCE(p.email, '')", "''", "''", "''", "''"],
]);
const READ = columns('read', [
  ...['r.id', 'r.record', 'r.position', '0', '0', '0', '0'],
  ...["''", "''", "''", "''", "''", "''"],
]);
const RECORD = columns('record', [
  ...["''", 'l.record', 'l.position', 'l.time', '0', '0', '0'],
  ...['l.kind', "''", "''", "''", "''", "''"],
]);

/** The row of the log; comes with every answer, for a page says how far it looked. */
export const HEAD_PART = sql`SELECT ${HEAD} FROM chat_head h WHERE h.id = 1`;
export const CONVERSATION_PART = sql`SELECT ${CONVERSATION} FROM chat_conversations c`;
export const MESSAGE_PART = sql`SELECT ${MESSAGE} FROM chat_messages m`;
export const ENTRY_PART = sql`SELECT ${ENTRY} FROM chat_entries p`;
export const READ_PART = sql`SELECT ${READ} FROM chat_reads r`;
export const RECORD_PART = sql`SELECT ${RECORD} FROM chat_log l`;

/** What a view or a feed has to know of the log. */
export type HeadPart = Pick<LogRow, 'log' | 'epoch' | 'position' | 'time' | 'floor'>;

type NumberPart = 'x' | 'y' | 'z' | 'position' | 'time';

export const headIn = (rows: readonly SqlRow[]): HeadPart => {
  const { id, x, y, z, position, time } = rows.find(({ part }) => part === 'head') as Record<NumberPart, number> &
    Record<'id', string>;
  return { log: { id, rewinds: x }, epoch: y, position, time, floor: z };
};

export const conversationOfPart = ({ x, y, z, e, f, g, ...row }: SqlRow): ConversationHead =>
  headOf({
    ...row,
    ...{ last_seq: x!, last_public_seq: y!, public_position: z! },
    ...{ updated_iso: e!, public_updated_iso: f!, read_marks: g! },
  });

export const messageOfPart = ({ x, y, e, f, g, h, i, j, ...row }: SqlRow): LogRecord<'message'> =>
  messageOf({
    ...row,
    ...{ record: row.record === '' ? null : row.record!, seq: x!, public_seq: y!, conversation_id: e! },
    ...{ sender_id: f!, sender_type: g!, content: h!, kind: i!, created_iso: j! },
  });
