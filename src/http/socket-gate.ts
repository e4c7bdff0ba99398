import { GuichetError } from '../domain/errors.ts';

/** Sockets that visitors, and those who have not said who they are, may have open at once. */
export const SOCKETS_PER_ADDRESS = 500;
export const SOCKETS_PER_VISITOR = 20;
/** All together; each costs some ten kilobytes. */
export const SOCKETS_MAX = 50_000;

/** Counts open sockets, so that nobody takes the room of everybody. */
export class SocketGate {
  readonly #counts = new Map<string, number>();
  readonly #refused: (budget: string) => void;
  #all = 0;

  /** @param refused told the name of the limit whenever one is met */
  constructor(refused: (budget: string) => void) {
    this.#refused = refused;
  }

  /** Room for one more from this address; the function answered gives it back, once. */
  enter(address: string): () => void {
    if (this.#all >= SOCKETS_MAX) this.#refuse('socketsOfAll');
    const leave = this.#take(`address ${address}`, SOCKETS_PER_ADDRESS, 'socketsPerAddress');
    this.#all += 1;
    return once(() => {
      this.#all -= 1;
      leave();
    });
  }

  /** The same for one who said to be this visitor. */
  enterAs(visitorId: string): () => void {
    return once(this.#take(`visitor ${visitorId}`, SOCKETS_PER_VISITOR, 'socketsPerVisitor'));
  }

  #take(key: string, max: number, budget: string): () => void {
    const count = this.#counts.get(key) ?? 0;
    if (count >= max) this.#refuse(budget);
    this.#counts.set(key, count + 1);
    return () => {
      const left = this.#counts.get(key)! - 1;
      if (left === 0) this.#counts.delete(key);
      else this.#counts.set(key, left);
    };
  }

  #refuse(budget: string): never {
    this.#refused(budget);
    throw new GuichetError('too_many_requests', 'Too many connections are open. Close one, or wait.', {
      retryAfter: 10,
    });
  }
}

const once = (work: () => void): (() => void) => {
  let isDone = false;
  return () => {
    if (!isDone) work();
    isDone = true;
  };
};
