import type { Ask } from '../reads.ts';
import { raw, type Sql, type SqlRow } from '../sql.ts';
import type { FoundRow } from './search-dialect.ts';

/** The newest messages are looked at first: where a word is common the hits are among them, and the index has many. */
export const LOOKED_AT = 2000;
export const NEWEST_FIRST = raw('ORDER BY at DESC, position DESC');

export const foundOf = (row: SqlRow): FoundRow => ({
  key: row.id as string,
  at: row.at as number,
  position: row.position as number,
});

/**
 * A page of hits, for an index that gives all it has of a word before the newest can be told.
 * @param newest asks for those among the newest messages, as many as are soon looked at
 * @param all asks the index
 */
export const findNewest = async (ask: Ask, limit: number, newest: Sql, all: Sql): Promise<FoundRow[]> => {
  const looked = await ask(newest);
  return (looked.length >= limit ? looked : await ask(all)).map(foundOf);
};
