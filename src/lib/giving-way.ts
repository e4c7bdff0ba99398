/** This long after the last of it nobody is waited for any more. */
const BUSY_MS = 1000;
/** What people wait for has the disk, or the database, for so many times as long as the work behind it. */
const SHARE = 20;

/** Lets work in the background give way to what people wait for, and go on at full speed when there is none. */
export class GivingWay {
  /** By the clock that nobody sets. */
  #busyUntil = 0;
  #resting: NodeJS.Timeout | undefined;

  /** Something came that people wait for. */
  busy(): void {
    this.#busyUntil = performance.now() + BUSY_MS;
  }

  get isBusy(): boolean {
    return performance.now() < this.#busyUntil;
  }

  /**
   * Between two pieces of the work: where the last one was in somebody's way, rests in proportion to it.
   * @param from when it was begun, by `performance.now()`
   */
  async restSince(from: number): Promise<void> {
    if (from >= this.#busyUntil) return;
    const ms = (performance.now() - from) * SHARE;
    await new Promise<void>((over) => {
      this.#resting = setTimeout(over, ms).unref();
    });
  }

  /** Ends a rest for good: what comes behind it is not done any more. */
  stop(): void {
    clearTimeout(this.#resting);
  }
}
