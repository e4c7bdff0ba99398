import type { Dialect } from '../sql/dialect.ts';
import { raw, Sql, type SqlValue, sql } from '../sql/sql.ts';
import type { Table } from '../sql/tables.ts';
import { SQLITE_SEARCH } from './sqlite-search.ts';

/** One row of values for as many columns. */
const placeholders = (count: number): Sql =>
  new Sql(['', ...Array<string>(count - 1).fill(', '), ''], Array(count).fill(null));

export const SQLITE: Dialect = {
  kind: 'sqlite',
  types: {
    key: 'VARCHAR(255)',
    word: 'VARCHAR(64)',
    line: 'VARCHAR(255)',
    text: 'TEXT',
    sender: 'VARCHAR(10)',
    int: 'INTEGER',
    bigint: 'INTEGER',
    time: 'TIMESTAMP',
  },
  // Whoever writes has the whole database.
  forUpdate: raw(''),
  now: 'CURRENT_TIMESTAMP',
  tableOptions: '',
  search: SQLITE_SEARCH,
  // CURRENT_TIMESTAMP is UTC, and does not say so.
  isoTime: (column) =>
    raw(`CASE WHEN ${column} GLOB '????-??-?? ??:??:??' THEN ${column} || 'Z' ELSE CAST(${column} AS TEXT) END`),
  places: {
    last: (table) => raw(`SELECT max(rowid) AS last FROM ${table}`),
    within: (alias, after, through) => sql`${raw(alias)}.rowid > ${after} AND ${raw(alias)}.rowid <= ${through}`,
    atOnce: 1000,
  },
  // As one value, so that the text of the statement, and with it what was prepared, stays the same.
  oneOf: (column, values) => sql`${column} IN (SELECT value FROM json_each(${JSON.stringify(values)}))`,
  contains: (column, part) => sql`instr(${column}, ${part}) > 0`,
  insert: (table, rows, replace) => [{ sql: insertOne(table, replace), rows }],
  update: (table, columns, rows) => {
    const [key, ...others] = columns;
    const set = others.map((column, i) => `${column} = ?${i + 2}`).join(', ');
    return [{ sql: raw(`UPDATE ${table.name} SET ${set} WHERE ${key} = ?1`), rows }];
  },
};

const insertOne = ({ name, columns, primaryKey }: Table, replace: boolean): Sql => {
  const names = columns.map((column) => column.name);
  const set = names.filter((column) => !primaryKey.includes(column)).map((column) => `${column} = excluded.${column}`);
  const known = replace ? ` ON CONFLICT (${primaryKey.join(', ')}) DO UPDATE SET ${set.join(', ')}` : '';
  return sql`INSERT INTO ${raw(`${name} (${names.join(', ')})`)} VALUES (${placeholders(names.length)})${raw(known)}`;
};

/** Values as SQLite takes them: it has no lists. */
export const plainValues = (values: readonly SqlValue[]): (string | number | null)[] =>
  values as (string | number | null)[];
