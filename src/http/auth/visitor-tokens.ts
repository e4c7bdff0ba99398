import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Contact } from '../../domain/model/directory.ts';
import { keyFor } from './secrets.ts';

const VERSION = 'v1';
/** A token that was not renewed for so long is over; the widget renews its own every month. */
const LIFE_DAYS = 365;
const DAY_MS = 24 * 60 * 60 * 1000;

/** What a token of ours says. */
export interface VisitorToken {
  readonly id: string;
  /** Epoch ms. */
  readonly issuedAt: number;
  /** How often the tokens of this visitor had been revoked when it was made. */
  readonly generation?: number;
}

/**
 * Tokens of visitors: `v1.<payload>.<HMAC-SHA256>`, each bound to one visitor. Nothing is stored for them; they are
 * revoked by counting up the generation in the contact.
 */
export class VisitorTokens {
  readonly #key: string;
  readonly #now: () => number;

  /** @param now epoch ms */
  constructor(sessionSecret: string, now: () => number = Date.now) {
    this.#key = keyFor(sessionSecret, 'visitor tokens');
    this.#now = now;
  }

  issue({ id, tokenGeneration }: Pick<Contact, 'id' | 'tokenGeneration'>): string {
    const said: VisitorToken = {
      id,
      issuedAt: this.#now(),
      ...(tokenGeneration !== undefined && { generation: tokenGeneration }),
    };
    const payload = Buffer.from(JSON.stringify(said)).toString('base64url');
    return `${VERSION}.${payload}.${this.#sign(payload).toString('base64url')}`;
  }

  /** Whether a token claims to be a visitor's. */
  static isOne(token: string): boolean {
    return token.startsWith(`${VERSION}.`);
  }

  /** What the token says and when it is over (epoch ms); `null` for anything this server did not sign, or that is. */
  verify(token: string): (VisitorToken & { readonly until: number }) | null {
    const [version, payload = '', signature = '', ...rest] = token.split('.');
    if (version !== VERSION || rest.length > 0) return null;
    const given = Buffer.from(signature, 'base64url');
    const right = this.#sign(payload);
    if (given.length !== right.length || !timingSafeEqual(given, right)) return null;
    const said = JSON.parse(Buffer.from(payload, 'base64url').toString()) as VisitorToken;
    const until = said.issuedAt + LIFE_DAYS * DAY_MS;
    return until > this.#now() ? { ...said, until } : null;
  }

  #sign(payload: string): Buffer {
    return createHmac('sha256', this.#key).update(`${VERSION}.${payload}`).digest();
  }
}
