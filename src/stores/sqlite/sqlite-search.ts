import { comparePlaces } from '../../domain/state/message-search.ts';
import { findNewest, foundOf } from '../sql/search/newest-first.ts';
import type { SearchDialect } from '../sql/search/search-dialect.ts';
import { join, sql } from '../sql/sql.ts';

/**
 * FTS5 answers in the order of its row ids, so that the newest hits are found without the others: row ids rise with the
 * time of a message. The upper part is its millisecond; the lower one counts the messages of that as they come in, which
 * is the order of their positions.
 */
const ROOM = 1n << 22n;
const LAST = (1n << 63n) - 1n;
/**
 * Numbers of letters by which FTS5 finds words from their beginnings on. By more letters it would put together all that
 * match before it gives the first: the newest that begin like a longer word are looked at first.
 */
const BEGINNINGS = [1, 2, 3, 4, 5, 6];
const BEGINNING_MAX = Math.max(...BEGINNINGS);
/** So many of these; where the word is not common among them, those that have it are few. */
const ALIKE_MAX = 500;
/** Times that have row ids of their own: years 1936 to 2039. All before share one, and all behind. */
const EARLIEST = -(2 ** 40);
const LATEST = 2 ** 41 - 2;

const clamped = (at: number): number => Math.min(Math.max(Math.floor(at), EARLIEST), LATEST);
/** As text, for row ids do not fit a number. */
const firstOf = (at: number): bigint => BigInt(clamped(at)) * ROOM;
/** Whether messages that share its upper part have the same time. */
const isExact = (at: number): boolean => at > EARLIEST && at < LATEST;

export const SQLITE_SEARCH: SearchDialect = {
  tables: [
    `CREATE TABLE IF NOT EXISTS chat_search_places (row INTEGER PRIMARY KEY, at INTEGER NOT NULL,
      position INTEGER NOT NULL, id TEXT NOT NULL)`,
    `CREATE VIRTUAL TABLE IF NOT EXISTS chat_search USING fts5
      (words, detail = none, prefix = '${BEGINNINGS.join(' ')}', tokenize = 'ascii')`,
    // What is removed is gone from the file, not only marked.
    "INSERT INTO chat_search (chat_search, rank) VALUES ('secure-delete', 1)",
  ],
  dropTables: ['DROP TABLE IF EXISTS chat_search_places', 'DROP TABLE IF EXISTS chat_search'],
  add: (rows) =>
    rows.flatMap(({ key, at, position, words }) => {
      const first = firstOf(at);
      const [from, to] = [`${first}`, `${first + ROOM}`];
      return [
        {
          sql: sql`INSERT INTO chat_search_places (row, at, position, id)
            SELECT COALESCE(max(row) + 1, CAST(${from} AS INTEGER)), ${at}, ${position}, ${key}
            FROM chat_search_places WHERE row >= CAST(${from} AS INTEGER) AND row < CAST(${to} AS INTEGER)`,
        },
        { sql: sql`INSERT INTO chat_search (rowid, words) VALUES (last_insert_rowid(), ${words.join(' ')})` },
      ];
    }),
  remove: (rows) =>
    rows.flatMap(({ key, at }) => {
      const first = firstOf(at);
      const which = sql`row >= CAST(${`${first}`} AS INTEGER) AND row < CAST(${`${first + ROOM}`} AS INTEGER)
        AND id = ${key}`;
      return [
        { sql: sql`DELETE FROM chat_search WHERE rowid = (SELECT row FROM chat_search_places WHERE ${which})` },
        { sql: sql`DELETE FROM chat_search_places WHERE ${which}` },
      ];
    }),
  find: async (ask, { terms, behind }, limit) => {
    const beginnings = terms.map((term) => Array.from(term).slice(0, BEGINNING_MAX).join(''));
    const isLong = terms.some((term, i) => term !== beginnings[i]);
    const holds = terms.map((term) => sql`instr(' ' || words, ${` ${term}`}) > 0`);
    const before = behind === undefined ? LAST : firstOf(behind.at) + ROOM;
    for (let asked = limit + 1; ; asked *= 4) {
      const matching = (words: readonly string[], limitedTo: number) => sql`
        SELECT p.row, p.at, p.position, p.id, chat_search.words
        FROM chat_search CROSS JOIN chat_search_places p ON p.row = chat_search.rowid
        WHERE chat_search MATCH ${words.map((word) => `"${word}"*`).join(' AND ')}
        AND chat_search.rowid < CAST(${`${before}`} AS INTEGER) ORDER BY chat_search.rowid DESC LIMIT ${limitedTo}`;
      const newest = sql`SELECT at, position, id FROM (${matching(beginnings, ALIKE_MAX)})
        WHERE ${join(holds, ' AND ')} ORDER BY row DESC LIMIT ${asked}`;
      const exact = sql`SELECT at, position, id FROM (${matching(terms, asked)}) ORDER BY row DESC`;
      const all = isLong ? await findNewest(ask, asked, newest, exact) : (await ask(exact)).map(foundOf);
      const isOver = all.length < asked;
      // Those that are older or newer than any time are in order of arrival: they are put in order when all are there.
      const end = all.at(-1)?.at ?? 0;
      const whole = isOver || isExact(end) ? all : all.filter(({ at }) => clamped(at) !== clamped(end));
      const older = whole.filter((row) => behind === undefined || comparePlaces(row, behind) > 0);
      if (isOver || older.length >= limit) return older.sort(comparePlaces).slice(0, limit);
    }
  },
};
