import { join } from 'node:path';
import type { StoreLifecycle } from '../../domain/state/store-lifecycle.ts';
import type { Mutex } from '../../lib/mutex.ts';
import type { Disk } from './disk.ts';
import { createFile, reasonOf, removeFile } from './disk-files.ts';
import type { Logger } from './logger.ts';

export interface DiskWatchOptions {
  readonly disk: Disk;
  /** Where the scratch file goes. */
  readonly directory: string;
  readonly logger: Logger;
  readonly lifecycle: StoreLifecycle;
  /** Rejects once the data directory is not where it was. */
  readonly requirePlace: () => Promise<void>;
  /** Held while the disk is tried. */
  readonly writing: Mutex;
  /** Resolves to whether there is a good segment to write to. */
  readonly ready: () => Promise<boolean>;
}

/** While writes fail, the disk is tried this often. */
const PROBE_MILLISECONDS = 1000;
/** Room for some batches. */
const PROBE_BYTES = 256 * 1024;

/** Moves a store between open and degraded: by what its writes meet, and by trying when there are none. */
export class DiskWatch {
  readonly #options: DiskWatchOptions;
  #error: string | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: DiskWatchOptions) {
    this.#options = options;
  }

  /** What the disk said last; null while it works. */
  get error(): string | null {
    return this.#error;
  }

  /** A write failed. */
  failed(error: unknown): void {
    const { lifecycle, logger } = this.#options;
    this.#error = `Writing to the journal failed: ${reasonOf(error)}`;
    if (lifecycle.state === 'open') logger.error(`${this.#error} Nothing of that batch was stored.`);
    lifecycle.degraded();
    if (lifecycle.state !== 'degraded') return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#probe();
    }, PROBE_MILLISECONDS).unref();
  }

  /** A write succeeded. */
  works(): void {
    if (this.#error === null) return;
    this.stop();
    this.#error = null;
    if (this.#options.lifecycle.state !== 'degraded') return;
    this.#options.lifecycle.opened();
    this.#options.logger.info('Writing to the journal works again.');
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #probe(): Promise<void> {
    const { disk, directory, lifecycle, writing, ready, requirePlace } = this.#options;
    return writing.run(async () => {
      if (lifecycle.state !== 'degraded') return;
      const scratch = join(directory, 'probe.tmp');
      try {
        await requirePlace();
        await removeFile(disk, scratch);
        await createFile(disk, scratch, Buffer.alloc(PROBE_BYTES, '\n'));
        await removeFile(disk, scratch);
        if (await ready()) this.works();
        else throw new Error('no new segment could be begun');
      } catch (error) {
        await removeFile(disk, scratch).catch(() => {});
        this.failed(error);
      }
    });
  }
}
