/** Runs pieces of work one after another, in the order they were given. */
export class Mutex {
  #last: Promise<unknown> = Promise.resolve();

  /** Settles as the work does; a failure does not keep the next piece from running. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => {});
    return result;
  }
}
