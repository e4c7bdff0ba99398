import { GuichetError } from '../../domain/errors.ts';
import type { StoreKind } from '../../domain/store.ts';
import type { SearchDialect } from './search/search-dialect.ts';
import type { Sql, SqlRow, SqlValue } from './sql.ts';
import type { Table } from './tables.ts';

/** What a column holds; each dialect has its own name for it. */
export type ColumnType =
  /** See `keyOf`: compared byte by byte, 255 characters. */
  | 'key'
  /** A word of ours in ASCII, compared byte by byte, 64 characters. */
  | 'word'
  /** At most 255 characters, for people. */
  | 'line'
  /** Any length; compared byte by byte. */
  | 'text'
  | 'sender'
  | 'int'
  | 'bigint'
  | 'time';

/** Where databases differ in what they are told. */
export interface Dialect {
  readonly kind: Extract<StoreKind, 'sqlite' | 'postgres' | 'mysql'>;
  readonly types: Readonly<Record<ColumnType, string>>;
  /** Behind a SELECT whose rows nobody else may change until the transaction ends. */
  readonly forUpdate: Sql;
  /** The default of a column of type `time`. */
  readonly now: string;
  /** Behind CREATE TABLE (...). */
  readonly tableOptions: string;
  /** How it finds words. */
  readonly search: SearchDialect;
  /** A time of another program's table as text that `PlainTime` reads; with a zone where the database knows it. */
  isoTime(column: string, type: string): Sql;
  /** How rows are reached without an index, so that what is damaged can be left out. */
  readonly places: Places;
  oneOf(column: Sql, values: readonly string[]): Sql;
  /** Whether a text column holds this, exactly as it is. */
  contains(column: Sql, part: string): Sql;
  /**
   * Statements that insert all these rows; with `replace` a row whose primary key is known is overwritten.
   * @param rows values in the order of the table's columns
   */
  insert(table: Table, rows: readonly (readonly SqlValue[])[], replace: boolean): readonly Statement[];
  /** Statements that set columns of rows found by `key`; its value is the first of each row. */
  update(table: Table, columns: readonly string[], rows: readonly (readonly SqlValue[])[]): readonly Statement[];
}

/** Where the rows of a table are, as numbers from 1: of rows, or of what holds several. */
export interface Places {
  /** The `last` place of a table. */
  last(table: string): Sql;
  /** A condition on the table that is called `alias`: places from behind `after` to `through`. */
  within(alias: string, after: number, through: number): Sql;
  /** How many of them are read by one statement. */
  readonly atOnce: number;
}

/** A statement; with `rows` it is run once for each of them. */
export interface Statement {
  readonly sql: Sql;
  readonly rows?: readonly (readonly SqlValue[])[];
}

/** A transaction that is open. Statements wait for each other. */
export interface Transaction {
  query(query: Sql): Promise<readonly SqlRow[]>;
  /** Runs statements in order. */
  run(statements: readonly Statement[]): Promise<void>;
}

/** Reads that all see the same. */
export interface Moment {
  read(query: Sql): Promise<readonly SqlRow[]>;
  close(): Promise<void>;
}

/** What a server does with what it acknowledged. */
export interface Durability {
  readonly durable: boolean;
  /** Why not, as a sentence for its owner. */
  readonly reason: string | null;
}

/**
 * A connection to one database. Everything it rejects with is an error of the registry: an outage, or a refusal.
 * Statements have a time limit, and a connection that ran into it is destroyed.
 */
export interface Driver {
  readonly dialect: Dialect;
  /** The database without user, password or options. */
  readonly name: string;
  /** Takes the place for this process where only one may have it, makes what has to be there, asks how durable it is. */
  open(): Promise<Durability>;
  /** False when there is no database yet: then it is not made either. Works before `open`. */
  exists(): Promise<boolean>;
  /** One statement, which sees one moment. Works before `open`. */
  read(query: Sql): Promise<readonly SqlRow[]>;
  /** The database as it is at one moment, whatever is written meanwhile. Works before `open`, and beside a writer. */
  moment(): Promise<Moment>;
  /**
   * All of `work` or nothing. When the connection is lost while it commits it rejects with {@link FateOpen}; any other
   * rejection means that nothing was kept.
   */
  transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>;
  /**
   * A transaction of `guard` and `statements`, in as few rounds as this database allows. `guard` sets a column of
   * `chat_head` to NULL when nothing is to be kept, which no column of it takes; it comes first. No two of `statements`
   * touch the same row. Rejects like `transaction`.
   * @param rings whether others are told, where the database can do that
   * @returns false when the guard refused: then nothing was kept
   */
  commitIf(guard: Sql, statements: readonly Statement[], rings: boolean): Promise<boolean>;
  /** Changes the schema while nobody else does; in a transaction where the database can. */
  migrate<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>;
  /** Names of the columns of a table with their types, empty when there is no such table. */
  columns(transaction: Pick<Transaction, 'query'>, table: string): Promise<ReadonlyMap<string, string>>;
  /** Looks at every page of the database; one row `found`, `ok` or what is wrong. Where the database can do that. */
  readonly integrity?: Sql;
  /** Several processes may write to it, in turns. */
  readonly isShared: boolean;
  /**
   * Rings when somebody said so with {@link ring}; whoever does it here is left out. May ring for nothing, and goes on
   * by itself after an outage. Only where the database can do that.
   */
  listen?(rung: () => void): void;
  /** Rings at everybody who listens, when the transaction it is part of is kept. */
  ring?(): Sql;
  close(): Promise<void>;
}

/** What the database finds in its files is not what it once wrote there. */
export class Damage extends GuichetError {
  /** @param detail for the owner: what is damaged, and what to do */
  constructor(detail: string, options: { cause: unknown }) {
    super('refused', detail, options);
  }
}

/** Whether a transaction was kept is not known: its answer was lost. */
export class FateOpen extends Error {
  override readonly name = 'FateOpen';
  override readonly cause: GuichetError;

  constructor(cause: GuichetError) {
    super('Whether the database kept the last transaction is not known.');
    this.cause = cause;
  }
}
