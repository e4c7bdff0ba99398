/** What a key may spend: at once, and in the long run. */
export interface Rate {
  readonly burst: number;
  readonly perMinute: number;
}

interface Bucket {
  tokens: number;
  at: number;
}

/** Buckets held before those that are full again are swept out. */
const SWEEP_AT = 10_000;

/** Token buckets by key: each fills at a steady rate up to its burst, and each spending takes one token out. */
export class TokenBuckets {
  readonly #rate: Rate;
  readonly #now: () => number;
  readonly #buckets = new Map<string, Bucket>();
  #sweepAt = SWEEP_AT;

  /** @param now epoch ms */
  constructor(rate: Rate, now: () => number = Date.now) {
    this.#rate = rate;
    this.#now = now;
  }

  /**
   * Takes tokens out of the key's bucket. More than a bucket holds at all takes all that is in a full one.
   * @returns 0, or when the bucket does not hold as many the whole seconds after which it does
   */
  spend(key: string, amount = 1): number {
    const wait = this.wait(key, amount);
    if (wait === 0) this.#fill(key).tokens -= Math.min(amount, this.#rate.burst);
    return wait;
  }

  /** What {@link spend} would answer, without taking anything. */
  wait(key: string, amount = 1): number {
    const { tokens } = this.#fill(key);
    const wanted = Math.min(amount, this.#rate.burst);
    return tokens >= wanted ? 0 : Math.ceil(((wanted - tokens) * 60) / this.#rate.perMinute);
  }

  #fill(key: string): Bucket {
    const now = this.#now();
    const { burst, perMinute } = this.#rate;
    const bucket = this.#buckets.get(key) ?? { tokens: burst, at: now };
    // A clock that was set back must not empty a bucket.
    const passed = Math.max(0, now - bucket.at);
    bucket.tokens = Math.min(burst, bucket.tokens + (passed * perMinute) / 60_000);
    bucket.at = now;
    this.#buckets.set(key, bucket);
    if (this.#buckets.size > this.#sweepAt) this.#sweep(now);
    return bucket;
  }

  /** A bucket that is full again says no more than none: whoever invents keys must not fill the memory. */
  #sweep(now: number): void {
    const { burst, perMinute } = this.#rate;
    for (const [key, { tokens, at }] of this.#buckets) {
      if (tokens + ((now - at) * perMinute) / 60_000 >= burst) this.#buckets.delete(key);
    }
    this.#sweepAt = Math.max(SWEEP_AT, 2 * this.#buckets.size);
  }
}
