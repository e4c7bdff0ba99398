import type { Blobs } from '../blobs.ts';
import type { Store } from '../store.ts';

/** An upload that no message names is kept this long: whoever was offline for a night can still send it. */
export const UNNAMED_LASTS_MS = 24 * 60 * 60_000;
/** A post under way has touched what it names less than this ago, however slow the store is. */
export const POST_LASTS_MS = 5 * 60_000;
const PAGE = 1000;

export interface BlobSweepOptions {
  readonly store: Store;
  readonly blobs: Blobs;
  /** Epoch ms. */
  readonly now?: () => number;
  readonly logError?: (error: unknown) => void;
}

/**
 * Removes contents that nothing names any more. The log alone says what is named: there is no count beside it that
 * could go wrong. A log that cannot be read whole names everything.
 */
export class BlobSweep {
  readonly #options: BlobSweepOptions;
  readonly #now: () => number;
  readonly #released = new Set<string>();
  #running: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: BlobSweepOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** Messages that named these do so no more; each goes as soon as it is sure that no other message does. */
  release(ids: ReadonlySet<string>): void {
    if (ids.size === 0) return;
    for (const id of ids) this.#released.add(id);
    void this.#enqueue(() => this.#sweepReleased());
  }

  /** Removes what was never named, or no longer is, for a day. Resolves when it is through; never rejects. */
  sweep(): Promise<void> {
    return this.#enqueue(async () => {
      const since = this.#now() - UNNAMED_LASTS_MS;
      const old = new Set<string>();
      for await (const { id, touchedAt } of this.#options.blobs.list()) if (touchedAt < since) old.add(id);
      await this.#remove(old, since);
      await this.#options.blobs.removeLeftovers(since);
    });
  }

  /** Ends what is under way at its next step. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
  }

  /** One at a time, in order. */
  #enqueue(work: () => Promise<void>): Promise<void> {
    this.#running = this.#running.then(async () => {
      if (this.#closed) return;
      await work().catch((error) => this.#options.logError?.(error));
    });
    return this.#running;
  }

  async #sweepReleased(): Promise<void> {
    const ids = new Set(this.#released);
    this.#released.clear();
    if (ids.size > 0) await this.#remove(ids, this.#now() - POST_LASTS_MS);
  }

  /** Removes those that the log does not name; a content that was touched since is left to a later sweep. */
  async #remove(ids: ReadonlySet<string>, since: number): Promise<void> {
    if (ids.size === 0) return;
    const named = await this.#namedAmong(ids);
    if (named === undefined) return;
    for (const id of ids) if (!named.has(id)) await this.#options.blobs.removeUntouched(id, since);
  }

  /** Those that messages name, as these are now; undefined while the log cannot tell. */
  async #namedAmong(ids: ReadonlySet<string>): Promise<ReadonlySet<string> | undefined> {
    const { store } = this.#options;
    // By message, for the log may still hold how one was before it was redacted.
    const named = new Map<string, readonly string[]>();
    for (let position = 0; ; ) {
      const { complete, unsavedSince } = store.health();
      if (this.#closed || complete === false || (unsavedSince ?? null) !== null) return undefined;
      const page = await store.recordsSince(position, PAGE);
      for (const record of page.records) {
        // Most messages name nothing, and need not be parsed to know it.
        if (!record.is('message') || !MAY_NAME.test(record.json)) continue;
        const { id, attachments = [] } = record.value;
        const wanted = attachments.map((attachment) => attachment.id).filter((each) => ids.has(each));
        if (wanted.length > 0) named.set(id, wanted);
        else named.delete(id);
      }
      if (!page.more) return new Set([...named.values()].flat());
      position = page.through;
    }
  }
}

const MAY_NAME = /"attachments":|"redacted":true/;
