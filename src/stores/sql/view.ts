import type { DirectoryKind, DirectoryValues } from '../../domain/model/directory.ts';
import type { View, ViewRequest } from '../../domain/store.ts';
import type { Dialect } from './dialect.ts';
import {
  CONVERSATION_PART,
  conversationOfPart,
  ENTRY_PART,
  HEAD_PART,
  type HeadPart,
  headIn,
  MESSAGE_PART,
  messageOfPart,
} from './parts.ts';
import type { Ask } from './reads.ts';
import { join, type Sql, type SqlRow, sql } from './sql.ts';
import { keyOf } from './stored-key.ts';

/** What a view is made of, as one moment. */
export interface SqlView extends Omit<View, 'head'> {
  readonly head: HeadPart;
}

/** Everything `resolve` wants to know, by one statement. */
export const readView = async (ask: Ask, dialect: Dialect, request: ViewRequest): Promise<SqlView> => {
  const rows = await ask(join(partsOf(dialect, request), ' UNION ALL '));
  const named = Object.groupBy(rows, ({ part }) => part as string);
  const ofPart = (part: string): readonly SqlRow[] => named[part] ?? [];
  const entries = ofPart('entry');
  const conversations = found(request.conversations, ofPart('conversation'), conversationOfPart);
  const messages = found(request.messages, ofPart('message'), messageOfPart);
  const byName = new Map(entries.map((row) => [`${row.e} ${row.id}`, row]));
  const values = new Map<string, DirectoryValues[DirectoryKind]>();
  for (const { kind, id } of request.entries) {
    const row = byName.get(`${kind} ${keyOf(id)}`);
    if (row !== undefined) values.set(`${kind} ${id}`, JSON.parse(row.record as string));
  }
  // Two may seem to have an address while a keeper is filled: it is with whoever came last.
  const holders = entries.filter(({ f }) => f !== '').toSorted((a, b) => Number(a.position) - Number(b.position));
  const agentsByEmail = found(request.agentEmails, holders, agentOf, ({ f }) => f as string);
  return { head: headIn(rows), conversations, messages, entries: values, agentsByEmail };
};

const agentOf = ({ record }: SqlRow): DirectoryValues['agent'] => JSON.parse(record as string);

const partsOf = (dialect: Dialect, request: ViewRequest): Sql[] => {
  const { conversations, messages, entries, agentEmails } = request;
  const among = (column: Sql, ids: readonly string[]): Sql => dialect.oneOf(column, [...new Set(ids.map(keyOf))]);
  const parts = [HEAD_PART];
  if (conversations.length > 0) {
    parts.push(sql`${CONVERSATION_PART} WHERE c.position > 0 AND ${among(sql`c.id`, conversations)}`);
  }
  if (messages.length > 0) parts.push(sql`${MESSAGE_PART} WHERE ${among(sql`m.id`, messages)}`);
  const byKind = Object.entries(Object.groupBy(entries, ({ kind }) => kind));
  for (const [kind, group] of byKind) {
    const ids = group.map(({ id }) => id);
    parts.push(sql`${ENTRY_PART} WHERE p.kind = ${kind} AND ${among(sql`p.id`, ids)}`);
  }
  if (agentEmails.length > 0) parts.push(sql`${ENTRY_PART} WHERE ${among(sql`p.email`, agentEmails)}`);
  return parts;
};

/** Rows by the ids that were asked for, which need not be the keys they are found by. */
const found = <T>(
  ids: readonly string[],
  rows: readonly SqlRow[],
  read: (row: SqlRow) => T,
  keyIn = (row: SqlRow): string => row.id as string,
): Map<string, T> => {
  const byKey = new Map(rows.map((row) => [keyIn(row), row]));
  const answers = new Map<string, T>();
  for (const id of ids) {
    const row = byKey.get(keyOf(id));
    if (row !== undefined) answers.set(id, read(row));
  }
  return answers;
};
