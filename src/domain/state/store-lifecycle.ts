import { GuichetError } from '../errors.ts';
import type { StoreState } from '../store.ts';

/** The one state machine of a store's life: new -> opening -> open <-> degraded -> closing -> closed. */
export class StoreLifecycle {
  #state: StoreState = 'new';
  #since = Date.now();
  #opening: Promise<void> = Promise.resolve();

  get state(): StoreState {
    return this.#state;
  }

  /** Epoch ms of the last transition. */
  get since(): number {
    return this.#since;
  }

  /** Opens once; `work` says with `opened` that calls are answered. @throws GuichetError `closing` the second time */
  async open<T>(work: () => Promise<T>): Promise<T> {
    if (this.#state !== 'new') throw new GuichetError('closing', 'A store is opened once.');
    this.#to('opening');
    const running = work();
    this.#opening = running.then(
      () => {},
      () => {},
    );
    return running;
  }

  /** For a close: an opening under way has ended, so that nothing it still does comes behind the release of a lock. */
  whenOpened(): Promise<void> {
    return this.#opening;
  }

  /** Not when it is closing by then: a probe that succeeds late opens nothing. */
  opened(): void {
    if (this.#state === 'opening' || this.#state === 'degraded') this.#to('open');
  }

  /** Reads go on, writes are refused until it is `opened` again. */
  degraded(): void {
    if (this.#state === 'open') this.#to('degraded');
  }

  closing(): void {
    if (this.#state !== 'closed') this.#to('closing');
  }

  closed(): void {
    this.#to('closed');
  }

  /** Throws `closing` unless calls are answered. */
  requireOpen(): void {
    if (this.#state !== 'open' && this.#state !== 'degraded') throw new GuichetError('closing');
  }

  #to(state: StoreState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#since = Date.now();
  }
}
