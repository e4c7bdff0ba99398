import { createHmac } from 'node:crypto';

export const IDENTITY_SECRET = 'an identity secret of a host site!';

/** An identity token as a host site would sign it. */
export const signIdentity = (
  claims: object,
  secret = IDENTITY_SECRET,
  header: object = { alg: 'HS256', typ: 'JWT' },
): string => {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part(header)}.${part(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
};

/** Now in whole seconds, as JWT counts, and so many later. */
export const secondsFromNow = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;
