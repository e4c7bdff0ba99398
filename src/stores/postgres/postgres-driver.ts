import { hash, randomUUID } from 'node:crypto';
import type { Client, Pool } from 'pg';
import type { GuichetError } from '../../domain/errors.ts';
import type { Durability, Statement, Transaction } from '../sql/dialect.ts';
import { CONNECT_MS, CONNECTIONS, LOCK_MS, PooledDriver, type Session, STATEMENT_MS } from '../sql/pooled-driver.ts';
import { join, raw, type Sql, type SqlRow, sql } from '../sql/sql.ts';
import { POSTGRES } from './postgres-dialect.ts';
import { isRolledBack, postgresError } from './postgres-error.ts';

/** Statements whose plan a connection keeps: their texts are few, for values are never part of them. */
const PLANS_KEPT = 200;
const INT8 = 20;
const NOT_NULL_VIOLATION = '23502';
/** What the lock of a change of the schema is called, in a space that all programs of a database share. */
const MIGRATION_LOCK = 0x6775_6963;

/** Where processes wake each other. A message says who rings, so that nobody wakes from his own. */
const CHANNEL = 'guichet';
const LISTEN_AGAIN_MS = 1_000;

/** How sessions are set up: safe whatever the server or the database was told to do. */
const SESSION = [
  'synchronous_commit=on',
  'TimeZone=UTC',
  'default_transaction_isolation=read\\ committed',
  `statement_timeout=${STATEMENT_MS}`,
  `lock_timeout=${LOCK_MS}`,
  // Of a process that is gone without a word: its lock on the log must not keep the others out.
  `idle_in_transaction_session_timeout=${STATEMENT_MS}`,
  // Plans are kept. One made while a table was nearly empty reads all of it, and would go on to when it has grown.
  'enable_seqscan=off',
];

/** PostgreSQL by `pg`, which is loaded when somebody first asks. */
export class PostgresDriver extends PooledDriver {
  readonly dialect = POSTGRES;
  protected readonly beginMoment = [
    'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
    'SET LOCAL idle_in_transaction_session_timeout = 0',
    'SET LOCAL statement_timeout = 0',
    'SET LOCAL enable_seqscan = on',
    // The moment is that of the first statement that reads.
    'SELECT 1 FROM pg_class LIMIT 1',
  ];
  readonly #url: URL;
  readonly #plans = new Map<string, string>();
  readonly #bell = randomUUID();
  #pool: Promise<Pool> | undefined;
  #listener: Client | undefined;
  #listenAgain: NodeJS.Timeout | undefined;

  constructor(name: string, url: URL) {
    super(name);
    this.#url = url;
  }

  protected async connect(): Promise<Session> {
    this.#pool ??= this.#makePool();
    const client = await (await this.#pool).connect();
    // Without a listener an error between two queries would end the process.
    const ignore = (): void => {};
    client.on('error', ignore);
    let isOut = true;
    const ask = async (query: Sql, timeoutMs: number, use = ''): Promise<SqlRow[]> => {
      const text = query.text((number) => `$${number}`);
      const plan = this.#planOf(text);
      const given = { text, values: [...query.values], query_timeout: timeoutMs };
      return (await client.query(plan === undefined ? given : { ...given, name: `${use}${plan}` })).rows as SqlRow[];
    };
    return {
      query: (query, timeoutMs) => ask(query, timeoutMs),
      commitAll: async (query, timeoutMs) => {
        // Its text is sent once, its name each time.
        const moved = await ask(query, timeoutMs, 'COMMIT ');
        if (moved.length === 0) throw new Error('The row of the log is gone.');
      },
      run: async (text) => void (await client.query(text)),
      commit: async () => {
        const { command } = await client.query('COMMIT');
        if (command !== 'COMMIT') throw new Error(`The answer to COMMIT was ${command}.`);
      },
      release: (isFit) => {
        if (!isOut) return;
        isOut = false;
        client.off('error', ignore);
        client.release(!isFit);
      },
    };
  }

  async #makePool(): Promise<Pool> {
    const { default: pg } = await import('pg');
    const pool = new pg.Pool({
      ...this.#connection,
      max: CONNECTIONS,
      types: {
        getTypeParser: (type: number, format?: 'text' | 'binary') =>
          type === INT8 ? Number : pg.types.getTypeParser(type, format as 'text'),
      } as typeof pg.types,
    });
    // A connection that idles is lost when the server goes; the next one says so to somebody who asks.
    pool.on('error', () => {});
    return pool;
  }

