import { createHash, timingSafeEqual } from 'node:crypto';

/** What a random secret is known by: enough for one that cannot be guessed, and of no use to whoever reads it. */
export const secretHash = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** Whether a secret belongs to a hash, in a time that tells nothing. */
export const isSecretOf = (secret: string, hash: string): boolean => {
  const given = Buffer.from(secretHash(secret));
  const right = Buffer.from(hash);
  return given.length === right.length && timingSafeEqual(given, right);
};
