import { readFileSync } from 'node:fs';
import type { Pool, PoolConnection, PoolOptions } from 'mysql2/promise';
import { GuichetError } from '../../domain/errors.ts';
import type { Dialect, Durability, Statement, Transaction } from '../sql/dialect.ts';
import { CONNECT_MS, CONNECTIONS, LOCK_MS, PooledDriver, type Session, STATEMENT_MS } from '../sql/pooled-driver.ts';
import { join, raw, type Sql, type SqlRow, type SqlValue, sql } from '../sql/sql.ts';
import { MARIADB, MARIADB_COLLATION, MYSQL, MYSQL_COLLATION } from './mysql-dialect.ts';
import { mysqlError } from './mysql-error.ts';

/** Seconds that a change of the schema waits for another's. */
const MIGRATION_WAIT_S = 3600;
/** Statements of about a mebibyte at most each that go in one block. */
const BLOCK_MAX = 8;
/** An index that is there already. */
const DUPLICATE_INDEX = 'ER_DUP_KEYNAME';
/** Answers to a block behind which its transaction ends with the connection. */
const ROLLED_BACK: ReadonlySet<string> = new Set([
  ...['ER_OPTION_PREVENTS_STATEMENT', 'ER_READ_ONLY_MODE', 'ER_LOCK_WAIT_TIMEOUT', 'ER_LOCK_DEADLOCK'],
]);

/** How sessions are set up: strict, in UTC, safe whatever the server was told to do. */
const session = (isMariadb: boolean): string[] => [
  "SET SESSION sql_mode = 'STRICT_TRANS_TABLES,STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ENGINE_SUBSTITUTION'",
  "SET SESSION time_zone = '+00:00'",
  `SET NAMES utf8mb4 COLLATE ${isMariadb ? MARIADB_COLLATION : MYSQL_COLLATION}`,
  `SET SESSION innodb_lock_wait_timeout = ${LOCK_MS / 1000}`,
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
  // Of a process that is gone without a word: its lock on the log must not keep the others out.
  ...(isMariadb
    ? [
        `SET SESSION max_statement_time = ${STATEMENT_MS / 1000}`,
        `SET SESSION idle_transaction_timeout = ${STATEMENT_MS / 1000}`,
      ]
    : [`SET SESSION max_execution_time = ${STATEMENT_MS}`]),
];

/** MariaDB and MySQL by `mysql2`, which is loaded when somebody first asks. */
export class MysqlDriver extends PooledDriver {
  protected get beginMoment(): string[] {
    return [
      this.#isMariadb
        ? 'SET SESSION max_statement_time = 0, idle_transaction_timeout = 0'
        : 'SET SESSION max_execution_time = 0',
      'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ',
      'START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY',
    ];
  }

  readonly #url: URL;
  readonly #ready = new WeakSet<object>();
  #pool: Promise<Pool> | undefined;
  #isMariadb = true;

  constructor(name: string, url: URL) {
    super(name);
    this.#url = url;
  }

  /** Known for sure once a connection was made, as everything that depends on it comes later. */
  get dialect(): Dialect {
    return this.#isMariadb ? MARIADB : MYSQL;
  }

