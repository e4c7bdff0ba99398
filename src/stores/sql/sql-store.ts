import { asGuichetError, GuichetError, isOutage } from '../../domain/errors.ts';
import { type LogIdentity, newLogIdentity } from '../../domain/model/log-identity.ts';
import { StoreLifecycle } from '../../domain/state/store-lifecycle.ts';
import type * as Port from '../../domain/store.ts';
import { beginEpoch, beginLogOnce, prepareTables } from './begin-log.ts';
import type { Driver, Durability, Moment } from './dialect.ts';
import { readFeed } from './feed.ts';
import { type LogRow, logRowOf, SELECT_HEAD } from './head.ts';
import { HISTORY_MS } from './history.ts';
import { formatOf, requireKnown } from './migrations.ts';
import { type Ask, Reads } from './reads.ts';
import { SqlSearch } from './search/sql-search.ts';
import { SqlWriter } from './sql-writer.ts';

/** Milliseconds between two looks at a log that others write to; where they can ring, that is only for safety. */
const WATCH_MS = 1_000;
const NOTHING: Port.ViewRequest = { conversations: [], messages: [], entries: [], agentEmails: [] };
const FORGET_EVERY_MS = 3600 * 1000;

export interface SqlStoreOptions {
  /** Of times without a zone in tables that are adopted; an IANA name, the system's when absent. */
  readonly timezone?: string | undefined;
  readonly logger?: { info(message: string): void } | undefined;
}

/**
 * The log in tables: the one implementation behind SQLite, PostgreSQL and MariaDB. The rules are in
 * docs/spec/sql-store.md; where databases differ is in the driver.
 */
export class SqlStore implements Port.Store {
  readonly name: string;
  readonly kind: Port.StoreKind;
  readonly #driver: Driver;
  readonly #options: SqlStoreOptions;
  readonly #lifecycle = new StoreLifecycle();
  readonly #reads: Reads;
  readonly #search: SqlSearch;
  readonly #writer: SqlWriter;
  #durability: Durability = { durable: true, reason: null };
  #lastError: string | null = null;
  /** Set when other processes may write to this log. */
  shared: Port.SharedLog | undefined;
  readonly #watchers: (() => void)[] = [];
  #watching: NodeJS.Timeout | undefined;
  #forgetting: NodeJS.Timeout | undefined;
  /** Set when it was opened for reading: then nothing else is asked. */
  #moment: Moment | undefined;
  #closed: Promise<void> | undefined;

