import { GuichetError, isOutage } from '../../domain/errors.ts';
import { checkBatch } from '../../domain/state/check-batch.ts';
import type * as Port from '../../domain/store.ts';
import { Mutex } from '../../lib/mutex.ts';
import { type Driver, FateOpen, type Transaction } from './dialect.ts';
import { type LogRow, lockHead, moveHead, setHead } from './head.ts';
import { forgetSome } from './history.ts';
import { KnownHeads } from './known-heads.ts';
import { type Ask, headsOf } from './reads.ts';
import { sql } from './sql.ts';
import { readView, type SqlView } from './view.ts';
import { digestOf, type Heads, headsBehind, isPlain, touched, writeBatch } from './write-batch.ts';

/** Milliseconds for which the lock is taken first, after somebody else was faster. */
const RIVAL_MS = 1_000;

/** What a transaction leads to once it is kept. */
interface Written {
  readonly row: LogRow;
  readonly heads: Heads;
  readonly records: Port.Batch['records'];
}

export interface SqlWriterOptions {
  readonly driver: Driver;
  /** One statement on the moment that is read, which waits for nothing. */
  readonly ask: Ask;
  /** Answers the error for the caller, and takes note of it. */
  readonly failed: (thrown: unknown) => GuichetError;
  readonly isWell: () => void;
  readonly commitment: () => Port.Commitment;
  readonly wrote: (records: Port.Batch['records']) => void;
  /** Somebody else's batch was seen. */
  readonly moved: () => void;
}

type Turn = Pick<Port.Store, 'view' | 'append'>;

/** Somebody else wrote between the view and the append, or the batch is of a kind that wants the lock first. */
class NeedsLock extends Error {}

/** Whatever moves the head of the log: one at a time, each as one transaction. */
export class SqlWriter {
  readonly #options: SqlWriterOptions;
  readonly #driver: Driver;
  readonly #turn = new Mutex();
  readonly #heads = new KnownHeads();
  /** The append whose transaction is on its way: what a read saw of it is shown when it is acknowledged. */
  #appending: Promise<unknown> | undefined;
  /** An answer to COMMIT was lost: the row of the log says what became of it. */
  #isFateOpen = false;
  /** By the clock that nobody sets: until then others write too. */
  #rivalsUntil = 0;
  #row: LogRow | undefined;
  /** Of this process; the row may have that of somebody who opened the log since. */
  #epoch = 0;
  /** Set when other processes may write to this log: they are told. */
  rings = false;

  constructor(options: SqlWriterOptions) {
    this.#options = options;
    this.#driver = options.driver;
  }

  /** The row of the log as it was last seen; set when the log is opened. */
  get row(): LogRow | undefined {
    return this.#row;
  }

  opened(row: LogRow): void {
    this.#row = row;
    this.#epoch = row.epoch;
  }

  /** Resolves when what is being written now is acknowledged or has failed (LG-35). */
  async whenShown(): Promise<void> {
    await this.#appending;
  }

