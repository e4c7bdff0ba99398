import type { Clock } from '../clock.ts';

interface Call {
  readonly at: number;
  readonly call: () => void;
}

/** Time that passes only when a test says so. */
export class VirtualClock implements Clock {
  #now = Date.UTC(2025, 0, 6, 8);
  /** What {@link elapsed} is ahead of the clock on the wall. */
  #ahead = 0;
  readonly #calls = new Set<Call>();

  now(): number {
    return this.#now;
  }

  elapsed(): number {
    return this.#now + this.#ahead;
  }

  /** Somebody sets the clock on the wall, without any time passing. */
  set(by: number): void {
    this.#now += by;
    this.#ahead -= by;
  }

  after(ms: number, call: () => void): () => void {
    const due = { at: this.elapsed() + ms, call };
    this.#calls.add(due);
    return () => this.#calls.delete(due);
  }

  /** How many calls wait for their time. */
  get waiting(): number {
    return this.#calls.size;
  }

  /** Lets time pass; what falls due is called in order, each at its time. */
  advance(ms: number): void {
    const end = this.elapsed() + ms;
    for (;;) {
      const next = [...this.#calls].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#calls.delete(next);
      this.#now = next.at - this.#ahead;
      next.call();
    }
    this.#now = end - this.#ahead;
  }
}

/** Lets everything happen that waits for nothing but its turn. */
export const settled = async (): Promise<void> => {
  for (let i = 0; i < 3; i += 1) await new Promise((resolve) => setImmediate(resolve));
};

const STEP_MS = 2000;

/**
 * Waits for work while time passes in steps, as long as somebody waits for time.
 * @param ended stops it, with nothing, when it resolves first
 * @param moves work that takes time of its own, while there is any: no other passes meanwhile
 */
export const inTime = async <T>(
  clock: VirtualClock,
  work: Promise<T>,
  ended: Promise<void> = new Promise(() => {}),
  moves: () => Promise<unknown> | undefined = () => undefined,
): Promise<T | undefined> => {
  let isOver = false;
  const over = (): void => {
    isOver = true;
  };
  const first = Promise.race([work, ended.then(() => undefined)]);
  first.then(over, over);
  for (;;) {
    await settled();
    if (isOver) return first;
    const underWay = moves();
    if (underWay !== undefined) await underWay;
    else if (clock.waiting > 0) clock.advance(STEP_MS);
  }
};
