import type { OutboxEntry, OutboxStorage } from './outbox-storage.ts';

/** By writing; the id decides between two tabs that could not know of each other. */
const byOrder = (a: OutboxEntry, b: OutboxEntry): number => a.order - b.order || (a.id < b.id ? -1 : 1);

/**
 * The entries of one outbox as this tab sees them: those of the storage that all tabs share, and, in front of them, what
 * the storage does not have yet or will not take.
 */
export class SharedEntries {
  readonly #storage: OutboxStorage;
  readonly #scope: string;
  readonly #onTaken: (changed: readonly OutboxEntry[]) => void;
  #entries = new Map<string, OutboxEntry>();
  /** Not in the storage as they are here: being written, or refused. */
  readonly #unkept = new Map<string, OutboxEntry>();
  readonly #refused = new Set<string>();
  /** Done with, should a storage that could not forget them bring them back. */
  readonly #gone = new Set<string>();
  #loadFailed = false;
  #loading: Promise<void> | undefined;
  #loadAgain = false;

  /** `onTaken` hears which entries {@link refresh} found changed, as they were last known. */
  constructor(storage: OutboxStorage, scope: string, onTaken: (changed: readonly OutboxEntry[]) => void) {
    this.#storage = storage;
    this.#scope = scope;
    this.#onTaken = onTaken;
  }

  /** In the order of writing. */
  get all(): OutboxEntry[] {
    return [...this.#entries.values()].sort(byOrder);
  }

  /** Whether what waits here survives the page. */
  get persistent(): boolean {
    return this.#storage.persistent && !this.#loadFailed && this.#refused.size === 0;
  }

  get(id: string): OutboxEntry | undefined {
    return this.#entries.get(id);
  }

  /** Adds or replaces; here at once, written down when it resolves, unless the storage refuses. */
  async put(entry: OutboxEntry): Promise<void> {
    this.#entries.set(entry.id, entry);
    this.#unkept.set(entry.id, entry);
    try {
      await this.#storage.put(entry);
      if (this.#unkept.get(entry.id) === entry) {
        this.#unkept.delete(entry.id);
        this.#refused.delete(entry.id);
      }
    } catch {
      // A full or forbidden storage is no reason not to send.
      if (this.#entries.has(entry.id)) this.#refused.add(entry.id);
    }
    this.#loadAgain = true;
  }

  async remove(id: string): Promise<void> {
    this.#entries.delete(id);
    this.#unkept.delete(id);
    this.#refused.delete(id);
    this.#gone.add(id);
    // What could not be forgotten is asked about again by the next page, under its id.
    await this.#storage.remove(id).catch(() => {});
  }

  /** Offers the storage once more what it would not take. */
  async writeRefused(): Promise<void> {
    for (const id of this.#refused) await this.put(this.#entries.get(id)!);
  }

  /** Makes this tab hold what the storage holds. A load that a write overtook is made again. */
  refresh(): Promise<void> {
    this.#loadAgain = true;
    this.#loading ??= this.#load().finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  async #load(): Promise<void> {
    while (this.#loadAgain) {
      this.#loadAgain = false;
      try {
        const held = await this.#storage.load(this.#scope);
        if (!this.#loadAgain) this.#take(held);
        this.#loadFailed = false;
      } catch {
        this.#loadFailed = true;
      }
    }
  }

  #take(held: readonly OutboxEntry[]): void {
    const before = this.#entries;
    const kept = held.filter(({ id }) => !this.#gone.has(id)).map((entry) => [entry.id, entry] as const);
    this.#entries = new Map([...kept, ...this.#unkept]);
    const all = new Map([...this.#entries, ...before]);
    const changed = [...all.values()].filter(({ id }) => before.get(id)?.status !== this.#entries.get(id)?.status);
    if (changed.length > 0) this.#onTaken(changed);
  }
}
