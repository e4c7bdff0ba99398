import type { ColumnType, Dialect } from '../sql/dialect.ts';
import { join, raw, type SqlValue, sql } from '../sql/sql.ts';
import type { Table } from '../sql/tables.ts';
import { POSTGRES_SEARCH } from './postgres-search.ts';

/** Compared byte by byte, whatever the order of texts in this database is. */
const BYTES = 'COLLATE "C"';

const ARRAYS: Readonly<Record<ColumnType, string>> = {
  key: 'varchar[]',
  word: 'varchar[]',
  line: 'varchar[]',
  text: 'text[]',
  sender: 'varchar[]',
  int: 'int[]',
  bigint: 'bigint[]',
  time: 'timestamptz[]',
};

type Rows = readonly (readonly SqlValue[])[];

/** Rows as one array a column: one statement of always the same text, however many there are. */
const unnest = (types: readonly ColumnType[], rows: Rows) => {
  const columns = types.map((type, i) => sql`${rows.map((row) => row[i]! as string)}::${raw(ARRAYS[type])}`);
  return sql`unnest(${join(columns, ', ')})`;
};

const typeOf = (table: Table, name: string): ColumnType => table.columns.find((column) => column.name === name)!.type;

export const POSTGRES: Dialect = {
  kind: 'postgres',
  types: {
    key: `varchar(255) ${BYTES}`,
    word: `varchar(64) ${BYTES}`,
    line: 'varchar(255)',
    text: `text ${BYTES}`,
    sender: `varchar(10) ${BYTES}`,
    int: 'int',
    bigint: 'bigint',
    time: 'timestamptz(3)',
  },
  forUpdate: raw(' FOR UPDATE'),
  now: 'CURRENT_TIMESTAMP',
  tableOptions: '',
  search: POSTGRES_SEARCH,
  isoTime: (column, type) => {
    if (!type.startsWith('timestamp')) return raw(`${column}::text`);
    const zone = type.includes('with time zone') ? 'Z' : '';
    return raw(`to_char(${column}, 'YYYY-MM-DD"T"HH24:MI:SS.US') || '${zone}'`);
  },
  // By block: only such a condition keeps the server from looking into the others.
  places: {
    last: (table) => sql`SELECT pg_relation_size(${table}::regclass) / current_setting('block_size')::int AS last`,
    within: (alias, after, through) =>
      sql`${raw(alias)}.ctid >= ${`(${after},0)`}::tid AND ${raw(alias)}.ctid < ${`(${through},0)`}::tid`,
    atOnce: 32,
  },
  oneOf: (column, values) => sql`${column} = ANY(${values}::varchar[])`,
  contains: (column, part) => sql`strpos(${column}, ${part}) > 0`,
  insert: ({ name, columns, primaryKey }, rows, replace) => {
    const names = columns.map((column) => column.name);
    const set = names
      .filter((column) => !primaryKey.includes(column))
      .map((column) => `${column} = excluded.${column}`);
    const known = replace ? ` ON CONFLICT (${primaryKey.join(', ')}) DO UPDATE SET ${set.join(', ')}` : '';
    const given = unnest(
      columns.map(({ type }) => type),
      rows,
    );
    return [{ sql: sql`INSERT INTO ${raw(`${name} (${names.join(', ')})`)} SELECT * FROM ${given}${raw(known)}` }];
  },
  update: (table, columns, rows) => {
    const [key, ...others] = columns;
    const given = unnest(
      columns.map((column) => typeOf(table, column)),
      rows,
    );
    const set = others.map((column) => `${column} = given.${column}`).join(', ');
    const names = columns.join(', ');
    return [
      {
        sql: sql`UPDATE ${raw(table.name)} SET ${raw(set)} FROM ${given} AS given(${raw(names)})
          WHERE ${raw(`${table.name}.${key} = given.${key}`)}`,
      },
    ];
  },
};
