import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';

/** A call that waits for its test. */
interface HeldCall {
  readonly what: string;
  /** Both resolve when whoever asked has had a turn. */
  answer(body: object): Promise<void>;
  fail(error: Error): Promise<void>;
}

/** An API of which every call waits until the test answers it. */
export class HeldCalls {
  readonly #held: HeldCall[] = [];

  /** What is asked and not answered yet. */
  get open(): string[] {
    return this.#held.map(({ what }) => what).toSorted((a, b) => a.localeCompare(b));
  }

  /** Asks; to be called by the API that the test makes up. */
  ask(what: string): Promise<never> {
    const { promise, resolve, reject } = Promise.withResolvers<never>();
    this.#held.push({
      what,
      answer: async (body) => {
        resolve(body as never);
        await turn();
      },
      fail: async (error) => {
        reject(error);
        await turn();
      },
    });
    return promise;
  }

  /** The oldest call of this kind that waits. Throws when there is none. */
  next(what: string): HeldCall {
    const at = this.#held.findIndex((call) => call.what === what);
    assert.ok(at >= 0, `${what} is asked for`);
    return this.#held.splice(at, 1)[0]!;
  }
}