  get #connection() {
    return {
      connectionString: this.#url.href,
      application_name: 'guichet',
      options: SESSION.map((setting) => `-c ${setting}`).join(' '),
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: STATEMENT_MS,
      keepAlive: true,
    };
  }

  protected isGuard(thrown: unknown): boolean {
    const { code, table } = thrown as { code?: string; table?: string };
    return code === NOT_NULL_VIOLATION && table === 'chat_head';
  }

  protected isRefusal(thrown: unknown): boolean {
    return isRolledBack(thrown);
  }

  /** What is read from comes first, and that is the guard: the row of the log is locked before all else. */
  protected atOnce(guard: Sql, statements: readonly Statement[], rings: boolean): Sql {
    const others = statements.map(({ sql: statement }, i) => sql`, part${raw(`${i}`)} AS (${statement})`);
    const answer = rings ? this.#bellCall : raw('1 AS moved');
    return sql`WITH guard AS (${guard} RETURNING id)${join(others, '')} SELECT ${answer} FROM guard`;
  }

  get #bellCall(): Sql {
    return sql`pg_notify(${CHANNEL}, ${this.#bell})`;
  }

  ring(): Sql {
    return sql`SELECT ${this.#bellCall}`;
  }

  listen(rung: () => void): void {
    const again = (): void => {
      this.#listener = undefined;
      if (this.isClosed) return;
      this.#listenAgain = setTimeout(() => this.listen(rung), LISTEN_AGAIN_MS);
      this.#listenAgain.unref();
    };
    this.#connectListener(rung, again).catch(again);
  }

  async #connectListener(rung: () => void, ended: () => void): Promise<void> {
    const { default: pg } = await import('pg');
    const client = new pg.Client(this.#connection);
    client.on('error', () => {});
    client.on('notification', ({ payload }) => {
      if (payload !== this.#bell) rung();
    });
    await client.connect();
    if (this.isClosed) {
      await client.end();
      return;
    }
    this.#listener = client;
    client.once('end', ended);
    await client.query(`LISTEN ${CHANNEL}`);
    // What was said while nobody listened is not said again.
    rung();
  }

  #planOf(text: string): string | undefined {
    const known = this.#plans.get(text);
    if (known !== undefined || this.#plans.size >= PLANS_KEPT) return known;
    const name = hash('sha1', text);
    this.#plans.set(text, name);
    return name;
  }

  protected errorOf(thrown: unknown): GuichetError {
    return postgresError(thrown, this.name);
  }

  async open(): Promise<Durability> {
    const [row] = await this.read(sql`SELECT current_setting('fsync') AS fsync`);
    if (row!.fsync === 'on') return { durable: true, reason: null };
    return { durable: false, reason: `${this.name} runs with fsync = off: what it acknowledges a power cut may take.` };
  }

  protected async beginMigration(session: Session): Promise<void> {
    await session.run('SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0');
    await session.query(sql`SELECT pg_advisory_lock(${MIGRATION_LOCK})`, 24 * 3600 * 1000);
  }

  async columns({ query }: Pick<Transaction, 'query'>, table: string): Promise<ReadonlyMap<string, string>> {
    const rows = await query(sql`SELECT attname::text AS name, format_type(atttypid, atttypmod) AS type
      FROM pg_attribute WHERE attrelid = to_regclass(${table}) AND attnum > 0 AND NOT attisdropped`);
    return new Map(rows.map(({ name, type }) => [name as string, type as string]));
  }

  protected async end(): Promise<void> {
    clearTimeout(this.#listenAgain);
    await this.#listener?.end().catch(() => {});
    const pool = await this.#pool?.catch(() => undefined);
    await pool?.end();
  }
}
