import { GuichetError } from '../../../src/domain/errors.ts';
import type { LogIdentity } from '../../../src/domain/model/log-identity.ts';
import type { LogRecord } from '../../../src/domain/model/record.ts';
import type { Batch, LogHead, OpenOptions, Store } from '../../../src/domain/store.ts';
import { FaultyDisk, type Pending } from '../../../src/stores/tiered/testing/faulty-disk.ts';

/** A real store behind the faults of a walk. A process that crashed has its store taken away without a word. */
export abstract class KeptDisk extends FaultyDisk {
  keeper = '';

  /** A store for the next process, at what the last one left. */
  protected abstract make(): Promise<Store>;

  async identity(): Promise<LogIdentity | undefined> {
    const store = await this.make();
    try {
      return await store.identity();
    } finally {
      await store.close();
    }
  }

  async mount(options: OpenOptions): Promise<{ store: Store; head: LogHead }> {
    const former = this.inner;
    const store = await this.make();
    const head = await store.open(options);
    this.inner = store;
    this.keeper = head.keeper!;
    for (const pending of this.giveUp(new GuichetError('fenced'))) await this.arriveLate(pending);
    await former?.close();
    return { store, head };
  }

  /** What another process had begun comes in now, at the worst of all moments: nothing has moved since. */
  protected async arriveLate(_pending: Pending): Promise<void> {}

  unmount(): void {
    // Whoever opens it next closes it.
  }

  crash(): void {
    // What it left is looked at when somebody opens it again.
  }

  protected requireCurrent(): void {
    // The store itself knows who opened it last.
  }

  protected async keep(batch: Batch, by: Store | undefined): Promise<void> {
    await by!.append(batch);
  }

  async held(): Promise<readonly LogRecord[]> {
    return this.inner === undefined ? [] : (await this.inner.recordsSince(0, 10_000)).records;
  }

  /** Closes everything, when the walk is over. */
  async end(): Promise<void> {
    await this.inner?.close();
  }
}
