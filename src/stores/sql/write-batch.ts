import { hash } from 'node:crypto';
import {
  type Conversation,
  type ConversationHead,
  type HeldReadMark,
  startHead,
} from '../../domain/model/conversation.ts';
import type { DirectoryKind } from '../../domain/model/directory.ts';
import { conversationOf, entityKey, isDirectoryKind, type LogRecord } from '../../domain/model/record.ts';
import { headAfter } from '../../domain/state/log-state.ts';
import type { Batch } from '../../domain/store.ts';
import type { Dialect, Statement } from './dialect.ts';
import { conversationRow, entryRow, logRow, messageRow, type RowValues, readKey, readRow } from './rows.ts';
import { sql } from './sql.ts';
import { keyOf } from './stored-key.ts';
import { CONVERSATIONS, ENTRIES, LOG, MESSAGES, READS } from './tables.ts';

export type Heads = ReadonlyMap<string, ConversationHead>;

/** What a conversation is before its record came: it only collects what its messages add. */
const NOT_YET: Conversation = {
  ...{ id: '', subject: null, status: 'ACTIVE', userId: '', agentId: null, labels: [], snoozedUntil: null },
  ...{ createdAt: '', changedAt: '', publicAt: '', publicPosition: 0 },
};

/** Conversations that a batch changes. */
export const touched = (records: readonly LogRecord[]): string[] => [
  ...new Set(records.flatMap((record) => conversationOf(record) ?? [])),
];

/** The heads of all touched conversations behind a batch. @param before those that are known */
export const headsBehind = (records: readonly LogRecord[], before: Heads): Heads => {
  const heads = new Map<string, ConversationHead>();
  for (const record of records) {
    const id = conversationOf(record);
    if (id === undefined) continue;
    const head = heads.get(id) ?? before.get(id) ?? startHead({ ...NOT_YET, id }, 0);
    heads.set(id, headAfter(head, record));
  }
  return heads;
};

/** What tells one batch from another at the same place. */
export const digestOf = (records: readonly LogRecord[]): string =>
  hash('sha256', records.map(({ position, kind, json }) => `${position} ${kind} ${json}\n`).join(''));

/** Whether nothing takes the place of a row that has to go first. */
export const isPlain = (records: readonly LogRecord[]): boolean =>
  !records.some((record) => record.is('message') && record.value.redacted === true);

/** Everything a batch changes but the head of the log, in the order in which it has to be written. */
export const writeBatch = (dialect: Dialect, batch: Batch, before: Heads, after: Heads): readonly Statement[] => {
  const { records, compacted = false } = batch;
  const newest = [...new Map(records.map((record) => [entityKey(record), record])).values()];
  const messages = newest.filter((record) => record.is('message'));
  const entries = newest.filter((record): record is LogRecord<DirectoryKind> => isDirectoryKind(record.kind));
  return [
    ...insert(CONVERSATIONS, conversationRows(after), true),
    // A redaction takes the place of what was there, and a page of a compacted log may hold one without saying so.
    ...removed(messages.filter(({ value }) => compacted || value.redacted === true)),
    ...insert(MESSAGES, messages.map(messageRow), false),
    ...readMarks(before, after),
    ...insert(ENTRIES, entries.map(entryRow), true),
    // A compacted page has no history of its own: what is older than its end can only be answered from state.
    ...(compacted ? [{ sql: sql`DELETE FROM chat_log` }] : insert(LOG, records.map(logRow), false)),
  ];

  function insert(table: Parameters<Dialect['insert']>[0], rows: readonly RowValues[], replace: boolean) {
    return rows.length === 0 ? [] : dialect.insert(table, rows, replace);
  }

  function removed(gone: readonly LogRecord<'message'>[]): Statement[] {
    if (gone.length === 0) return [];
    const which = dialect.oneOf(
      sql`id`,
      gone.map(({ value }) => keyOf(value.id)),
    );
    return [{ sql: sql`DELETE FROM chat_messages WHERE ${which}` }];
  }

  function readMarks(earlier: Heads, later: Heads): Statement[] {
    const written: HeldReadMark[] = [];
    const passed: string[] = [];
    for (const [id, { reads }] of later) {
      const known = new Map(earlier.get(id)?.reads.map((mark) => [readKey(mark), mark]));
      for (const mark of reads) {
        const former = known.get(readKey(mark));
        if (mark.position > 0 && mark.position !== former?.position) written.push(mark);
        if (mark.position === 0 && former !== undefined && former.position > 0) passed.push(readKey(mark));
      }
    }
    const gone =
      passed.length === 0 ? [] : [{ sql: sql`DELETE FROM chat_reads WHERE ${dialect.oneOf(sql`id`, passed)}` }];
    return [...gone, ...insert(READS, written.map(readRow), true)];
  }
};

const conversationRows = (heads: Heads): RowValues[] =>
  [...heads.values()].map((head) => conversationRow(head, JSON.stringify(head.conversation)));
