import { GuichetError } from '../../domain/errors.ts';
import type { Dialect, Driver, Transaction } from './dialect.ts';
import { raw, sql } from './sql.ts';
import { type Column, TABLES, type Table } from './tables.ts';

/** Format of the tables as this version makes them. */
export const FORMAT = 1;

/**
 * Makes the tables where there are none; says whether there were any of another program.
 * Every step may be done again: not every database takes a change of the schema back when the process dies.
 */
export const makeTables = async (dialect: Dialect, transaction: Transaction): Promise<void> => {
  for (const table of TABLES) {
    await transaction.run([{ sql: createTable(dialect, table) }]);
    const indexes = [...Object.entries(table.indexes), ...Object.entries(table.unique ?? {})];
    for (const [name, columns] of indexes) {
      await transaction.run([{ sql: createIndex(table, name, columns) }]);
    }
  }
};

/** A column as it is written behind CREATE TABLE or ADD COLUMN. */
export const columnSql = (dialect: Dialect, column: Column): string => {
  const { name, type, nullable, default: given } = column;
  const value = given === 'now' ? dialect.now : given;
  return `${name} ${dialect.types[type]}${nullable ? '' : ' NOT NULL'}${value === undefined ? '' : ` DEFAULT ${value}`}`;
};

const createTable = (dialect: Dialect, table: Table) => {
  const parts = table.columns.map((column) => columnSql(dialect, column));
  parts.push(`PRIMARY KEY (${table.primaryKey.join(', ')})`);
  if (table.foreignKey !== undefined) {
    const { name, column, table: other } = table.foreignKey;
    parts.push(`CONSTRAINT ${name} FOREIGN KEY (${column}) REFERENCES ${other}(id)`);
  }
  return raw(`CREATE TABLE IF NOT EXISTS ${table.name} (${parts.join(', ')})${dialect.tableOptions}`);
};

export const createIndex = (table: Table, name: string, columns: readonly string[]) => {
  const unique = table.unique?.[name] === undefined ? '' : 'UNIQUE ';
  return raw(`CREATE ${unique}INDEX IF NOT EXISTS ${name} ON ${table.name} (${columns.join(', ')})`);
};

/** The format of the tables that are there; `undefined` when no log was begun in this database. */
export const formatOf = async (
  driver: Driver,
  transaction: Pick<Transaction, 'query'>,
): Promise<number | undefined> => {
  const columns = await driver.columns(transaction, 'chat_head');
  if (columns.size === 0) return undefined;
  const [row] = await transaction.query(sql`SELECT format FROM chat_head WHERE id = 1`);
  return row?.format as number | undefined;
};

/** @throws GuichetError `refused` for tables of a version to come */
export const requireKnown = (format: number | undefined, name: string): void => {
  if (format === undefined || format <= FORMAT) return;
  const advice = 'Start the version that wrote it, or a newer one.';
  throw new GuichetError('refused', `${name} is of format ${format}; this version knows ${FORMAT}. ${advice}`);
};
