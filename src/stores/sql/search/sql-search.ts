import { asGuichetError, GuichetError } from '../../../domain/errors.ts';
import type { LogRecord } from '../../../domain/model/record.ts';
import {
  comparePlaces,
  hasTerms,
  hitsOf,
  isBehind,
  placeOf,
  planSearch,
  type SearchPlan,
  searchWords,
} from '../../../domain/state/message-search.ts';
import type * as Port from '../../../domain/store.ts';
import { GivingWay } from '../../../lib/giving-way.ts';
import { Mutex } from '../../../lib/mutex.ts';
import type { Driver, Transaction } from '../dialect.ts';
import type { Ask } from '../reads.ts';
import { MESSAGE_COLUMNS, messageOf } from '../rows.ts';
import { raw, type Sql, sql } from '../sql.ts';
import { keyOf } from '../stored-key.ts';
import type { SearchDialect } from './search-dialect.ts';

/** Of the tables of the index. Those of another format are made anew. */
const FORMAT = 3;
/** Messages that one transaction puts into the index: nobody who posts waits long for it. */
const SLICE = 200;
/** The same while nobody posts. */
const QUIET_SLICE = 2000;
/** So many new records are worth a run by itself; fewer wait for a search. */
const RUN_FROM = 1000;
/** More than these are not waited for by a search. */
const BACKLOG_MAX = 5000;
const FIRST_RUN_MS = 2000;

export interface SqlSearchOptions {
  readonly driver: Driver;
  /** Reads that show nothing of an append in hand. */
  readonly ask: Ask;
  /** Head of the log as far as this process knows it. */
  readonly head: () => number;
  /** Whether it may write. */
  readonly writes: () => boolean;
}

/**
 * Search in the messages of a database. The index is a table beside them that follows the log at a distance, so that
 * posts do not pay for it; it catches up when somebody asks. What is found is read from the messages before it is shown.
 */
