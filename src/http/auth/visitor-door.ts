import type { Actor } from '../../domain/access.ts';
import { requireOpenAddress } from '../../domain/actions/blocks.ts';
import { contactOfSubject } from '../../domain/actions/register-visitor.ts';
import { isWelcome } from '../../domain/actions/visitor-tokens.ts';
import { GuichetError } from '../../domain/errors.ts';
import type { Contact } from '../../domain/model/directory.ts';
import type { Store } from '../../domain/store.ts';
import { type Identity, isIdentityToken, verifyIdentityToken } from './identity-token.ts';
import { VisitorTokens } from './visitor-tokens.ts';

/** Addresses kept for an agent who wants to block one. */
const ADDRESSES_MAX = 5000;

interface VisitorDoorOptions {
  readonly store: Store;
  readonly visitorTokens: VisitorTokens;
  readonly identitySecret: string;
  /** Only those whom the host site vouches for come in, with a token of the site on every call. */
  readonly requireIdentity: boolean;
}

/** Which visitor a token belongs to: one of ours, or one that the host site signed. */
export class VisitorDoor {
  readonly #options: VisitorDoorOptions;
  readonly #addresses = new Map<string, string>();

  constructor(options: VisitorDoorOptions) {
    this.#options = options;
  }

  static isFor(token: string): boolean {
    return VisitorTokens.isOne(token) || isIdentityToken(token);
  }

  get requiresIdentity(): boolean {
    return this.#options.requireIdentity;
  }

  /**
   * The visitor of a token, who comes from this address (see `addressKey`); `null` when it is worth nothing (any more).
   * @throws GuichetError `unauthorized` with the reason, for an identity token
   */
  async byToken(token: string, address?: string): Promise<Actor | null> {
    const actor = await this.#owner(token);
    if (actor !== null && address !== undefined) {
      await requireOpenAddress(this.#options, address);
      this.#remember(actor.id, address);
    }
    return actor;
  }

  /** What stands for the address that a visitor came from last; in memory only, and of the latest few thousand. */
  lastAddressOf(visitorId: string): string | undefined {
    return this.#addresses.get(visitorId);
  }

  #remember(visitorId: string, address: string): void {
    if (this.#addresses.get(visitorId) === address) return;
    this.#addresses.delete(visitorId);
    this.#addresses.set(visitorId, address);
    if (this.#addresses.size > ADDRESSES_MAX) this.#addresses.delete(this.#addresses.keys().next().value!);
  }

  async #owner(token: string): Promise<Actor | null> {
    if (isIdentityToken(token)) return this.#byIdentity(this.verify(token));
    if (this.#options.requireIdentity) {
      throw new GuichetError('unauthorized', 'This server asks for an identityToken of the site on every call.');
    }
    const said = this.#options.visitorTokens.verify(token);
    // A log that began anew does not know the visitors of the one before.
    const contact = said === null ? undefined : await this.#options.store.entry('contact', said.id);
    if (said === null || !isWelcome(contact, said.generation ?? 0)) return null;
    if (contact.blocked) throw new GuichetError('blocked');
    return { type: 'visitor', id: said.id, until: said.until };
  }

  /** What a token of the host site says. */
  verify(identityToken: string): Identity {
    const { identitySecret: secret, requireIdentity: required } = this.#options;
    return verifyIdentityToken(identityToken, { secret, required });
  }

  /** The token that a contact goes on with: the site's own where every call needs one, else one of ours. */
  tokenFor(contact: Contact, identityToken?: string): string {
    const { requireIdentity, visitorTokens } = this.#options;
    return requireIdentity && identityToken !== undefined ? identityToken : visitorTokens.issue(contact);
  }

  /**
   * The contact whose token this is, also when it was merged since: who comes with it and is known now takes along
   * what they began as nobody in particular.
   */
  async formerContact(token: string | undefined): Promise<Contact | undefined> {
    const said = token === undefined ? null : this.#options.visitorTokens.verify(token);
    const contact = said === null ? undefined : await this.#options.store.entry('contact', said.id);
    const isOwn = contact?.mergedInto !== undefined || isWelcome(contact, said?.generation ?? 0);
    return isOwn ? contact : undefined;
  }

  async #byIdentity({ sub, issuedAt, until }: Identity): Promise<Actor | null> {
    const { held } = await contactOfSubject(this.#options, sub);
    const from = held?.tokensFrom === undefined ? 0 : Date.parse(held.tokensFrom);
    // In whole seconds on the site's side: one that was signed in the very second of the revocation is worth nothing.
    const isRevoked = from > 0 && (issuedAt ?? 0) <= from;
    if (isRevoked || !isWelcome(held, Number.POSITIVE_INFINITY)) return null;
    if (held.blocked) throw new GuichetError('blocked');
    return { type: 'visitor', id: held.id, until };
  }
}
