import { findNewest, LOOKED_AT, NEWEST_FIRST } from '../sql/search/newest-first.ts';
import type { SearchDialect } from '../sql/search/search-dialect.ts';
import { join, raw, sql } from '../sql/sql.ts';

/** Words as a `tsvector` of our own making: none is changed, shortened or left out by the rules of a language. */
export const POSTGRES_SEARCH: SearchDialect = {
  tables: [
    `CREATE TABLE IF NOT EXISTS chat_search (id varchar(255) COLLATE "C" PRIMARY KEY, at bigint NOT NULL,
      position bigint NOT NULL, words tsvector NOT NULL)`,
    // What comes in goes to its place at once: a list of what waits for it would be looked through by every search.
    'CREATE INDEX IF NOT EXISTS chat_search_words ON chat_search USING gin (words) WITH (fastupdate = off)',
    'CREATE INDEX IF NOT EXISTS chat_search_newest ON chat_search (at DESC, position DESC)',
  ],
  dropTables: ['DROP TABLE IF EXISTS chat_search'],
  add: (rows) => {
    const columns = [
      sql`${rows.map(({ key }) => key)}::varchar[]`,
      sql`${rows.map(({ at }) => at)}::bigint[]`,
      sql`${rows.map(({ position }) => position)}::bigint[]`,
      sql`${rows.map(({ words }) => words.join(' '))}::text[]`,
    ];
    return [
      {
        sql: sql`INSERT INTO chat_search (id, at, position, words)
          SELECT id, at, position, array_to_tsvector(string_to_array(words, ' '))
          FROM unnest(${join(columns, ', ')}) AS given(id, at, position, words)
          ON CONFLICT (id) DO UPDATE SET at = excluded.at, position = excluded.position, words = excluded.words`,
      },
    ];
  },
  remove: (rows) => [{ sql: sql`DELETE FROM chat_search WHERE id = ANY(${rows.map(({ key }) => key)}::varchar[])` }],
  find: async (ask, { terms, behind }, limit) => {
    const query = terms.map((term) => `'${term}':*`).join(' & ');
    const older = behind === undefined ? raw('TRUE') : sql`(at, position) < (${behind.at}, ${behind.position})`;
    const holds = sql`words @@ ${query}::tsquery`;
    // Made before they are put in order: else the planner may look for the newest one by one, where there are none.
    return findNewest(
      ask,
      limit,
      sql`WITH newest AS MATERIALIZED
        (SELECT id, at, position, words FROM chat_search WHERE ${older} ${NEWEST_FIRST} LIMIT ${LOOKED_AT})
        SELECT id, at, position FROM newest WHERE ${holds} ${NEWEST_FIRST} LIMIT ${limit}`,
      sql`WITH hits AS MATERIALIZED (SELECT id, at, position FROM chat_search WHERE ${holds} AND ${older})
        SELECT id, at, position FROM hits ${NEWEST_FIRST} LIMIT ${limit}`,
    );
  },
};
