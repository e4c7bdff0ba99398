import { join } from 'node:path';
import type { LogHead } from '../../domain/store.ts';
import type { Disk } from './disk.ts';
import { asOutage, renewFile } from './disk-files.ts';
import { DiskWatch, type DiskWatchOptions } from './disk-watch.ts';
import { EpochStart } from './epoch-start.ts';
import type { EncodedBatch } from './journal-line.ts';
import type { Segment } from './journal-segment.ts';
import { type JournalEntry, JournalWriter } from './journal-writer.ts';
import type { Recovered } from './recovery.ts';

export interface EpochOptions extends Pick<DiskWatchOptions, 'logger' | 'lifecycle' | 'writing' | 'requirePlace'> {
  readonly disk: Disk;
  /** Of the store. */
  readonly directory: string;
  readonly now: () => number;
  /** The log as it stands; its segments are added to. */
  readonly held: { readonly head: LogHead; readonly segments: Segment[] };
  /** Writes the manifest that names the segment of this epoch. */
  readonly commit: () => Promise<void>;
}

/**
 * What a store writes between a start and its end: a segment of its own, in it first what no sync vouches for, for the
 * page cache is no evidence, then one batch behind the other; and what the disk says to that.
 */
export class Epoch {
  readonly #writer: JournalWriter;
  readonly #start: EpochStart;
  readonly #watch: DiskWatch;

  constructor({ lastSegmentNumber, begunSegment, unproven }: Recovered, options: EpochOptions) {
    const { disk, logger, lifecycle, writing, requirePlace, now, held, commit } = options;
    const directory = join(options.directory, 'journal');
    const { segments } = held;
    const { log, keeper, epoch, position } = held.head;
    const seam = unproven[0]?.after ?? position;
    const last = segments.at(-1);
    const isVouchedFor = last === undefined || last.number <= begunSegment || last.after < seam;
    this.#writer = new JournalWriter(
      { disk, directory, log, keeper: keeper!, epoch, segments, lastNumber: lastSegmentNumber, now, requirePlace },
      seam,
    );
    this.#start = new EpochStart(this.#writer, seam, unproven, {
      renew: async () => (isVouchedFor ? undefined : renewFile(disk, last.path)),
      commit,
    });
    this.#watch = new DiskWatch({
      ...{ disk, directory, logger, lifecycle, writing, requirePlace },
      ready: async () => {
        await this.#start.run();
        return this.#writer.restore(held.head.position);
      },
    });
  }

  /** Whether everything that had to be written first is. */
  get begun(): boolean {
    return this.#start.done;
  }

  /** What the disk said last; null while it works. */
  get error(): string | null {
    return this.#watch.error;
  }

  get segment(): number {
    return this.#writer.currentSegment;
  }

  /** Rejects with what is in the way; it is then tried again before every append, and while there is none. */
  begin(): Promise<void> {
    return this.#start.run();
  }

  /** Resolves when the batch is durable, rejects with an outage. */
  append(batch: JournalEntry): Promise<EncodedBatch> {
    return this.#start.done ? this.#writer.append(batch) : this.#beginAndAppend(batch);
  }

  async #beginAndAppend(batch: JournalEntry): Promise<EncodedBatch> {
    await this.#start.run().catch((error: unknown) => Promise.reject(asOutage(error)));
    return this.#writer.append(batch);
  }

  /** The next batch, behind `position`, begins a segment. */
  rotate(position: number): Promise<void> {
    return this.#writer.rotate(position);
  }

  /** A write failed: the store is degraded until one succeeds. */
  failed(error: unknown): void {
    this.#watch.failed(error);
  }

  works(): void {
    this.#watch.works();
  }

  /** The disk is not tried any longer. */
  rest(): void {
    this.#watch.stop();
  }

  close(): Promise<void> {
    return this.#writer.close();
  }
}
