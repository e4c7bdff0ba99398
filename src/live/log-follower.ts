import type { Committed } from '../domain/group-commit.ts';
import { conversationOf, LogRecord } from '../domain/model/record.ts';
import type { Store } from '../domain/store.ts';

/** Records of others that are read at once, and how far behind somebody rather reads what they want themselves. */
const PAGE = 500;
const FAR_BEHIND = 5_000;
/** Milliseconds before a store that could not be read is read again. */
const AGAIN_MS = 1_000;

export interface LogFollowerOptions {
  /** One that is `shared`. */
  readonly store: Store;
  /** Up to here everything was told. */
  readonly position: number;
  readonly broadcast: (batch: Committed) => void;
  /** Everybody reads from where they are: what lies up to this position is not told one by one. */
  readonly readAgain: (position: number) => void;
  readonly logError: (error: unknown) => void;
}

/**
 * Tells a log that several processes write to, in order, every record once: batches of this process as they are
 * committed, those of others read from the store before whatever follows them. A batch that follows what was told is
 * told in the same turn.
 */
export class LogFollower {
  readonly #options: LogFollowerOptions;
  #position: number;
  #waiting: Committed[] = [];
  /** Somebody else wrote, as far as is known. */
  #isBehind = false;
  #reading: Promise<void> | undefined;
  #again: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: LogFollowerOptions) {
    this.#options = options;
    this.#position = options.position;
    options.store.shared?.watch(() => {
      this.#isBehind = true;
      this.#go();
    });
  }

  /** A batch that this process committed; to be called for each, in order. */
  committed(batch: Committed): void {
    this.#waiting.push(batch);
    if (this.#reading === undefined) this.#tellWaiting();
    this.#go();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#again);
    await this.#reading;
  }

  /** Everything that waits and follows; the rest has to be read up to first. */
  #tellWaiting(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const { records } = next;
      const last = records.at(-1)!.position;
      if (last > this.#position && records[0]!.position > this.#position + 1) return;
      this.#waiting.shift();
      const fresh = records.filter((record) => record.position > this.#position);
      if (fresh.length > 0) this.#tell({ ...next, records: fresh });
    }
  }

  #tell(batch: Committed): void {
    this.#options.broadcast(batch);
    this.#position = batch.records.at(-1)!.position;
  }

  #go(): void {
    if (this.#closed || this.#reading !== undefined || (!this.#isBehind && this.#waiting.length === 0)) return;
    this.#reading = this.#catchUp()
      .catch((error: unknown) => {
        this.#options.logError(error);
        this.#isBehind = true;
        this.#again = setTimeout(() => this.#go(), AGAIN_MS);
        this.#again.unref();
      })
      .finally(() => {
        this.#reading = undefined;
      });
  }

  async #catchUp(): Promise<void> {
    while (!this.#closed && (this.#isBehind || this.#waiting.length > 0)) {
      this.#isBehind = false;
      const { store, readAgain } = this.#options;
      const page = await store.recordsSince(this.#position, PAGE);
      if (page.compacted || store.health().position - this.#position > FAR_BEHIND) {
        this.#position = store.health().position;
        readAgain(this.#position);
      } else if (page.records.length > 0) {
        this.#tell(await this.#asBatch(page.records));
        this.#isBehind ||= page.more;
      }
      this.#tellWaiting();
    }
  }

  /** Records that somebody else committed, as a batch; what was redacted since is not read out of history. */
  async #asBatch(records: readonly LogRecord[]): Promise<Committed> {
    const { store } = this.#options;
    const conversations = [...new Set(records.flatMap((record) => conversationOf(record) ?? []))];
    const messages = records.flatMap((record) => (record.is('message') ? [record.value.id] : []));
    const view = await store.view({ conversations, messages, entries: [], agentEmails: [] });
    const present = records.map((record) => {
      const now = record.is('message') ? view.messages.get(record.value.id) : undefined;
      return now === undefined ? record : new LogRecord(record.position, record.time, 'message', now.json);
    });
    const commitment = store.holder(records.at(-1)!.position);
    return { records: present, heads: view.conversations, released: new Set(), commitment };
  }
}
