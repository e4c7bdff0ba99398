import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { GuichetError } from '../../domain/errors.ts';

const TOKEN_BYTES = 24;

/** The right to make the first admin: one token, good once, for as long as the server runs. */
export class SetUpLink {
  readonly token = randomBytes(TOKEN_BYTES).toString('base64url');
  #state: 'open' | 'inUse' | 'used' = 'open';

  /**
   * Runs `work` with the right. Two at once: one gets it, the other `not_found`. When the work fails the right is there
   * again, for a password that was too short must not lock the owner out.
   * @throws GuichetError `not_found` for another token, and for any once the right was used
   */
  async use<T>(token: string, work: () => Promise<T>): Promise<T> {
    if (this.#state !== 'open' || !this.#is(token)) throw new GuichetError('not_found');
    this.#state = 'inUse';
    try {
      const result = await work();
      this.#state = 'used';
      return result;
    } finally {
      if (this.#state === 'inUse') this.#state = 'open';
    }
  }

  #is(token: string): boolean {
    const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
    return timingSafeEqual(digest(token), digest(this.token));
  }
}
