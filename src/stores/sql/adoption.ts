import { PlainItems } from '../../domain/adopt/plain-items.ts';
import type { ImportItem } from '../../domain/change.ts';
import { GuichetError } from '../../domain/errors.ts';
import type { Driver, Transaction } from './dialect.ts';
import { raw, type SqlRow, sql } from './sql.ts';
import { CONVERSATIONS, MESSAGES, type Table } from './tables.ts';

/** What the two tables of another program have, and what they are called once they are set aside. */
const FOREIGN = [
  { table: CONVERSATIONS, aside: 'chat_adopted_conversations', columns: CONVERSATIONS.columns.slice(0, 6) },
  { table: MESSAGES, aside: 'chat_adopted_messages', columns: MESSAGES.columns.slice(0, 6) },
] as const;
const [{ aside: CONVERSATIONS_ASIDE }, { aside: MESSAGES_ASIDE }] = FOREIGN;

/** Conversations whose messages are read at once, and items that are written at once. */
const CONVERSATIONS_PER_PAGE = 500;
const ITEMS_PER_BATCH = 2_000;

/**
 * Sets tables of another program aside under another name, rows and all, so that ours can be made. May be done again: a
 * process that dies in the middle leaves what the next one goes on with.
 * @throws GuichetError `refused` for tables of these names that are something else
 */
export const setTablesAside = async (driver: Driver, transaction: Transaction): Promise<void> => {
  for (const { table, aside, columns } of FOREIGN) {
    const found = await driver.columns(transaction, table.name);
    if (found.size === 0 || isOurs(table, found)) continue;
    const missing = columns.map(({ name }) => name).filter((name) => !found.has(name));
    if (missing.length > 0 || (await driver.columns(transaction, aside)).size > 0) {
      const what =
        missing.length > 0 ? `lacks ${missing.join(', ')}` : `would be set aside as ${aside}, which is there`;
      const advice = 'Rename it, or give this server a database of its own.';
      throw new GuichetError('refused', `${table.name} in ${driver.name} ${what}. ${advice}`);
    }
    await transaction.run([{ sql: raw(`ALTER TABLE ${table.name} RENAME TO ${aside}`) }]);
  }
  if ((await driver.columns(transaction, MESSAGES_ASIDE)).size === 0) return;
  // Messages are read by conversation, which not every database has an index for.
  const index = `CREATE INDEX IF NOT EXISTS chat_adopted_by_conversation ON ${MESSAGES_ASIDE} (conversation_id)`;
  await transaction.run([{ sql: raw(index) }]);
};

const isOurs = ({ columns }: Table, found: ReadonlyMap<string, string>): boolean =>
  columns.every(({ name }) => found.has(name));

/** What was set aside, as items of an import, some thousand at a time: messages in order of time and id. */
export async function* adoptedItems(
  driver: Driver,
  transaction: Transaction,
  timezone: string | undefined,
): AsyncGenerator<ImportItem[]> {
  const plain = new PlainItems(timezone);
  let items: ImportItem[] = [];
  const timeIn = async (table: string, alias: string) => {
    const type = (await driver.columns(transaction, table)).get('created_at') ?? '';
    return sql`${driver.dialect.isoTime(`${alias}.created_at`, type)} AS created_at`;
  };
  const hasConversations = (await driver.columns(transaction, CONVERSATIONS_ASIDE)).size > 0;
  const hasMessages = (await driver.columns(transaction, MESSAGES_ASIDE)).size > 0;
  const messageTime = hasMessages ? await timeIn(MESSAGES_ASIDE, 'm') : sql``;
  const message = sql`m.id, m.sender_id, m.sender_type, m.content, ${messageTime}`;

  const add = function* (from: Iterable<ImportItem>): Generator<ImportItem[]> {
    for (const item of from) items.push(item);
    if (items.length < ITEMS_PER_BATCH) return;
    yield items;
    items = [];
  };
  const pages = async function* (): AsyncGenerator<readonly SqlRow[]> {
    const time = await timeIn(CONVERSATIONS_ASIDE, 'c');
    for (let last: string | null = null; ; ) {
      const behind = last === null ? sql`` : sql`WHERE c.id > ${last}`;
      const rows: readonly SqlRow[] = await transaction.query(sql`
        SELECT c.id, c.user_id, c.agent_id, c.subject, c.status, ${time} FROM ${raw(CONVERSATIONS_ASIDE)} c
        ${behind} ORDER BY c.id LIMIT ${CONVERSATIONS_PER_PAGE}`);
      if (rows.length === 0) return;
      yield rows;
      last = rows.at(-1)!.id as string;
    }
  };

  if (hasConversations) {
    for await (const rows of pages()) {
      for (const row of rows) yield* add(plain.conversation(row));
      if (!hasMessages) continue;
      // By a join, for where case does not count a message may spell its conversation otherwise than that itself does.
      const found = await transaction.query(sql`
        SELECT c.id AS conversation_id, ${message} FROM ${raw(MESSAGES_ASIDE)} m
        JOIN ${raw(CONVERSATIONS_ASIDE)} c ON c.id = m.conversation_id
        WHERE ${driver.dialect.oneOf(
          sql`c.id`,
          rows.map(({ id }) => id as string),
        )}`);
      for (const row of inOrder(found)) yield* add(plain.message(row));
    }
  }
  if (hasMessages) {
    const alone = hasConversations
      ? sql`WHERE NOT EXISTS (SELECT 1 FROM ${raw(CONVERSATIONS_ASIDE)} c WHERE c.id = m.conversation_id)`
      : sql``;
    const found = await transaction.query(sql`
      SELECT m.conversation_id, ${message} FROM ${raw(MESSAGES_ASIDE)} m ${alone}`);
    for (const row of inOrder(found)) yield* add(plain.message(row));
  }
  yield* add(plain.release());
  if (items.length > 0) yield items;
}

/** Rows of one second in order of their ids, by code units, whatever the order of texts in the database is. */
const inOrder = (rows: readonly SqlRow[]): SqlRow[] => {
  const keyed = rows.map((row) => ({ row, key: [row.conversation_id, row.created_at ?? '', row.id].map(String) }));
  keyed.sort((a, b) => {
    const at = a.key.findIndex((part, i) => part !== b.key[i]);
    return at < 0 ? 0 : a.key[at]! < b.key[at]! ? -1 : 1;
  });
  return keyed.map(({ row }) => row);
};
