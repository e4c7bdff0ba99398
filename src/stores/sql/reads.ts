import type { ConversationHead } from '../../domain/model/conversation.ts';
import type { DirectoryKind, DirectoryValues } from '../../domain/model/directory.ts';
import { cursorBehind, parseCursor } from '../../domain/state/conversation-index.ts';
import { searchTerms } from '../../domain/state/search-terms.ts';
import type * as Port from '../../domain/store.ts';
import type { Dialect, Driver } from './dialect.ts';
import { headOf, labelWord, MESSAGE_COLUMNS, messageOf } from './rows.ts';
import { join, raw, type Sql, type SqlRow, sql } from './sql.ts';
import { keyOf } from './stored-key.ts';

/** Runs one statement, which sees one moment. */
export type Ask = (query: Sql) => Promise<readonly SqlRow[]>;

const HEAD_COLUMNS = raw(
  [
    'c.record, c.position, c.last_seq, c.last_public_seq, c.updated_iso, c.public_updated_iso, c.public_position',
    'c.read_marks',
  ].join(', '),
);

/** Conversations with what their messages add, by id; also those that are not there yet while a keeper is filled. */
export const headsOf = async (
  ask: Ask,
  dialect: Dialect,
  ids: readonly string[],
): Promise<Map<string, ConversationHead>> => {
  const which = dialect.oneOf(sql`c.id`, ids.map(keyOf));
  const rows = await ask(sql`SELECT ${HEAD_COLUMNS} FROM chat_conversations c WHERE ${which}`);
  return new Map(rows.map(headOf).map((head) => [head.conversation.id, head]));
};

/** The reads of the port but the feed, each as one statement: so each shows one moment, without a transaction. */
export class Reads {
  readonly #ask: Ask;
  readonly #driver: Pick<Driver, 'dialect'>;

  constructor(ask: Ask, driver: Pick<Driver, 'dialect'>) {
    this.#ask = ask;
    this.#driver = driver;
  }

