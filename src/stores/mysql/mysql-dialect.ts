import type { Dialect, Statement } from '../sql/dialect.ts';
import { join, listed, raw, type Sql, type SqlValue, sql } from '../sql/sql.ts';
import type { Table } from '../sql/tables.ts';
import { mysqlSearch } from './mysql-search.ts';

type Row = readonly SqlValue[];

/** Text in one statement: servers take 16 MiB and more, and one that is smaller loses little. */
const STATEMENT_BYTES = 1024 * 1024;

/** MariaDB and MySQL call the order by code points, without regard to nothing, by different names. */
const dialect = (collation: string): Dialect => {
  const text = (type: string): string => `${type} CHARACTER SET utf8mb4 COLLATE ${collation}`;
  return {
    kind: 'mysql',
    types: {
      key: text('VARCHAR(255)'),
      word: text('VARCHAR(64)'),
      line: text('VARCHAR(255)'),
      text: text('MEDIUMTEXT'),
      sender: text("ENUM('USER', 'AGENT', 'BOT', 'SYSTEM')"),
      int: 'INT',
      bigint: 'BIGINT',
      time: 'TIMESTAMP(3)',
    },
    now: 'CURRENT_TIMESTAMP(3)',
    forUpdate: raw(' FOR UPDATE'),
    search: mysqlSearch(text('VARCHAR(255)')),
    tableOptions: ` ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE ${collation}`,
    isoTime: (column, type) => {
      if (!/^(timestamp|datetime)/i.test(type)) return raw(`CAST(${column} AS CHAR)`);
      const zone = /^timestamp/i.test(type) ? 'Z' : '';
      return raw(`CONCAT(DATE_FORMAT(${column}, '%Y-%m-%dT%H:%i:%s.%f'), '${zone}')`);
    },
    places: {
      last: (table) => raw(`SELECT max(position) AS last FROM ${table}`),
      within: (alias, after, through) =>
        sql`${raw(alias)}.position > ${after} AND ${raw(alias)}.position <= ${through}`,
      atOnce: 1000,
    },
    oneOf: (column, values) => sql`${column} IN (${listed(values)})`,
    contains: (column, part) => sql`LOCATE(${part}, ${column}) > 0`,
    insert: (table, rows, replace) => inPieces(rows, (piece) => insertAll(table, piece, replace)),
    update: (table, columns, rows) => inPieces(rows, (piece) => updateAll(table, columns, piece)),
  };
};

export const MARIADB_COLLATION = 'utf8mb4_nopad_bin';
export const MYSQL_COLLATION = 'utf8mb4_0900_bin';
export const MARIADB = dialect(MARIADB_COLLATION);
export const MYSQL = dialect(MYSQL_COLLATION);

const insertAll = ({ name, columns, primaryKey }: Table, rows: readonly Row[], replace: boolean): Sql => {
  const names = columns.map((column) => column.name);
  const set = names.filter((column) => !primaryKey.includes(column)).map((column) => `${column} = VALUES(${column})`);
  const known = replace ? ` ON DUPLICATE KEY UPDATE ${set.join(', ')}` : '';
  const values = join(
    rows.map((row) => sql`(${listed(row)})`),
    ', ',
  );
  return sql`INSERT INTO ${raw(`${name} (${names.join(', ')})`)} VALUES ${values}${raw(known)}`;
};

const updateAll = ({ name }: Table, columns: readonly string[], rows: readonly Row[]): Sql => {
  const [key, ...others] = columns;
  const given = rows.map((row) =>
    join(
      row.map((value, i) => sql`${value} AS ${raw(columns[i]!)}`),
      ', ',
    ),
  );
  const table = join(
    given.map((row) => sql`SELECT ${row}`),
    ' UNION ALL ',
  );
  const set = others.map((column) => `t.${column} = given.${column}`).join(', ');
  return sql`UPDATE ${raw(name)} t JOIN (${table}) given ON ${raw(`t.${key} = given.${key}`)} SET ${raw(set)}`;
};

const inPieces = (rows: readonly Row[], statement: (piece: readonly Row[]) => Sql): Statement[] => {
  const pieces: Row[][] = [];
  let bytes = STATEMENT_BYTES;
  for (const row of rows) {
    if (bytes >= STATEMENT_BYTES) {
      pieces.push([]);
      bytes = 0;
    }
    pieces.at(-1)!.push(row);
    bytes += row.reduce<number>((sum, value) => sum + (typeof value === 'string' ? 2 * value.length : 10), 20);
  }
  return pieces.map((piece) => ({ sql: statement(piece) }));
};
