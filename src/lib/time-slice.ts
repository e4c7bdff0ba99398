import { setImmediate } from 'node:timers/promises';

/** Longest time in milliseconds that background work keeps the event loop to itself. */
const SLICE_MILLISECONDS = 2;

/** Cuts long work into slices: `await slice.pause()` gives way to others when the slice is over. */
export class TimeSlice {
  #began = performance.now();

  /** Whether it is time to give way; for loops too tight to await each time. */
  get over(): boolean {
    return performance.now() - this.#began >= SLICE_MILLISECONDS;
  }

  async pause(): Promise<void> {
    if (!this.over) return;
    await setImmediate();
    this.#began = performance.now();
  }
}