  async conversation(id: string): Promise<ConversationHead | undefined> {
    const [row] = await this.#ask(
      sql`SELECT ${HEAD_COLUMNS} FROM chat_conversations c WHERE c.id = ${keyOf(id)} AND c.position > 0`,
    );
    return row && headOf(row);
  }

  async conversations(query: Port.ConversationQuery): Promise<Port.ConversationPage> {
    const stamp = raw(query.userId === undefined ? 'c.updated_iso' : 'c.public_updated_iso');
    const rows = await this.#ask(sql`
      SELECT ${HEAD_COLUMNS} FROM chat_conversations c
      LEFT JOIN chat_entries p ON p.kind = 'contact' AND p.id = c.user_id
      WHERE ${join([sql`c.position > 0`, ...this.#conditions(query, stamp)], ' AND ')}
      ORDER BY ${stamp} DESC, c.id LIMIT ${query.limit + 1}`);
    const heads = rows.slice(0, query.limit).map(headOf);
    const more = rows.length > query.limit && heads.length > 0;
    return { conversations: heads, nextCursor: more ? cursorBehind(heads.at(-1)!, query) : null };
  }

  #conditions(query: Port.ConversationQuery, stamp: Sql): Sql[] {
    const { userId, status, agentId, label, q, cursor } = query;
    const conditions: Sql[] = [];
    if (userId !== undefined) conditions.push(sql`c.user_id = ${keyOf(userId)}`);
    if (status !== undefined) conditions.push(sql`c.status = ${status}`);
    if (agentId === null) conditions.push(sql`c.agent_id IS NULL`);
    else if (agentId !== undefined) conditions.push(sql`c.agent_id = ${keyOf(agentId)}`);
    if (label !== undefined) conditions.push(this.#driver.dialect.contains(sql`c.labels`, labelWord(label)));
    for (const term of q === undefined ? [] : searchTerms(q)) {
      const [subject, contact] = [sql`c.words`, sql`p.words`].map((c) => this.#driver.dialect.contains(c, ` ${term}`));
      conditions.push(sql`(${subject!} OR ${contact!})`);
    }
    if (cursor !== undefined) {
      const from = parseCursor(cursor);
      // The first condition alone says nothing new, but an index can begin there.
      conditions.push(sql`${stamp} <= ${from.updatedAt}`);
      conditions.push(sql`(${stamp} < ${from.updatedAt} OR c.id > ${keyOf(from.id)})`);
    }
    return conditions;
  }

  async messages(conversationId: string, range: Port.MessageRange): Promise<Port.MessagePage> {
    const { after, limit } = range;
    const key = keyOf(conversationId);
    const page = sql`
      SELECT ${MESSAGE_COLUMNS} FROM chat_messages m
      WHERE m.conversation_id = ${key} AND ${join(within(key, range), ' AND ')}
      ORDER BY m.seq ${raw(after === undefined ? 'DESC' : '')} LIMIT ${limit + 1}`;
    const rows = await this.#ask(sql`
      SELECT c.last_seq, c.last_public_seq, ${MESSAGE_COLUMNS} FROM chat_conversations c
      LEFT JOIN (${page}) m ON m.conversation_id = c.id WHERE c.id = ${key}`);
    const [first] = rows;
    if (first === undefined) return { messages: [], lastSeq: 0, hasMore: false };
    const found = rows.filter((row) => row.id !== null).map(messageOf);
    // The order of a joined table is not promised.
    found.sort((a, b) => a.value.seq - b.value.seq);
    const hasMore = found.length > limit;
    const messages = after === undefined ? found.slice(-limit) : found.slice(0, limit);
    return { messages, lastSeq: (range.public ? first.last_public_seq : first.last_seq) as number, hasMore };
  }

  async countMessages(requests: readonly Port.MessageCount[]): Promise<number[]> {
    const counts = requests.map(
      ({ conversationId, after, through, senderType }, i) => sql`
        SELECT ${raw(String(i))} AS request, count(*) AS found FROM chat_messages
        WHERE conversation_id = ${keyOf(conversationId)} AND seq > ${after} AND seq <= ${through}
        AND kind = 'message' AND sender_type = ${senderType}`,
    );
    if (counts.length === 0) return [];
    const found = new Map((await this.#ask(join(counts, ' UNION ALL '))).map((row) => [row.request, row.found]));
    return requests.map((_, i) => Number(found.get(i)));
  }

  async entry<K extends DirectoryKind>(kind: K, id: string): Promise<DirectoryValues[K] | undefined> {
    const [row] = await this.#ask(sql`SELECT record FROM chat_entries WHERE kind = ${kind} AND id = ${keyOf(id)}`);
    return row && entryOf<K>(row);
  }

  async entries<K extends DirectoryKind>(kind: K, page: { after?: string; limit?: number } = {}) {
    const from = page.after === undefined ? sql`` : sql` AND id > ${keyOf(page.after)}`;
    const upTo = page.limit === undefined ? sql`` : sql` LIMIT ${page.limit}`;
    const rows = await this.#ask(sql`SELECT record FROM chat_entries WHERE kind = ${kind}${from} ORDER BY id${upTo}`);
    return rows.map((row) => entryOf<K>(row));
  }

  async agentByEmail(email: string): Promise<DirectoryValues['agent'] | undefined> {
    const [row] = await this.#ask(sql`
      SELECT record FROM chat_entries WHERE email = ${keyOf(email.toLowerCase())} ORDER BY position DESC LIMIT 1`);
    return row && entryOf<'agent'>(row);
  }
}

/** What a page may hold. Towards visitors numbers are those of the messages they may see. */
const within = (key: string, { after, before, public: shown = false }: Port.MessageRange): Sql[] => {
  const conditions: Sql[] = [];
  if (shown) conditions.push(sql`m.kind = 'message'`);
  const number = raw(shown ? 'm.public_seq' : 'm.seq');
  if (after !== undefined) {
    conditions.push(sql`${number} > ${Math.max(after, 0)}`);
    // A seq is never below its publicSeq, so an index may begin here.
    if (shown) conditions.push(sql`m.seq > ${Math.max(after, 0)}`);
  }
  if (before !== undefined) {
    conditions.push(sql`${number} < ${before}`);
    // Nor is it above it by more than there are hidden messages.
    const hidden = sql`SELECT last_seq - last_public_seq FROM chat_conversations WHERE id = ${key}`;
    if (shown) conditions.push(sql`m.seq < ${before} + (${hidden})`);
  }
  return conditions.length === 0 ? [sql`m.seq > 0`] : conditions;
};

const entryOf = <K extends DirectoryKind>(row: SqlRow): DirectoryValues[K] =>
  JSON.parse(row.record as string) as DirectoryValues[K];
