import { mkdir, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { GuichetError } from '../../domain/errors.ts';
import { holdFile, type Lock } from '../../lib/file-lock.ts';
import { Mutex } from '../../lib/mutex.ts';
import {
  type Driver,
  type Durability,
  FateOpen,
  type Moment,
  type Statement,
  type Transaction,
} from '../sql/dialect.ts';
import { type Sql, type SqlRow, sql } from '../sql/sql.ts';
import { plainValues, SQLITE } from './sqlite-dialect.ts';
import { SqliteThread } from './sqlite-thread.ts';
import type { Step } from './sqlite-worker.ts';

/** What the journal of SQLite may grow to before a commit also pays for emptying it, in pages of 4 KiB. */
const JOURNAL_PAGES = 16_000;
const CHECKPOINT_MS = 5_000;
/** How long the lock of the file is waited for. */
const BUSY_MS = 10_000;
const OWNER_ONLY = 0o600;
/** synchronous=FULL, as SQLite says it. */
const FULL = 2;

/**
 * One SQLite file, held by one process: a thread that writes and one that reads, in WAL mode, so that neither waits for
 * the other. Commits are synced; what a start finds in the journal is synced before it counts.
 */
export class SqliteDriver implements Driver {
  readonly dialect = SQLITE;
  readonly isShared = false;
  readonly integrity = sql`SELECT integrity_check AS found FROM pragma_integrity_check`;
  readonly name: string;
  readonly #path: string;
  readonly #turn = new Mutex();
  #lock: Lock | undefined;
  #writer: SqliteThread | undefined;
  #reader: SqliteThread | undefined;
  #timer: NodeJS.Timeout | undefined;
  #written = false;
  /** Something was removed whose bytes are in the journal yet. */
  #removed = false;
  #isClosed = false;

  constructor(name: string, path: string) {
    this.name = name;
    this.#path = path;
  }

  async open(): Promise<Durability> {
    this.#lock ??= await this.#hold();
    await this.#openWriter();
    this.#timer = setInterval(() => void this.checkpoint(), CHECKPOINT_MS);
    this.#timer.unref();
    return { durable: true, reason: null };
  }

  async #hold(): Promise<Lock> {
    await this.exists();
    try {
      await mkdir(dirname(this.#path), { recursive: true });
      // It holds what secrets are checked against, so nobody else may read it; its journal gets the same rights.
      for (const path of [this.#path, `${this.#path}-lock`]) await create(path);
    } catch (cause) {
      throw new GuichetError('unavailable', undefined, { cause });
    }
    const lock = holdFile(`${this.#path}-lock`);
    if (lock !== undefined) return lock;
    const advice = 'Stop it, or give this one a file of its own.';
    throw new GuichetError('refused', `Another process holds ${this.name}. ${advice}`);
  }

  /** The thread that writes; another one after a failure that leaves nobody knowing what is on the disk. */
  async #openWriter(): Promise<SqliteThread> {
    if (this.#isClosed) throw new GuichetError('closing');
    if (this.#writer !== undefined) return this.#writer;
    const writer = new SqliteThread(this.#path);
    try {
      await writer.open(true);
      const pragma = async (text: string) => (await writer.run([{ text: `PRAGMA ${text}` }]))[0]![0];
      const { journal_mode: mode } = (await pragma('journal_mode = WAL')) as { journal_mode: string };
      // Behind the change to WAL: that one resets it in some builds.
      await pragma('synchronous = FULL');
      // What is removed is overwritten: redacted words are not to be read from what is free in the file.
      await pragma('secure_delete = ON');
      await pragma(`wal_autocheckpoint = ${JOURNAL_PAGES}`);
      // What another life left in the journal may never have been synced: from here on it is in the file.
      await pragma('wal_checkpoint(TRUNCATE)');
      const { synchronous } = (await pragma('synchronous')) as { synchronous: number };
      if (mode !== 'wal' || synchronous !== FULL) {
        throw new GuichetError('refused', `${this.name} cannot be written durably here (${mode}, ${synchronous}).`);
      }
    } catch (error) {
      await writer.close();
      throw error;
    }
    this.#writer = writer;
    return writer;
  }

  async exists(): Promise<boolean> {
    const found = await stat(this.#path).catch(() => undefined);
    if (found !== undefined && !found.isFile()) {
      throw new GuichetError('refused', `${this.name} is not a file. Give the name of one that may be made.`);
    }
    return found !== undefined && found.size > 0;
  }

  async read(query: Sql): Promise<readonly SqlRow[]> {
    if (this.#reader === undefined) {
      const reader = new SqliteThread(this.#path);
      this.#reader = reader;
      // Requests are answered in order, so the first one need not wait for this.
      reader.open(false).catch(() => {
        if (this.#reader === reader) this.#reader = undefined;
        void reader.close();
      });
    }
    const [rows] = await this.#reader.run([stepOf({ sql: query })]);
    return rows!;
  }

  async moment(): Promise<Moment> {
    const reader = new SqliteThread(this.#path);
    const read = async (query: Sql) => (await reader.run([stepOf({ sql: query })]))[0]!;
    const close = () => reader.close();
    try {
      await reader.open(false);
      // The moment is that of the first read.
      await reader.run([{ text: 'BEGIN' }, { text: 'SELECT name FROM sqlite_schema LIMIT 1' }]);
    } catch (error) {
      await close();
      throw error;
    }
    return { read, close };
  }

  transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.#turn.run(async () => {
      const writer = await this.#openWriter();
      const run = (text: string) => writer.run([{ text }]);
      await run('BEGIN IMMEDIATE');
      let result: T;
      try {
        result = await work({
          query: async (query) => (await writer.run([stepOf({ sql: query })]))[0]!,
          run: async (statements) => {
            this.#removed ||= statements.some(({ sql: { texts } }) => texts[0]!.startsWith('DELETE FROM chat_'));
            await writer.run(statements.map(stepOf));
          },
        });
      } catch (error) {
        await run('ROLLBACK').catch(() => this.#drop(writer));
        throw error;
      }
      try {
        await run('COMMIT');
      } catch (error) {
        // A sync that failed is not tried again on the same file: what it left is read back, and synced, by another.
        await this.#drop(writer);
        throw new FateOpen(error as GuichetError);
      }
      this.#written = true;
      return result;
    });
  }

  commitIf(guard: Sql, statements: readonly Statement[]): Promise<boolean> {
    return this.#turn.run(async () => {
      const writer = await this.#openWriter();
      try {
        const isKept = await writer.commitIf(stepOf({ sql: guard }), statements.map(stepOf));
        this.#written ||= isKept;
        return isKept;
      } catch (error) {
        // As behind a COMMIT that failed; also when the thread has ended in the middle.
        const isOpen = error instanceof FateOpen || writer.isGone;
        if (isOpen) await this.#drop(writer);
        throw isOpen && !(error instanceof FateOpen) ? new FateOpen(error as GuichetError) : error;
      }
    });
  }

  async #drop(writer: SqliteThread): Promise<void> {
    this.#writer = undefined;
    await writer.close();
  }

  migrate<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.transaction(work);
  }

  async columns({ query }: Pick<Transaction, 'query'>, table: string): Promise<ReadonlyMap<string, string>> {
    const rows = await query(pragmaTable(table));
    return new Map(rows.map(({ name, type }) => [name as string, type as string]));
  }

  /** Brings what was written from the journal to the file; runs by itself every few seconds. */
  async checkpoint(): Promise<void> {
    if (!this.#written) return;
    this.#written = false;
    await this.#turn.run(() => this.#emptyJournal()).catch(() => {});
  }

  /** To use it again from its beginning is quicker than to let it grow anew; but what was removed is to go from it. */
  async #emptyJournal(): Promise<void> {
    if (!this.#removed) {
      await this.#writer?.run([{ text: 'PRAGMA wal_checkpoint(PASSIVE)' }]);
      return;
    }
    // Nobody who posts waits for somebody who reads: then it is tried again the next time.
    const wait = (ms: number) => ({ text: `PRAGMA busy_timeout = ${ms}` });
    const results = await this.#writer?.run([wait(0), { text: 'PRAGMA wal_checkpoint(TRUNCATE)' }, wait(BUSY_MS)]);
    this.#removed = results?.[1]?.[0]?.busy === 1;
    this.#written ||= this.#removed;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    await this.#reader?.close();
    await this.#turn.run(async () => this.#writer?.close());
    this.#lock?.release();
  }
}

/** Not by opening what is there: closing any descriptor of a file drops this process's locks on it. */
const create = async (path: string): Promise<void> => {
  const file = await open(path, 'wx', OWNER_ONLY).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await file?.close();
};

const pragmaTable = (table: string): Sql => sql`SELECT name, type FROM pragma_table_info(${table})`;

const stepOf = ({ sql: query, rows }: Statement): Step => {
  const text = query.text(() => '?');
  if (rows !== undefined) return { text, rows: rows.map(plainValues) };
  return { text, values: plainValues(query.values) };
};