export class SqlSearch {
  readonly #options: SqlSearchOptions;
  readonly #turn = new Mutex();
  readonly #way = new GivingWay();
  #isMade = false;
  #running = false;
  #ranAt = 0;
  /** Position up to which the index has everything, as far as this process knows. */
  #through = -1;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: SqlSearchOptions) {
    this.#options = options;
  }

  /** Asked each time: which server it is may be known only once there was a connection. */
  get #dialect(): SearchDialect {
    return this.#options.driver.dialect.search;
  }

  /** From now on the index may be made in the background. */
  begin(): void {
    if (this.#options.head() > RUN_FROM) this.#soon();
  }

  /** Hears of records that the log has from now on. */
  appended(records: readonly LogRecord[]): void {
    const { head } = this.#options;
    this.#way.busy();
    if (head() - this.#ranAt >= RUN_FROM) this.#runAlone();
    // Of what was redacted nothing is to stay, not even until somebody searches.
    else if (records.some((record) => record.is('message') && record.value.redacted)) this.#soon();
  }

  async search(query: Port.MessageSearch): Promise<Port.MessageHits> {
    const plan = planSearch(query);
    if (!this.#options.writes()) return hitsOf(await this.#lookThrough(plan), plan.limit);
    const { head } = this.#options;
    const upTo = head();
    await this.#turn.run(() => this.#reach(upTo));
    return hitsOf(await this.#find(plan), plan.limit);
  }

  async #find(plan: SearchPlan): Promise<LogRecord<'message'>[]> {
    const wanted = plan.limit + 1;
    const found: LogRecord<'message'>[] = [];
    for (let { behind } = plan; found.length < wanted; ) {
      const rows = await this.#dialect.find(this.#options.ask, { terms: plan.terms, behind }, wanted);
      const records = await this.#read(rows.map(({ key }) => key));
      for (const { key, position } of rows) {
        // A redaction that came since has put another message in its place.
        const record = records.get(key);
        if (record?.position === position && hasTerms(record.value.content, plan.terms)) found.push(record);
      }
      if (rows.length < wanted) break;
      behind = rows.at(-1)!;
    }
    return found.slice(0, wanted);
  }

  async #read(keys: readonly string[]): Promise<Map<string, LogRecord<'message'>>> {
    if (keys.length === 0) return new Map();
    const which = this.#options.driver.dialect.oneOf(sql`m.id`, keys);
    const rows = await this.#options.ask(sql`SELECT ${MESSAGE_COLUMNS} FROM chat_messages m WHERE ${which}`);
    return new Map(rows.map((row) => [row.id as string, messageOf(row)]));
  }

  /** All messages one after the other: for a database that is only read, where no index can be relied on. */
  async #lookThrough(plan: SearchPlan): Promise<LogRecord<'message'>[]> {
    const found: LogRecord<'message'>[] = [];
    for (let after = 0, isOver = false; !isOver; ) {
      const rows = await this.#options.ask(messagesBehind(after, RUN_FROM));
      for (const record of rows.map(messageOf)) {
        after = record.position;
        if (hasTerms(record.value.content, plan.terms) && isBehind(placeOf(record), plan)) found.push(record);
      }
      isOver = rows.length < RUN_FROM;
    }
    return found.sort((a, b) => comparePlaces(placeOf(a), placeOf(b)));
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#runAlone();
    }, FIRST_RUN_MS).unref();
  }

  /** A run that nobody waits for, and that lets searches in between. What it fails with is met by the next search. */
  #runAlone(): void {
    if (this.#running || this.#closed || !this.#options.writes()) return;
    this.#running = true;
    this.#ranAt = this.#options.head();
    void this.#runToHead()
      .catch(() => {})
      .finally(() => {
        this.#running = false;
      });
  }

  async #runToHead(): Promise<void> {
    for (let isOver = false; !isOver && !this.#closed; ) {
      const from = performance.now();
      isOver = await this.#turn.run(() => this.#step());
      if (!isOver) await this.#way.restSince(from);
    }
  }

  async #reach(head: number): Promise<void> {
    while (this.#through < head && !(await this.#step())) {
      const left = head - this.#through;
      if (left <= BACKLOG_MAX) continue;
      this.#runAlone();
      const state = `The index for searches is being made: ${left} records are left.`;
      throw new GuichetError('unavailable', `${state} Try again in a moment.`);
    }
  }

  /**
   * Gives the index the next of what it lacks. Processes that share a database take turns by the row of its state.
   * @returns whether that was all
   */
  async #step(): Promise<boolean> {
    if (this.#closed) throw new GuichetError('closing');
    try {
      if (!this.#isMade) await this.#options.driver.migrate((transaction) => this.#make(transaction));
      this.#isMade = true;
      const { head } = this.#options;
      const seen = head();
      const { through, isOver } = await this.#options.driver.transaction((transaction) => this.#add(transaction));
      // Records that are no messages move the head and nothing else.
      this.#through = isOver ? Math.max(through, seen) : through;
      return isOver;
    } catch (error) {
      throw asGuichetError(error instanceof Error && error.cause instanceof GuichetError ? error.cause : error);
    }
  }

  async #make(transaction: Transaction): Promise<void> {
    const run = async (texts: readonly string[]) => transaction.run(texts.map((text) => ({ sql: raw(text) })));
    await run(['CREATE TABLE IF NOT EXISTS chat_search_state (id INT PRIMARY KEY, format INT, through BIGINT)']);
    const [state] = await transaction.query(sql`SELECT format FROM chat_search_state WHERE id = 1`);
    if (state?.format === FORMAT) return;
    await run([...this.#dialect.dropTables, ...this.#dialect.tables, 'DELETE FROM chat_search_state']);
    await transaction.run([{ sql: sql`INSERT INTO chat_search_state (id, format, through) VALUES (1, ${FORMAT}, 0)` }]);
  }

  async #add(transaction: Transaction): Promise<{ through: number; isOver: boolean }> {
    const { forUpdate } = this.#options.driver.dialect;
    const [state] = await transaction.query(sql`SELECT through FROM chat_search_state WHERE id = 1${forUpdate}`);
    const known = state!.through as number;
    const slice = this.#way.isBusy ? SLICE : QUIET_SLICE;
    const rows = await transaction.query(messagesBehind(known, slice));
    const records = rows.map(messageOf);
    if (records.length === 0) return { through: known, isOver: true };
    const added = records.flatMap((record) => {
      const words = searchWords(record.value.content);
      return words.length === 0 ? [] : [{ key: keyOf(record.value.id), ...placeOf(record), words }];
    });
    const gone = records
      .filter(({ value }) => value.redacted)
      .map((record) => ({ key: keyOf(record.value.id), ...placeOf(record) }));
    const through = records.at(-1)!.position;
    await transaction.run([
      ...(gone.length === 0 ? [] : this.#dialect.remove(gone)),
      ...(added.length === 0 ? [] : this.#dialect.add(added)),
      { sql: sql`UPDATE chat_search_state SET through = ${through} WHERE id = 1` },
    ]);
    return { through, isOver: records.length < slice };
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#way.stop();
    await this.#turn.run(async () => {});
  }
}

const messagesBehind = (position: number, limit: number): Sql => sql`
  SELECT ${MESSAGE_COLUMNS} FROM chat_messages m WHERE m.position > ${position} ORDER BY m.position LIMIT ${limit}`;
