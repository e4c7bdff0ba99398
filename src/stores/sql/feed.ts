import type { Conversation, ReadMark } from '../../domain/model/conversation.ts';
import { LogRecord, type RecordKind } from '../../domain/model/record.ts';
import { compactedTime } from '../../domain/state/log-state.ts';
import type { RecordFilter, RecordPage } from '../../domain/store.ts';
import {
  CONVERSATION_PART,
  ENTRY_PART,
  HEAD_PART,
  type HeadPart,
  headIn,
  MESSAGE_PART,
  messageOfPart,
  READ_PART,
  RECORD_PART,
} from './parts.ts';
import type { Ask } from './reads.ts';
import { join, raw, type Sql, type SqlRow, sql } from './sql.ts';
import { keyOf } from './stored-key.ts';

/**
 * One page of the feed. Above the floor from `chat_log`, below it from state; the floor is looked at in the same
 * moment as the records, for it rises while somebody reads.
 */
export const readFeed = async (
  ask: Ask,
  position: number,
  limit: number,
  { userId }: RecordFilter,
): Promise<RecordPage> => {
  const page = async (parts: readonly Sql[]) => {
    const rows = await ask(join([HEAD_PART, ...parts.map((part) => ordered(part, limit))], ' UNION ALL '));
    return { rows, head: headIn(rows) };
  };
  if (userId !== undefined) {
    const { rows, head } = await page(shownTo(userId, position));
    return pageOf(rows, limit, head, true);
  }
  const recent = await page([sql`${RECORD_PART} WHERE l.position > ${position}`]);
  if (position >= recent.head.floor) return pageOf(recent.rows, limit, recent.head, false);
  const { rows, head } = await page(stateAfter(position));
  return pageOf(rows, limit, head, true);
};

const stateAfter = (position: number): Sql[] => [
  // One of position 0 is not there yet.
  sql`${CONVERSATION_PART} WHERE c.position > ${position}`,
  sql`${MESSAGE_PART} WHERE m.position > ${position}`,
  sql`${READ_PART} WHERE r.position > ${position}`,
  sql`${ENTRY_PART} WHERE p.position > ${position}`,
];

/** What a contact may see, each at its public position. */
const shownTo = (userId: string, position: number): Sql[] => {
  const user = keyOf(userId);
  const own = sql`c.position > 0 AND c.user_id = ${user} AND c.public_position > ${position}`;
  return [
    sql`${at(CONVERSATION_PART, 'c.shown_position')} WHERE ${own} AND c.shown_position > ${position}`,
    sql`${MESSAGE_PART} JOIN chat_conversations c ON c.id = m.conversation_id
      WHERE ${own} AND m.position > ${position} AND m.kind = 'message'`,
    sql`${at(READ_PART, 'r.public_position')} JOIN chat_conversations c ON c.id = r.conversation_id
      WHERE ${own} AND r.public_position > ${position}`,
  ];
};

/** A part whose rows stand at another position than that of their record. */
const at = (part: Sql, column: string): Sql =>
  raw(part.texts[0]!.replace(/[cr]\.position AS position/, `${column} AS position`));

const ordered = (part: Sql, limit: number): Sql =>
  sql`SELECT * FROM (${part} ORDER BY position LIMIT ${limit + 1}) AS page`;

const pageOf = (rows: readonly SqlRow[], limit: number, head: HeadPart, compacted: boolean): RecordPage => {
  const found = rows.filter(({ part }) => part !== 'head');
  found.sort((a, b) => Number(a.position) - Number(b.position));
  const more = found.length > limit;
  const records = found.slice(0, limit).map((row) => recordOf(row, head));
  return { records, through: more ? records.at(-1)!.position : head.position, more, compacted };
};

/** @param now head of the log: the time of what is answered from state is never ahead of it */
export const recordOf = (row: SqlRow, now: Pick<HeadPart, 'position' | 'time'>): LogRecord => {
  const position = row.position as number;
  const json = row.record as string;
  const inState = <T extends Conversation | ReadMark>(kind: RecordKind, changed: (value: T) => string): LogRecord => {
    const value = JSON.parse(json) as T;
    return new LogRecord(position, compactedTime(position, changed(value), now), kind, json, value as never);
  };
  if (row.part === 'message') return messageOfPart(row);
  if (row.part === 'conversation') return inState<Conversation>('conversation', ({ changedAt }) => changedAt);
  if (row.part === 'read') return inState<ReadMark>('read', (mark) => mark.at);
  return new LogRecord(position, row.time as number, row.e as RecordKind, json);
};