  /** Runs work while nothing is written. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    return this.#turn.run(work);
  }

  append(batch: Port.Batch): Promise<void> {
    return this.#take(async () => {
      if (!(await this.#writeAtOnce(batch))) await this.#inTurn((store) => store.append(batch));
    });
  }

  /** Runs `work` so that its append follows what it saw; a second time, when somebody else was faster. */
  turn<T>(work: (store: Turn) => Promise<T>): Promise<T> {
    return this.#take(async () => {
      if (this.#isFateOpen || performance.now() < this.#rivalsUntil) return this.#inTurn(work);
      try {
        return await work({
          view: async (request) => this.seen(await this.look(request)),
          append: async (batch) => {
            if (!(await this.#writeAtOnce(batch))) throw new NeedsLock();
            return this.#options.commitment();
          },
        });
      } catch (error) {
        if (error instanceof NeedsLock) return this.#inTurn(work);
        throw this.#options.failed(error);
      }
    });
  }

  /** One writes at a time, and whoever reads meanwhile is answered when that is over (LG-35). */
  async #take<T>(work: () => Promise<T>): Promise<T> {
    const running = this.#turn.run(work);
    const settled = running.catch(() => {});
    this.#appending = settled;
    try {
      return await running;
    } finally {
      if (this.#appending === settled) this.#appending = undefined;
    }
  }

  /** A view of one moment; what is known of conversations at its position is not asked for again. */
  async look(request: Port.ViewRequest): Promise<SqlView> {
    const { ask } = this.#options;
    const { dialect } = this.#driver;
    const at = this.#heads.position;
    const known = this.#heads.among(request.conversations);
    const conversations = request.conversations.filter((id) => !known.has(id));
    const view = await readView(ask, dialect, { ...request, conversations });
    if (view.head.position === at) return { ...view, conversations: new Map([...known, ...view.conversations]) };
    return known.size === 0 ? view : readView(ask, dialect, request);
  }

  /** Takes note of what a view shows that may be shown. */
  seen(view: SqlView): Port.View {
    const { position } = view.head;
    if (position >= this.#heads.position) this.#heads.keep(position, view.conversations);
    if (position > this.#row!.position) {
      this.#row = { ...this.#row!, ...view.head };
      this.#options.moved();
    }
    return this.#viewOf(view);
  }

  #viewOf({ head, ...view }: SqlView): Port.View {
    const { log, position, time } = head;
    return { ...view, head: { log, epoch: this.#epoch, position, time, keeper: this.#row!.keeper } };
  }

  /** A view within a transaction that holds the row of the log. */
  async viewIn(transaction: Transaction, request: Port.ViewRequest): Promise<Port.View> {
    const view = await readView((query) => transaction.query(query), this.#driver.dialect, request);
    this.#heads.keep(view.head.position, view.conversations);
    return this.#viewOf(view);
  }

  /** Writes a batch within a transaction that holds `row`, and takes it for kept. @returns the row behind it */
  async writeIn(transaction: Transaction, row: LogRow, batch: Port.Batch): Promise<LogRow> {
    const wrote = await this.#write(transaction, row, batch);
    if (wrote !== undefined) this.#heads.move(wrote.row.position, wrote.heads);
    return wrote?.row ?? row;
  }

  /**
   * The usual batch: by one statement that locks, compares and moves the head, and what belongs to it, in one go.
   * @returns false when it is not of that kind, or when the head is elsewhere: then nothing was written
   */
  async #writeAtOnce(batch: Port.Batch): Promise<boolean> {
    const row = this.#row!;
    const { after, records } = batch;
    const isUsual = !this.#isFateOpen && !batch.compacted && records.length > 0 && isPlain(records);
    if (!isUsual || checkBatch(batch, { ...row, epoch: this.#epoch }) !== 'next') return false;
    const before = await this.#headsOf(this.#options.ask, touched(records), after);
    const wrote = this.#behind(row, batch, before);
    const commit = async () => {
      const guard = moveHead({ ...row, epoch: this.#epoch }, wrote.row);
      const statements = writeBatch(this.#driver.dialect, batch, before, wrote.heads);
      return (await this.#driver.commitIf(guard, statements, this.rings)) ? wrote : undefined;
    };
    const kept = await this.#commit(commit, () => wrote);
    if (kept === undefined) this.#rivalsUntil = performance.now() + RIVAL_MS;
    return kept !== undefined;
  }

  /** Runs `work` in one transaction that holds the row of the log: what it saw is what it follows. */
  async #inTurn<T>(work: (store: Turn) => Promise<T>): Promise<T> {
    let wrote: Written | undefined;
    const done: { result?: T } = {};
    const commit = async () => {
      await this.#driver.transaction(async (transaction) => {
        const row = await lockHead(this.#driver, transaction);
        // Whatever was under way before has ended, or it would hold the lock.
        this.#isFateOpen = false;
        const append = async (batch: Port.Batch): Promise<Port.Commitment> => {
          wrote = await this.#write(transaction, row, batch);
          return this.#options.commitment();
        };
        done.result = await work({ view: (request) => this.viewIn(transaction, request), append });
      });
      return wrote;
    };
    await this.#commit(commit, () => wrote);
    return done.result as T;
  }

  /** Runs what commits. Where its answer is lost, the row of the log says what became of it. */
  async #commit(
    run: () => Promise<Written | undefined>,
    onItsWay: () => Written | undefined,
  ): Promise<Written | undefined> {
    let kept: Written | undefined;
    try {
      kept = await run();
    } catch (error) {
      if (!(error instanceof FateOpen)) throw this.#options.failed(error);
      this.#isFateOpen = true;
      kept = onItsWay();
      if (!(await this.#hasLanded(kept, error))) throw this.#options.failed(error.cause);
    }
    if (kept !== undefined) {
      this.#row = kept.row;
      this.#heads.move(kept.row.position, kept.heads);
      this.#options.wrote(kept.records);
    }
    this.#options.isWell();
    return kept;
  }

  /** Where the log stands behind a batch. */
  #behind(row: LogRow, { after, through, records, compacted = false }: Port.Batch, before: Heads): Written {
    const time = Math.max(row.time, records.at(-1)!.time);
    const floor = compacted ? through : row.floor;
    const lastDigest = digestOf(records);
    const heads = headsBehind(records, before);
    return { row: { ...row, position: through, time, floor, lastAfter: after, lastDigest }, heads, records };
  }

  /** The work of an append within its transaction; `undefined` when there was nothing to do. */
  async #write(transaction: Transaction, row: LogRow, batch: Port.Batch): Promise<Written | undefined> {
    // Our own epoch, as long as nobody opened this log after us.
    const epoch = row.epoch === this.#epoch ? row.epoch : Number.NaN;
    const verdict = checkBatch(batch, { ...row, epoch });
    const { after, records } = batch;
    if (verdict === 'again' && !(await this.#holds(transaction, row, batch))) throw new GuichetError('fenced');
    if (verdict === 'again' || records.length === 0) return undefined;

    const before = await this.#headsOf((query) => transaction.query(query), touched(records), after);
    const wrote = this.#behind(row, batch, before);
    await transaction.run([
      ...writeBatch(this.#driver.dialect, batch, before, wrote.heads),
      { sql: setHead(wrote.row) },
      ...(this.rings && this.#driver.ring ? [{ sql: this.#driver.ring() }] : []),
    ]);
    return wrote;
  }

  /** Whether everything of a batch is held already, just as it is. */
  async #holds(transaction: Transaction, row: LogRow, batch: Port.Batch): Promise<boolean> {
    const { after, through, records } = batch;
    if (after === row.lastAfter && through === row.position && digestOf(records) === row.lastDigest) return true;
    if (after < row.floor) return records.length === 0;
    const held = await transaction.query(sql`SELECT position, kind, record FROM chat_log
      WHERE position > ${after} AND position <= ${through} ORDER BY position`);
    const isSame = ({ position, kind, record }: (typeof held)[number], i: number): boolean => {
      const given = records[i];
      return given?.position === position && given?.kind === kind && given?.json === record;
    };
    return held.length === records.length && held.every(isSame);
  }

  /** Conversations as they stand at `position`, which nobody changes meanwhile, or the batch falls. */
  async #headsOf(ask: Ask, ids: readonly string[], position: number): Promise<Heads> {
    const known = this.#heads.position === position ? this.#heads.among(ids) : new Map();
    const unknown = ids.filter((id) => !known.has(id));
    if (unknown.length === 0) return known;
    const found = await headsOf(ask, this.#driver.dialect, unknown);
    return new Map([...known, ...found]);
  }

  /** Asks the row of the log what became of a transaction whose answer was lost. */
  async #hasLanded(wrote: Written | undefined, { cause }: FateOpen): Promise<boolean> {
    try {
      const { position, lastAfter, lastDigest } = await this.#settleFate();
      if (wrote === undefined) return true;
      const { row } = wrote;
      return position === row.position && lastAfter === row.lastAfter && lastDigest === row.lastDigest;
    } catch (error) {
      throw this.#options.failed(isOutage(error) ? cause : error);
    }
  }

  /** Waits, by the lock of its row, until a transaction whose answer was lost is over; then the log says all. */
  async #settleFate(): Promise<LogRow> {
    const row = await this.#driver.transaction((transaction) => lockHead(this.#driver, transaction));
    this.#isFateOpen = false;
    this.#heads.forget();
    this.#row = row;
    return row;
  }

  /** Nothing is shown before it is known what became of the last batch. */
  async settle(): Promise<void> {
    if (this.#isFateOpen) await this.#turn.run(() => this.#settleFate());
  }

  /** @param before epoch ms; see `forgetSome` @returns whether nothing that old is left */
  forget(before: number): Promise<boolean> {
    return this.#take(async () => {
      const { row, isOver } = await forgetSome(this.#driver, before);
      if (this.#row!.position <= row.position) this.#row = { ...this.#row!, floor: row.floor };
      return isOver;
    });
  }
}
