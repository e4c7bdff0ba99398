import { GuichetError } from '../../domain/errors.ts';
import {
  type Dialect,
  type Driver,
  type Durability,
  FateOpen,
  type Moment,
  type Statement,
  type Transaction,
} from './dialect.ts';
import type { Sql, SqlRow } from './sql.ts';

/** Milliseconds: to be let in, for one statement on the server and as seen from here, and for somebody's lock. */
export const CONNECT_MS = 5_000;
export const STATEMENT_MS = 10_000;
export const LOCK_MS = 8_000;
const ANSWER_MS = STATEMENT_MS + 1_000;
/** A change of the schema may rewrite tables of any size. */
const MIGRATION_MS = 24 * 3600 * 1000;
/** Copies and checks read tables of any size, and nobody waits for them. */
const MOMENT_MS = 3600 * 1000;
export const CONNECTIONS = 8;

/** One connection, on loan from a pool. */
export interface Session {
  query(query: Sql, timeoutMs: number): Promise<readonly SqlRow[]>;
  /** A statement without values. */
  run(text: string, timeoutMs?: number): Promise<void>;
  /** A statement that commits by itself. Whoever watches the line can tell it by the word COMMIT. */
  commitAll(query: Sql, timeoutMs: number): Promise<void>;
  /** Rejects unless the server says that it was kept. */
  commit(): Promise<void>;
  /** Gives it back; one that is not fit is destroyed, and whatever was under way on it with it. */
  release(isFit: boolean): void;
}

/** What the drivers of database servers have in common: a pool of connections, of which none survives a failure. */
export abstract class PooledDriver implements Driver {
  readonly name: string;
  protected isClosed = false;
  readonly isShared = true;
  abstract readonly dialect: Dialect;

  constructor(name: string) {
    this.name = name;
  }

  protected abstract connect(): Promise<Session>;
  /** Whether an error of the driver says that a column takes no NULL: the guard of {@link commitIf} refused. */
  protected abstract isGuard(thrown: unknown): boolean;
  /** Whether an error of the driver is an answer of the server by which nothing is kept of what was sent, for certain. */
  protected abstract isRefusal(thrown: unknown): boolean;
  /**
   * A transaction as one statement, where this database has one that is answered behind its commit.
   * @returns undefined where it has not
   */
  protected abstract atOnce(guard: Sql, statements: readonly Statement[], rings: boolean): Sql | undefined;
  protected abstract errorOf(thrown: unknown): GuichetError;
  /** Statements behind which a connection sees one moment for as long as it likes. */
  protected abstract readonly beginMoment: readonly string[];
  /** Takes the lock under which one process at a time changes the schema, for as long as the connection lives. */
  protected abstract beginMigration(session: Session): Promise<void>;
  abstract open(): Promise<Durability>;
  abstract columns(transaction: Pick<Transaction, 'query'>, table: string): Promise<ReadonlyMap<string, string>>;
  protected abstract end(): Promise<void>;

  /** A server is there or does not answer; which it is, the first question shows. */
  async exists(): Promise<boolean> {
    return true;
  }

  /** A connection for `work`; one on which anything failed is not used again. */
  protected async with<T>(work: (session: Session) => Promise<T>): Promise<T> {
    if (this.isClosed) throw new GuichetError('closing');
    let session: Session;
    try {
      session = await this.connect();
    } catch (error) {
      throw this.errorOf(error);
    }
    let isFit = false;
    try {
      const result = await work(session);
      isFit = true;
      return result;
    } catch (error) {
      throw error instanceof FateOpen ? error : this.errorOf(error);
    } finally {
      session.release(isFit);
    }
  }

  read(query: Sql): Promise<readonly SqlRow[]> {
    return this.with((session) => session.query(query, ANSWER_MS));
  }

  transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.with((session) => this.#transaction(session, ANSWER_MS, work));
  }

  async #transaction<T>(session: Session, timeoutMs: number, work: (transaction: Transaction) => Promise<T>) {
    await session.run('BEGIN');
    // When it fails the connection goes, so that nothing is left to be taken back.
    const result = await work(transactionOn(session, timeoutMs));
    try {
      await session.commit();
    } catch (error) {
      throw new FateOpen(this.errorOf(error));
    }
    return result;
  }

  commitIf(guard: Sql, statements: readonly Statement[], rings: boolean): Promise<boolean> {
    const whole = this.atOnce(guard, statements, rings);
    return this.with(async (session) => {
      try {
        if (whole !== undefined) await session.commitAll(whole, ANSWER_MS);
        else
          await this.#transaction(session, ANSWER_MS, (transaction) =>
            transaction.run([{ sql: guard }, ...statements]),
          );
        return true;
      } catch (error) {
        if (error instanceof FateOpen) throw error;
        if (!this.isGuard(error)) {
          throw whole === undefined || this.isRefusal(error) ? error : new FateOpen(this.errorOf(error));
        }
        // Where that leaves a transaction open, it is given up.
        await session.run('ROLLBACK');
        return false;
      }
    });
  }

  migrate<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.with(async (session) => {
      await this.beginMigration(session);
      const result = await this.#transaction(session, MIGRATION_MS, work);
      // The lock goes with the connection.
      session.release(false);
      return result;
    });
  }

  async moment(): Promise<Moment> {
    const begun = Promise.withResolvers<Session>();
    const done = Promise.withResolvers<void>();
    const ended = this.with(async (session) => {
      for (const text of this.beginMoment) await session.run(text);
      begun.resolve(session);
      await done.promise;
      // Set up for this one use.
      session.release(false);
    });
    ended.catch(begun.reject);
    const session = await begun.promise;
    return {
      read: async (query) => {
        try {
          return await session.query(query, MOMENT_MS);
        } catch (error) {
          throw this.errorOf(error);
        }
      },
      close: async () => {
        done.resolve();
        await ended.catch(() => {});
      },
    };
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.end();
  }
}

const transactionOn = (session: Session, timeoutMs: number): Transaction => ({
  query: (query) => session.query(query, timeoutMs),
  run: async (statements) => {
    for (const { sql } of statements) await session.query(sql, timeoutMs);
  },
});

/** The cause of an error without what drivers hang on to it: statements and rows hold what people wrote. */
export const bareCause = (thrown: unknown): Error & { code?: string } => {
  const { message, code } = thrown as Error & { code?: string };
  return Object.assign(new Error(message), code === undefined ? {} : { code });
};
