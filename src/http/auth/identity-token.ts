import { createHmac, timingSafeEqual } from 'node:crypto';
import { GuichetError } from '../../domain/errors.ts';

/** What a host site says of its visitor. */
export interface Identity {
  readonly sub: string;
  readonly name: string | undefined;
  readonly email: string | undefined;
  readonly locale: string | undefined;
  /** When it was signed, epoch ms; `undefined` when it does not say. */
  readonly issuedAt: number | undefined;
  /** When it is over, epoch ms. */
  readonly until: number;
}

interface Terms {
  readonly secret: string;
  /** The token is what every call comes with, so that it must be short-lived and say when it was signed. */
  readonly required: boolean;
  /** Epoch ms. */
  readonly now?: number;
}

/** Clocks of two machines differ. */
const LEEWAY_SECONDS = 60;
/** Longest life of a token that is required on every call: who got hold of one has it for a day at most. */
const LIFE_MAX_SECONDS = 24 * 60 * 60;

/** Whether a token has the form of an identity token: three parts, the first of them JSON. */
export const isIdentityToken = (token: string): boolean => /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/.test(token);

/**
 * Verifies an identity token: a JWT (RFC 7519) signed by the host site with HS256 and IDENTITY_SECRET. It must name a
 * `sub` and end (`exp`); `nbf` and `iat` count when they are there. Any other algorithm is refused, whatever it is
 * signed with (RFC 8725, 3.1).
 * @throws GuichetError `unauthorized` with the reason
 */
export const verifyIdentityToken = (token: string, { secret, required, now = Date.now() }: Terms): Identity => {
  const [header = '', payload = '', signature = '', ...rest] = token.split('.');
  const right = createHmac('sha256', secret).update(`${header}.${payload}`).digest();
  const given = Buffer.from(signature, 'base64url');
  const isSigned = rest.length === 0 && given.length === right.length && timingSafeEqual(given, right);
  if (!isSigned || parse(header).alg !== 'HS256') throw refusal('is not signed with the secret of this server');
  const claims = parse(payload);
  const seconds = now / 1000;
  const { exp, nbf, iat } = claims;
  if (typeof exp !== 'number' || exp + LEEWAY_SECONDS <= seconds) throw refusal('is over, or has no end');
  for (const time of [nbf, iat]) {
    if (time !== undefined && typeof time !== 'number') throw refusal('holds a time that is no number');
    if (time !== undefined && time - LEEWAY_SECONDS > seconds) throw refusal('is not valid yet');
  }
  if (required) {
    if (typeof iat !== 'number') throw refusal('does not say when it was signed (iat)');
    if (exp - iat > LIFE_MAX_SECONDS) throw refusal('lasts longer than a day');
  }
  if (typeof claims.sub !== 'string' || claims.sub === '') throw refusal('names no subject');
  const text = (name: string): string | undefined => {
    const value = claims[name];
    return typeof value === 'string' ? value : undefined;
  };
  return {
    sub: claims.sub,
    name: text('name'),
    email: text('email'),
    locale: text('locale'),
    issuedAt: typeof iat === 'number' ? iat * 1000 : undefined,
    until: (exp + LEEWAY_SECONDS) * 1000,
  };
};

const refusal = (reason: string): GuichetError => new GuichetError('unauthorized', `The identityToken ${reason}.`);

const parse = (part: string): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // said below, like JSON that is no object
  }
  throw refusal('is not a JSON Web Token');
};
