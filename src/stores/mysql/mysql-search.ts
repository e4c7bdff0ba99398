import { findNewest, LOOKED_AT, NEWEST_FIRST } from '../sql/search/newest-first.ts';
import type { SearchDialect } from '../sql/search/search-dialect.ts';
import { join, listed, raw, type Sql, sql } from '../sql/sql.ts';

/**
 * InnoDB leaves out words that are short, common, or longer than 84 characters, and takes everything but letters and
 * digits for an end of words. So it is given words of ours: long enough, unlike any that is common, in ASCII, and cut.
 */
const MARK = 'qq';
const WORD_MAX = 80;
/** While the server thinks a table is nearly empty, which it does as long as it grows, it would sort all of it. */
const NEWEST = raw('FORCE INDEX (chat_search_newest)');

/** Behind a `z` comes another one, four digits, or `x` and six: the beginning of a word stays that of its code. */
const codeOf = (character: string): string => {
  if (/[a-y0-9]/.test(character)) return character;
  if (character === 'z') return 'zz';
  const number = character.codePointAt(0)!;
  return number > 0xffff ? `zx${number.toString(16).padStart(6, '0')}` : `z${number.toString(16).padStart(4, '0')}`;
};

/** A word as the index has it. Long ones may share a code; what is found is compared with the text. */
export const encodeWord = (word: string): string => {
  let code = MARK;
  for (const character of word) {
    const next = codeOf(character);
    if (code.length + next.length > WORD_MAX) break;
    code += next;
  }
  return code;
};

/** @param key type of a column that holds a key: one that takes no two of them for the same */
export const mysqlSearch = (key: string): SearchDialect => ({
  tables: [
    `CREATE TABLE IF NOT EXISTS chat_search (id ${key} NOT NULL,
      at BIGINT NOT NULL, position BIGINT NOT NULL, words MEDIUMTEXT CHARACTER SET latin1 NOT NULL, PRIMARY KEY (id),
      INDEX chat_search_newest (at, position), FULLTEXT INDEX chat_search_words (words)) ENGINE = InnoDB`,
  ],
  dropTables: ['DROP TABLE IF EXISTS chat_search'],
  add: (rows) => {
    const values = rows.map(({ key, at, position, words }) => {
      const codes = [...new Set(words.map(encodeWord))].map((code) => ` ${code}`).join('');
      return sql`(${key}, ${at}, ${position}, ${codes})`;
    });
    return [{ sql: sql`REPLACE INTO chat_search (id, at, position, words) VALUES ${join(values, ', ')}` }];
  },
  remove: (rows) => {
    const keys = rows.map(({ key }) => key);
    return [{ sql: sql`DELETE FROM chat_search WHERE id IN (${listed(keys)})` }];
  },
  find: async (ask, { terms, behind }, limit) => {
    const codes = terms.map(encodeWord);
    const older =
      behind === undefined
        ? raw('TRUE')
        : sql`(at < ${behind.at} OR (at = ${behind.at} AND position < ${behind.position}))`;
    const holds = join(
      codes.map((code): Sql => sql`words LIKE ${`% ${code}%`}`),
      ' AND ',
    );
    const match = codes.map((code) => `+${code}*`).join(' ');
    return findNewest(
      ask,
      limit,
      sql`SELECT id, at, position FROM
        (SELECT id, at, position, words FROM chat_search ${NEWEST} WHERE ${older} ${NEWEST_FIRST} LIMIT ${LOOKED_AT}) newest
        WHERE ${holds} ${NEWEST_FIRST} LIMIT ${limit}`,
      sql`SELECT id, at, position FROM chat_search
        WHERE MATCH (words) AGAINST (${match} IN BOOLEAN MODE) AND ${older} ${NEWEST_FIRST} LIMIT ${limit}`,
    );
  },
});
