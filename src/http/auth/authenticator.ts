import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Actor } from '../../domain/access.ts';
import { sessionOwner } from '../../domain/actions/agent-sessions.ts';
import { apiKeyOwner, isApiKey } from '../../domain/actions/api-keys.ts';
import { GuichetError } from '../../domain/errors.ts';
import type { Store } from '../../domain/store.ts';
import type { Origins } from './origins.ts';
import { sessionCookieOf } from './session-cookie.ts';
import { VisitorDoor } from './visitor-door.ts';

const ADMIN: Actor = { type: 'agent', id: 'admin', role: 'admin', automation: true };

/** Calls that change nothing, so that a page of another site may as well make them. */
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

interface AuthenticatorOptions {
  readonly store: Store;
  readonly visitors: VisitorDoor;
  readonly adminToken: string | null;
  readonly origins: Origins;
}

/** Names whom a page with a cookie takes itself for, percent-encoded: ids may hold what a header may not. */
const AS = 'guichet-as';

/** Makes an actor of a token or a cookie: the one place that knows what they look like. */
export class Authenticator {
  readonly #options: AuthenticatorOptions;

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
  }

  /** The owner of a token, `null` when it is worth nothing (any more). */
  async byToken(token: string, address?: string): Promise<Actor | null> {
    const { store, visitors, adminToken } = this.#options;
    if (VisitorDoor.isFor(token)) return visitors.byToken(token, address);
    if (adminToken !== null && isSame(token, adminToken)) return ADMIN;
    return isApiKey(token) ? apiKeyOwner({ store }, token) : sessionOwner({ store }, token);
  }

  /** The automation whose token a request carries; `null` for everybody else, with or without a token. */
  async automation(headers: IncomingHttpHeaders): Promise<Actor | null> {
    const token = bearerOf(headers);
    if (token === undefined) return null;
    if (isApiKey(token)) return apiKeyOwner(this.#options, token);
    const { adminToken } = this.#options;
    return adminToken !== null && isSame(token, adminToken) ? ADMIN : null;
  }

  /** The token in the console's cookie. */
  cookieOf(headers: IncomingHttpHeaders): string | undefined {
    return sessionCookieOf(headers, this.#options.origins.isSecure(headers));
  }

  /** The token that a request carries, in whichever way. */
  tokenOf(headers: IncomingHttpHeaders): string | undefined {
    return bearerOf(headers) ?? this.cookieOf(headers);
  }

  /** The owner of the console's cookie, `null` without a valid one. */
  async byCookie(headers: IncomingHttpHeaders): Promise<Actor | null> {
    const token = this.cookieOf(headers);
    return token === undefined ? null : sessionOwner(this.#options, token);
  }

  /**
   * The caller of a request, `null` when it comes without a token or cookie.
   * @throws GuichetError `unauthorized` for a token that is worth nothing, and for the cookie of somebody else than the
   *   page takes itself for; `origin_refused` for a change that comes by
   *   cookie and not from a page of ours
   */
  async caller(method: string, headers: IncomingHttpHeaders, address?: string): Promise<Actor | null> {
    const { authorization } = headers;
    if (authorization !== undefined) {
      const token = bearerOf(headers);
      const actor = token === undefined ? null : await this.byToken(token, address);
      if (actor === null) throw new GuichetError('unauthorized');
      return actor;
    }
    const actor = await this.byCookie(headers);
    // A page that was opened by one agent and comes back with the cookie of the next must not act as that one.
    const as = headers[AS];
    if (as !== undefined && as !== encodeURIComponent(actor?.id ?? '')) throw new GuichetError('unauthorized');
    if (actor !== null && !SAFE_METHODS.has(method) && !this.#options.origins.isFromOwnPage(headers)) {
      throw new GuichetError('origin_refused', 'A change with the cookie of the console must come from its own page.');
    }
    return actor;
  }
}

/** The token of `Authorization: Bearer TOKEN`. */
export const bearerOf = (headers: IncomingHttpHeaders): string | undefined =>
  /^Bearer +([^\s]+) *$/i.exec(headers.authorization ?? '')?.[1];

/** Compares in a time that tells nothing; hashes have one length whatever was sent. */
const isSame = (a: string, b: string): boolean => {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
};
