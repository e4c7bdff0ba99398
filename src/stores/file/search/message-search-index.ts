import { join } from 'node:path';
import { GuichetError } from '../../../domain/errors.ts';
import type { LogIdentity } from '../../../domain/model/log-identity.ts';
import type { LogRecord } from '../../../domain/model/record.ts';
import { hasTerms, type SearchPlan } from '../../../domain/state/message-search.ts';
import { GivingWay } from '../../../lib/giving-way.ts';
import { Mutex } from '../../../lib/mutex.ts';
import type { Disk } from '../disk.ts';
import { reasonOf, removeFile } from '../disk-files.ts';
import type { Logger } from '../logger.ts';
import type { MessageRef, MessageShelf } from '../message-shelf.ts';
import { IndexError, SearchThread } from './search-thread.ts';
import type { Indexed } from './word-index.ts';

export interface MessageSearchIndexOptions {
  readonly disk: Disk;
  readonly directory: string;
  readonly log: LogIdentity;
  readonly shelf: MessageShelf;
  readonly logger: Logger;
  /** False for a store that writes nothing: then the index is in memory, and gone with it. */
  readonly keep: boolean;
  /** Position up to which the shelf holds everything. */
  readonly head: () => number;
}

/** Messages given to the index at a time: few, so that reading them keeps nobody waiting. */
const SLICE = 128;
/** Positions that are looked through for messages at a time: a list of all of them would take memory. */
const LISTED = 50_000;
/** So many new messages are worth a run by itself; fewer wait for a search. */
const RUN_FROM = 1000;
/** More than these are not waited for by a search. */
const BACKLOG_MAX = 5000;
/** What is remembered of new messages; when there are more, the index looks for them itself. */
const PENDING_MAX = 20_000;
const FIRST_RUN_MS = 2000;
/** The thread goes when it has had nothing to do for so long, and its memory with it. */
const IDLE_MS = 30_000;

/**
 * Search over the messages of a file store. The index lies beside them, in `search.db`: it follows the log at a
 * distance, catches up when somebody asks, and is made anew when it is missing, of another log, or damaged. What it
 * finds is read from the messages themselves before it is shown.
 */