  protected async connect(): Promise<Session> {
    this.#pool ??= this.#makePool();
    const connection = await (await this.#pool).getConnection();
    let isOut = true;
    const release = (isFit: boolean): void => {
      if (!isOut) return;
      isOut = false;
      if (isFit) connection.release();
      else connection.destroy();
    };
    const ask = async (text: string, values: readonly SqlValue[], timeoutMs: number): Promise<SqlRow[]> => {
      const [rows] = await connection.query({ sql: text, values: [...values], timeout: timeoutMs });
      return rows as SqlRow[];
    };
    const run = async (text: string) => void (await ask(text, [], STATEMENT_MS));
    try {
      await this.#setUp(connection, run);
    } catch (error) {
      release(false);
      throw error;
    }
    return {
      query: (query, timeoutMs) =>
        ask(
          query.text(() => '?'),
          query.values,
          timeoutMs,
        ),
      commitAll: async (query, timeoutMs) => {
        await ask(
          query.text(() => '?'),
          query.values,
          timeoutMs,
        );
      },
      run,
      commit: () => run('COMMIT'),
      release,
    };
  }

  /** Once for each connection: a pool has no place for it that is waited for. */
  async #setUp({ connection }: PoolConnection, run: (text: string) => Promise<void>): Promise<void> {
    if (this.#ready.has(connection)) return;
    const { serverVersion = '' } = (connection as unknown as { _handshakePacket?: { serverVersion?: string } })
      ._handshakePacket ?? { serverVersion: '' };
    this.#isMariadb = /mariadb/i.test(serverVersion);
    for (const text of session(this.#isMariadb)) await run(text);
    this.#ready.add(connection);
  }

  async #makePool(): Promise<Pool> {
    const { createPool } = await import('mysql2/promise');
    return createPool({
      ...locationOf(this.#url, this.name),
      charset: 'utf8mb4',
      timezone: 'Z',
      connectTimeout: CONNECT_MS,
      connectionLimit: CONNECTIONS,
      idleTimeout: 30_000,
      enableKeepAlive: true,
    });
  }

  protected errorOf(thrown: unknown): GuichetError {
    return mysqlError(thrown, this.name);
  }

  protected isGuard(thrown: unknown): boolean {
    return (thrown as { code?: string }).code === 'ER_BAD_NULL_ERROR';
  }

  protected isRefusal(thrown: unknown): boolean {
    return ROLLED_BACK.has((thrown as { code?: string }).code ?? '');
  }

  /** Only MariaDB takes a block of statements outside of a procedure; and no statement may be of any length. */
  protected atOnce(guard: Sql, statements: readonly Statement[]): Sql | undefined {
    if (!this.#isMariadb || statements.length > BLOCK_MAX) return undefined;
    const all = [guard, ...statements.map(({ sql: statement }) => statement)];
    return sql`BEGIN NOT ATOMIC START TRANSACTION; ${join(all, '; ')}; COMMIT; END`;
  }

  async open(): Promise<Durability> {
    const [row] = await this.read(sql`SELECT @@innodb_flush_log_at_trx_commit AS flush, @@log_bin AS binary_log,
      @@sync_binlog AS sync`);
    const { flush, binary_log: binaryLog, sync } = row!;
    const lax =
      flush !== 1
        ? `innodb_flush_log_at_trx_commit = ${flush}`
        : binaryLog === 1 && sync !== 1
          ? `a binary log and sync_binlog = ${sync}`
          : null;
    if (lax === null) return { durable: true, reason: null };
    return { durable: false, reason: `${this.name} runs with ${lax}: what it acknowledges a power cut may take.` };
  }

  protected async beginMigration(migration: Session): Promise<void> {
    if (this.#isMariadb) await migration.run('SET SESSION max_statement_time = 0, idle_transaction_timeout = 0');
    const [row] = await migration.query(
      sql`SELECT GET_LOCK(CONCAT('guichet ', LEFT(SHA2(DATABASE(), 256), 32)), ${MIGRATION_WAIT_S}) AS held`,
      (MIGRATION_WAIT_S + 1) * 1000,
    );
    if (row!.held !== 1) throw new GuichetError('unavailable', `Another server changes the tables of ${this.name}.`);
  }

  override migrate<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return super.migrate((transaction) =>
      work({
        query: (query) => transaction.query(query),
        run: async (statements) => {
          for (const { sql: statement } of statements) {
            // Only MariaDB has these words for an index; what both have is the error when it is there.
            const plain = raw(statement.text(() => '?').replace('INDEX IF NOT EXISTS', 'INDEX'));
            const asked = statement.values.length === 0 ? plain : statement;
            await transaction.run([{ sql: asked }]).catch((error: { code?: string }) => {
              if (error.code !== DUPLICATE_INDEX) throw error;
            });
          }
        },
      }),
    );
  }

  async columns({ query }: Pick<Transaction, 'query'>, table: string): Promise<ReadonlyMap<string, string>> {
    const rows = await query(sql`SELECT column_name AS name, column_type AS type FROM information_schema.columns
      WHERE table_schema = DATABASE() AND table_name = ${table}`);
    return new Map(rows.map(({ name, type }) => [name as string, type as string]));
  }

  protected async end(): Promise<void> {
    const pool = await this.#pool?.catch(() => undefined);
    await pool?.end().catch(() => {});
  }
}

/** Where the server is and how it is spoken to. TLS: `?ssl-mode=REQUIRED`, `VERIFY_IDENTITY`, `&ssl-ca=FILE`. */
const locationOf = ({ hostname, port, username, password, pathname, searchParams }: URL, name: string): PoolOptions => {
  const mode = searchParams.get('ssl-mode')?.toUpperCase() ?? 'DISABLED';
  const ca = searchParams.get('ssl-ca');
  if (!['DISABLED', 'REQUIRED', 'VERIFY_CA', 'VERIFY_IDENTITY'].includes(mode)) {
    throw new GuichetError('refused', `${name}: ssl-mode must be DISABLED, REQUIRED, VERIFY_CA or VERIFY_IDENTITY.`);
  }
  const verified = { rejectUnauthorized: mode !== 'REQUIRED', verifyIdentity: mode === 'VERIFY_IDENTITY' };
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? 3306 : Number(port),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: decodeURIComponent(pathname.slice(1)),
    ...(mode !== 'DISABLED' && { ssl: { ...verified, ...(ca !== null && { ca: readFileSync(ca, 'utf8') }) } }),
  };
};
