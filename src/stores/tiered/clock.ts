/** Time as a chain sees it: tests bring one of their own and need not wait. */
export interface Clock {
  /** Epoch ms; the owner of the machine may set it forwards and back. */
  now(): number;
  /** Milliseconds since some moment, which nobody can set: for how long something lasts. */
  elapsed(): number;
  /** Calls once after so many ms; what it answers takes the call back. */
  after(ms: number, call: () => void): () => void;
}

/**
 * The machine's time. Its calls keep no process alive. A process that stood still (suspended, or busy) meets answers
 * and limits that are both due when it goes on: answers that came are heard first.
 */
export const SYSTEM_CLOCK: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after: (ms, call) => {
    let immediate: NodeJS.Immediate | undefined;
    const timer = setTimeout(() => {
      immediate = setImmediate(call);
    }, ms).unref();
    return () => {
      clearTimeout(timer);
      clearImmediate(immediate);
    };
  },
};