export class MessageSearchIndex {
  readonly #options: MessageSearchIndexOptions;
  readonly #turn = new Mutex();
  readonly #way = new GivingWay();
  #thread: SearchThread | undefined;
  /** Up to where the index goes, while a thread has it open. */
  #through = 0;
  /** Messages behind `#pendingAfter`, in order of position. */
  #pending: MessageRef[] = [];
  #pendingAfter: number;
  /** What the index is to be given next, in order of position, and how far it goes when it has all of that. */
  #todo: readonly MessageRef[] = [];
  #done = 0;
  #target = 0;
  #running = false;
  #firstRun: NodeJS.Timeout | undefined;
  #idle: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: MessageSearchIndexOptions) {
    this.#options = options;
    this.#pendingAfter = options.head();
  }

  /** From now on it may be made in the background. */
  begin(): void {
    const { keep, head } = this.#options;
    if (keep && head() > RUN_FROM) this.#firstRun = setTimeout(() => this.#runAlone(), FIRST_RUN_MS).unref();
  }

  /** Hears of a message that the shelf has from now on. */
  posted({ value, position }: LogRecord<'message'>): void {
    this.#way.busy();
    if (this.#pending.length >= PENDING_MAX) {
      this.#pendingAfter = this.#pending.at(-1)!.position;
      this.#pending = [];
    }
    const { number: thread } = this.#options.shelf.thread(value.conversationId);
    this.#pending.push({ thread, seq: value.seq, position });
    if (this.#pending.length % RUN_FROM === 0 && this.#options.keep) this.#runAlone();
  }

  /**
   * Messages that a plan finds, newest first, one more than its limit when there is more. Everything the store held
   * when it was called is looked at.
   * @throws GuichetError `unavailable` while there is much that the index does not have yet, or when it fails
   */
  async search(plan: SearchPlan): Promise<LogRecord<'message'>[]> {
    const head = this.#options.head();
    try {
      await this.#turn.run(() => this.#reach(head));
      return await this.#find(plan);
    } catch (error) {
      if (this.#closed) throw new GuichetError('closing');
      if (error instanceof GuichetError) throw error;
      throw new GuichetError('unavailable', 'The index for searches failed. Try again in a moment.', { cause: error });
    }
  }

  async #find(plan: SearchPlan): Promise<LogRecord<'message'>[]> {
    const wanted = plan.limit + 1;
    const found: LogRecord<'message'>[] = [];
    for (let { behind } = plan; found.length < wanted; ) {
      const places = await this.#work((thread) => thread.find({ terms: plan.terms, behind }, wanted));
      const records = await this.#options.shelf.byIds(places.map(({ id }) => id));
      for (const { id, position } of places) {
        // A redaction that came since has put another message in its place.
        const record = records.get(id);
        if (record?.position === position && hasTerms(record.value.content, plan.terms)) found.push(record);
      }
      if (places.length < wanted) break;
      behind = places.at(-1)!;
    }
    return found.slice(0, wanted);
  }

  /** A run that nobody waits for, and that lets searches in between. What it fails with is met by the next search. */
  #runAlone(): void {
    if (this.#running || this.#closed) return;
    this.#running = true;
    void this.#runToHead()
      .catch((error: unknown) => {
        if (!this.#closed) this.#options.logger.warn(`The index for searches is behind: ${reasonOf(error)}`);
      })
      .finally(() => {
        this.#running = false;
      });
  }

  async #runToHead(): Promise<void> {
    const { head } = this.#options;
    for (;;) {
      const from = performance.now();
      if (!(await this.#turn.run(() => this.#step(head()))) || this.#closed) return;
      await this.#way.restSince(from);
    }
  }

  async #reach(head: number): Promise<void> {
    while (await this.#step(head)) {
      const left = this.#todo.length - this.#done + (head - this.#target);
      if (left <= BACKLOG_MAX) continue;
      this.#runAlone();
      const state = `The index for searches is being made: ${left} records are left.`;
      throw new GuichetError('unavailable', `${state} Try again in a moment.`);
    }
  }

  /** Gives the index the next of what it lacks. @returns whether that is not all up to `head` */
  async #step(head: number): Promise<boolean> {
    await this.#work(async () => {});
    if (this.#through >= head) return false;
    if (this.#done >= this.#todo.length) {
      this.#target = Math.min(this.#options.head(), this.#through + LISTED);
      this.#todo = this.#missing();
      this.#done = 0;
    }
    const refs = this.#todo.slice(this.#done, this.#done + SLICE);
    const isLast = this.#done + SLICE >= this.#todo.length;
    const through = isLast ? this.#target : refs.at(-1)!.position;
    const messages = (await this.#options.shelf.read(refs)).map((record): Indexed => [record.position, record.json]);
    // One that was redacted since it was listed comes again, at its new place.
    const known = messages.filter(([position]) => position <= through).sort(([a], [b]) => a - b);
    await this.#work((thread) => thread.add(known, through));
    this.#through = through;
    this.#done += SLICE;
    return through < head;
  }

  /** Messages that changed behind what the index has, in order of position. */
  #missing(): readonly MessageRef[] {
    const isComplete = this.#pendingAfter <= this.#through;
    const isDue = ({ position }: MessageRef): boolean => position <= this.#target;
    const due = this.#pending.filter(isDue);
    this.#pending = this.#pending.filter((message) => !isDue(message));
    this.#pendingAfter = Math.max(this.#pendingAfter, this.#target);
    if (isComplete) return due.filter(({ position }) => position > this.#through);
    return this.#options.shelf.between(this.#through, this.#target).sort((a, b) => a.position - b.position);
  }

  /** Asks the thread, which is started when there is none; one that fails is given up, with its file if need be. */
  async #work<T>(ask: (thread: SearchThread) => Promise<T>): Promise<T> {
    if (this.#closed) throw new GuichetError('closing');
    clearTimeout(this.#idle);
    try {
      this.#thread ??= await this.#start();
      return await ask(this.#thread);
    } catch (error) {
      await this.#drop();
      if (error instanceof IndexError && error.isDamaged) await this.#discard();
      throw error;
    } finally {
      if (!this.#closed) this.#idle = setTimeout(() => void this.#turn.run(() => this.#drop()), IDLE_MS).unref();
    }
  }

  async #start(): Promise<SearchThread> {
    const { disk, log } = this.#options;
    const path = this.#path;
    if (path !== undefined && (await disk.stat(path)) === undefined) {
      // For its owner only, like everything that holds words of people.
      await (await disk.open(path, 'create')).close();
    }
    const thread = new SearchThread();
    try {
      const through = await thread.open(path ?? ':memory:', `${log.id}.${log.rewinds}`);
      // An index that is ahead knows a past that this store has not.
      if (through > this.#options.head()) throw new IndexError('The index is ahead of the log.', 11);
      this.#through = through;
      this.#todo = [];
      this.#done = 0;
      return thread;
    } catch (error) {
      await thread.close();
      throw error;
    }
  }

  get #path(): string | undefined {
    const { disk, directory, keep } = this.#options;
    return keep ? disk.nativePath(join(directory, 'search.db')) : undefined;
  }

  async #discard(): Promise<void> {
    const path = this.#path;
    if (path === undefined) return;
    this.#options.logger.warn('The index for searches was damaged. It is made anew.');
    for (const end of ['', '-wal', '-shm']) await removeFile(this.#options.disk, `${path}${end}`);
  }

  async #drop(): Promise<void> {
    const thread = this.#thread;
    this.#thread = undefined;
    await thread?.close();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#firstRun);
    clearTimeout(this.#idle);
    this.#way.stop();
    await this.#turn.run(() => this.#drop());
  }
}
