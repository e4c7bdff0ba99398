import type { JournalBatch } from './journal-reader.ts';
import type { JournalWriter } from './journal-writer.ts';

/**
 * What a start has to write before anything new may be: a segment of the new epoch, in it once more the batches that
 * no sync vouches for, and the manifest that names it. On a full disk it cannot be done at once; it is then tried
 * again, from where it stopped, before every append.
 */
export class EpochStart {
  readonly #writer: JournalWriter;
  readonly #seam: number;
  readonly #unproven: readonly JournalBatch[];
  readonly #renew: () => Promise<void>;
  readonly #commit: () => Promise<void>;
  #isRenewed = false;
  /** Batches repeated in the segment that is open. */
  #repeated = -1;
  #done = false;

  /**
   * @param renew syncs the segment that the new one goes on from, where no sync vouches for that one
   * @param commit writes the manifest
   */
  constructor(
    writer: JournalWriter,
    seam: number,
    unproven: readonly JournalBatch[],
    { renew, commit }: { readonly renew: () => Promise<void>; readonly commit: () => Promise<void> },
  ) {
    this.#writer = writer;
    this.#seam = seam;
    this.#unproven = unproven;
    this.#renew = renew;
    this.#commit = commit;
  }

  get done(): boolean {
    return this.#done;
  }

  /** Does what is left of it; rejects with the outage that is in the way. */
  async run(): Promise<void> {
    if (this.#done) return;
    if (!this.#isRenewed) {
      await this.#renew();
      this.#isRenewed = true;
    }
    // A segment that was given up takes what was repeated in it along: the next one begins at the seam again.
    if (!this.#writer.ready) this.#repeated = -1;
    if (this.#repeated < 0) {
      await this.#writer.rotate(this.#seam);
      this.#repeated = 0;
    }
    while (this.#repeated < this.#unproven.length) {
      await this.#writer.append(this.#unproven[this.#repeated]!);
      this.#repeated += 1;
    }
    await this.#commit();
    this.#done = true;
  }
}
