import type { Kept, OutboxEntry, OutboxStorage } from '../../src/client/outbox-storage.ts';
import type { Message } from '../../src/protocol/entities.ts';

/**
 * What the tabs of one browser share, without a browser: entries that outlive every tab, news between tabs, and turns.
 * A tab can crash: what it was about to write is not written, and its turn ends.
 */
export class BrowserStorage {
  readonly entries = new Map<string, OutboxEntry>();
  readonly #tabs = new Set<TabStorage>();
  readonly #turns = new Map<string, Promise<void>>();

  openTab(): TabStorage {
    const tab = new TabStorage(this);
    this.#tabs.add(tab);
    return tab;
  }

  leave(tab: TabStorage): void {
    this.#tabs.delete(tab);
  }

  tell(from: TabStorage, scope: string, posted?: Message): void {
    for (const tab of this.#tabs) if (tab !== from) queueMicrotask(() => tab.hear(scope, posted));
  }

  /** Resolves with the function that ends the turn, when it begins. */
  async turn(name: string): Promise<() => void> {
    const before = this.#turns.get(name) ?? Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#turns.set(
      name,
      before.then(() => promise),
    );
    await before;
    return resolve;
  }
}

export class TabStorage implements OutboxStorage {
  readonly persistent = true;
  readonly #browser: BrowserStorage;
  readonly #watchers = new Set<{ scope: string; heard: (posted?: Message) => void }>();
  readonly #turns = new Set<() => void>();
  #crashed = false;

  constructor(browser: BrowserStorage) {
    this.#browser = browser;
  }

  async load<T extends Kept>(scope: string): Promise<T[]> {
    return structuredClone(
      [...this.#browser.entries.values()].filter((entry: Kept) => entry.scope === scope) as Kept[] as T[],
    );
  }

  async put(entry: Kept): Promise<void> {
    if (!this.#crashed) this.#browser.entries.set(entry.id, structuredClone(entry) as OutboxEntry);
  }

  async remove(id: string): Promise<void> {
    if (!this.#crashed) this.#browser.entries.delete(id);
  }

  tell(scope: string, posted?: Message): void {
    if (!this.#crashed) this.#browser.tell(this, scope, posted);
  }

  watch(scope: string, heard: (posted?: Message) => void): () => void {
    const watcher = { scope, heard };
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  async inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
    const end = await this.#browser.turn(name);
    this.#turns.add(end);
    try {
      if (this.#crashed) end();
      return await work();
    } finally {
      this.#turns.delete(end);
      end();
    }
  }

  hear(scope: string, posted?: Message): void {
    for (const watcher of this.#watchers) if (watcher.scope === scope) watcher.heard(posted);
  }

  /** From now on nothing of this tab reaches the browser. */
  crash(): void {
    this.#crashed = true;
    this.#browser.leave(this);
    this.#watchers.clear();
    for (const end of this.#turns) end();
  }
}
