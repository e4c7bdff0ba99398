import { randomUUIDv7 } from 'node:crypto';
import { GuichetError } from '../../../domain/errors.ts';
import { type LogIdentity, newLogIdentity, sameLog } from '../../../domain/model/log-identity.ts';
import type { LogRecord } from '../../../domain/model/record.ts';
import type * as Port from '../../../domain/store.ts';
import { MemoryStore } from '../../memory/memory-store.ts';
import { FaultyDisk } from './faulty-disk.ts';

/** A disk in memory. */
export class FakeDisk extends FaultyDisk {
  keeper: string = randomUUIDv7();
  log: LogIdentity | undefined;
  epoch = 0;
  batches: Port.Batch[] = [];
  /** Records a process keeps one by one; older ones it answers from state. All when it is not said. */
  history: number | undefined;

  get position(): number {
    return this.batches.at(-1)?.through ?? 0;
  }

  get records(): readonly LogRecord[] {
    return this.batches.flatMap((batch) => batch.records);
  }

  async held(): Promise<readonly LogRecord[]> {
    return this.records;
  }

  async identity(): Promise<LogIdentity | undefined> {
    return this.log;
  }

  async mount({ log }: Port.OpenOptions): Promise<{ store: Port.Store; head: Port.LogHead }> {
    if (this.log !== undefined && log !== undefined && !sameLog(this.log, log)) {
      throw new GuichetError('refused', `${this.name} keeps another log.`);
    }
    this.log ??= log ?? newLogIdentity();
    const epoch = this.fence();
    const store = new MemoryStore(this.history === undefined ? {} : { history: this.history });
    await store.open({ log: this.log });
    for (const batch of this.batches) await store.append({ ...batch, log: this.log, epoch: 1 });
    this.inner = store;
    const { head } = await store.view({ conversations: [], messages: [], entries: [], agentEmails: [] });
    return { store, head: { ...head, epoch, keeper: this.keeper } };
  }

  unmount(store: Port.Store): void {
    if (this.inner === store) this.inner = undefined;
  }

  crash(): void {
    this.inner = undefined;
  }

  protected requireCurrent({ epoch }: Port.Batch): void {
    if (epoch !== this.epoch) throw new GuichetError('fenced');
  }

  protected async keep(batch: Port.Batch): Promise<void> {
    const isNext = batch.after === this.position;
    if (this.inner !== undefined) await this.inner.append({ ...batch, epoch: 1 });
    else if (!isNext) throw new GuichetError('fenced');
    if (isNext && batch.through > batch.after) this.batches.push(batch);
  }

  /** A new epoch: what an older one began will never be done. */
  fence(): number {
    this.epoch += 1;
    this.giveUp(new GuichetError('fenced'));
    return this.epoch;
  }

  /** A new disk in its place. */
  wipe(): void {
    this.giveUp(new GuichetError('unavailable'));
    this.keeper = randomUUIDv7();
    this.log = undefined;
    this.epoch = 0;
    this.batches = [];
    this.inner = undefined;
  }
}