  constructor(driver: Driver, options: SqlStoreOptions = {}) {
    this.#options = options;
    this.#driver = driver;
    this.name = driver.name;
    this.kind = driver.dialect.kind;
    const ask: Ask = (query) => this.#read(() => this.#ask(query));
    this.#reads = new Reads(ask, driver);
    this.#writer = new SqlWriter({
      ...{ driver, ask: this.#ask },
      failed: (thrown) => this.#failed(thrown),
      isWell: () => this.#isWell(),
      commitment: () => this.holder(),
      wrote: (records) => this.#search.appended(records),
      moved: () => {
        for (const moved of this.#watchers) moved();
      },
    });
    this.#search = new SqlSearch({
      ...{ driver, ask },
      head: () => this.#writer.row?.position ?? 0,
      writes: () => this.#moment === undefined,
    });
  }

  get capabilities(): Port.Capabilities {
    return { durable: this.#durability.durable, reopens: true, readsAlong: true };
  }

  readonly #ask: Ask = (query) => (this.#moment ?? this.#driver).read(query);

  async identity(): Promise<LogIdentity | undefined> {
    if (!(await this.#driver.exists())) return undefined;
    return (await this.#findHead())?.log;
  }

  /** The row of the log where one was begun; reads only. */
  async #findHead(): Promise<LogRow | undefined> {
    const format = await formatOf(this.#driver, { query: this.#ask });
    requireKnown(format, this.name);
    return format === undefined ? undefined : logRowOf((await this.#ask(SELECT_HEAD))[0]!);
  }

  async #openForReading(): Promise<Port.LogHead> {
    const isThere = await this.#driver.exists();
    if (isThere) this.#moment = await this.#driver.moment();
    const row = isThere ? await this.#findHead() : undefined;
    if (row === undefined) throw new GuichetError('refused', `There is no store in ${this.name}.`);
    this.#writer.opened(row);
    this.#lifecycle.opened();
    return this.#portHead(row);
  }

  open(options: Port.OpenOptions = {}): Promise<Port.LogHead> {
    return this.#lifecycle.open(async () => {
      if (options.reading === true) return this.#openForReading();
      this.#durability = await this.#driver.open();
      await this.#driver.migrate((transaction) => prepareTables(this.#driver, transaction));
      await this.#beginLogOnce(options.log ?? newLogIdentity());
      const row = await this.#driver.transaction((transaction) => beginEpoch(this.#driver, transaction, options));
      this.#writer.opened(row);
      if (row.lease === 'shared') this.#share();
      this.#lifecycle.opened();
      // What it fails with is met by whoever writes next.
      this.#forgetting = setInterval(() => void this.forgetHistory().catch(() => {}), FORGET_EVERY_MS);
      this.#forgetting.unref();
      this.#search.begin();
      return this.#portHead(row);
    });
  }

  async #beginLogOnce(log: LogIdentity): Promise<void> {
    const { timezone, logger } = this.#options;
    const place = { driver: this.#driver, writer: this.#writer, timezone };
    const adopted = await this.#driver.migrate((transaction) => beginLogOnce(place, transaction, log));
    if (adopted === 0) return;
    const kept = 'The originals are kept in chat_adopted_conversations and chat_adopted_messages.';
    logger?.info(`Adopted ${adopted} messages in ${this.name}. ${kept}`);
  }

  #share(): void {
    this.#writer.rings = true;
    this.shared = {
      turn: async (work) => {
        this.#lifecycle.requireOpen();
        return this.#writer.turn(work);
      },
      watch: (moved) => void this.#watchers.push(moved),
    };
    this.#driver.listen?.(() => void this.#look());
    this.#watching = setInterval(() => void this.#look(), WATCH_MS);
    this.#watching.unref();
  }

  /** Looks where the log stands; also how a store finds out that its database is back. */
  async #look(): Promise<void> {
    await this.view(NOTHING).catch(() => {});
  }

  #portHead({ log, epoch, position, time, keeper }: LogRow): Port.LogHead {
    return { log, epoch, position, time, keeper };
  }

  holder(): Port.Commitment {
    return { tier: this.kind, durable: this.#durability.durable };
  }

  health(): Port.StoreHealth {
    const { state, since } = this.#lifecycle;
    const { position = 0, floor = 0 } = this.#writer.row ?? {};
    const lastError = this.#lastError ?? this.#durability.reason;
    return { state, since, position, floor, lastError, lastSnapshot: null };
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await this.#lifecycle.whenOpened();
    this.#lifecycle.closing();
    clearInterval(this.#watching);
    clearInterval(this.#forgetting);
    await this.#moment?.close();
    await this.#search.close();
    await this.#writer.alone(() => this.#driver.close());
    this.#lifecycle.closed();
  }

  async append(batch: Port.Batch): Promise<Port.Commitment> {
    this.#lifecycle.requireOpen();
    if (this.#moment !== undefined) throw new GuichetError('fenced');
    await this.#writer.append(batch);
    return this.holder();
  }

  /**
   * Raises the floor over records that are older than the history that is kept. Runs by itself every hour.
   * @param before epoch ms; records of an earlier time are answered from state from then on
   */
  async forgetHistory(before = Date.now() - HISTORY_MS): Promise<void> {
    while (this.#lifecycle.state === 'open' && !(await this.#writer.forget(before)));
  }

  #failed(thrown: unknown): GuichetError {
    const error = asGuichetError(thrown);
    if (isOutage(error)) {
      this.#lifecycle.degraded();
      this.#lastError = error.message;
    }
    return error;
  }

  #isWell(): void {
    this.#lastError = null;
    this.#lifecycle.opened();
  }

  /** A read of one moment. What it may have seen of an append in hand is shown when that is acknowledged (LG-35). */
  async #read<T>(ask: () => Promise<T>): Promise<T> {
    this.#lifecycle.requireOpen();
    try {
      const answer = await ask();
      await this.#writer.whenShown();
      return answer;
    } catch (error) {
      throw this.#failed(error);
    }
  }

  async view(request: Port.ViewRequest): Promise<Port.View> {
    this.#lifecycle.requireOpen();
    const view = await this.#read(async () => {
      await this.#writer.settle();
      return this.#writer.look(request);
    });
    this.#isWell();
    return this.#writer.seen(view);
  }

  recordsSince(position: number, limit: number, filter: Port.RecordFilter = {}): Promise<Port.RecordPage> {
    return this.#read(() => readFeed(this.#ask, position, limit, filter));
  }

  conversation(id: string): ReturnType<Port.Store['conversation']> {
    return this.#reads.conversation(id);
  }

  conversations(query: Port.ConversationQuery): Promise<Port.ConversationPage> {
    return this.#reads.conversations(query);
  }

  messages(conversationId: string, range: Port.MessageRange): Promise<Port.MessagePage> {
    return this.#reads.messages(conversationId, range);
  }

  async countMessages(requests: readonly Port.MessageCount[]): Promise<number[]> {
    this.#lifecycle.requireOpen();
    return this.#reads.countMessages(requests);
  }

  async search(query: Port.MessageSearch): Promise<Port.MessageHits> {
    this.#lifecycle.requireOpen();
    return this.#search.search(query);
  }

  entry<K extends Parameters<Port.Store['entry']>[0]>(kind: K, id: string) {
    return this.#reads.entry(kind, id);
  }

  entries<K extends Parameters<Port.Store['entry']>[0]>(kind: K, page?: { after?: string; limit?: number }) {
    return this.#reads.entries(kind, page);
  }

  agentByEmail(email: string): ReturnType<Port.Store['agentByEmail']> {
    return this.#reads.agentByEmail(email);
  }
}
