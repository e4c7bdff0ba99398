import { createHash } from 'node:crypto';
import { writesOf } from '../domain/storage-state.ts';
import type { Store } from '../domain/store.ts';
import type { StorageState } from '../protocol/entities.ts';

/** Whoever knows that something has changed says so; this finds what nobody said. */
const LOOK_EVERY_MS = 1000;
const MARK_LENGTH = 12;

/**
 * Tells those who listen when the storage is not what it was: a tier that left or came back, a disk that is full.
 * It compares what the store says of itself, which costs no I/O, and only while somebody listens.
 */
export class StorageWatch {
  readonly #store: Store;
  readonly #listeners = new Set<() => void>();
  #state: StorageState;
  #timer: NodeJS.Timeout | undefined;

  constructor(store: Store) {
    this.#store = store;
    this.#state = stateOf(store);
  }

  /** As it is at this moment. */
  get state(): StorageState {
    return stateOf(this.#store);
  }

  /** To be called when it may have changed. */
  look(): void {
    const { state } = this;
    if (state.mark === this.#state.mark) return;
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }

  /** Calls `changed`, which must not throw, after each change, until the function it returns is called. */
  listen(changed: () => void): () => void {
    if (this.#listeners.size === 0) {
      this.#state = this.state;
      this.#timer = setInterval(() => this.look(), LOOK_EVERY_MS).unref();
    }
    this.#listeners.add(changed);
    return () => {
      this.#listeners.delete(changed);
      if (this.#listeners.size === 0) clearInterval(this.#timer);
    };
  }
}

const stateOf = (store: Store): StorageState => {
  const { state, best = null, tiers = [] } = store.health();
  const [degraded, writes] = [state !== 'open', writesOf(store)];
  const told = JSON.stringify([degraded, writes, best, tiers.map((tier) => [tier.name, tier.state])]);
  return { mark: createHash('sha256').update(told).digest('hex').slice(0, MARK_LENGTH), degraded, writes };
};
