import { randomInt } from 'node:crypto';

/** Codes of an authenticator app (TOTP, RFC 6238): six digits that change every 30 seconds. */

const PERIOD_SECONDS = 30;
/** Steps that a clock may be off, to either side. */
const WINDOW = 1;
const RECOVERY_CODES = 10;
/** Without those that are taken for each other. */
const RECOVERY_ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789';
const RECOVERY_LENGTH = 16;

/** The library is loaded when somebody uses a second factor. */
const totpOf = async (secret: string, issuer = '', label = '') => {
  const { Secret, TOTP } = await import('otpauth');
  return new TOTP({ issuer, label, secret: Secret.fromBase32(secret), period: PERIOD_SECONDS });
};

/** A new secret, in base 32. */
export const newCodeSecret = async (): Promise<string> => {
  const { Secret } = await import('otpauth');
  return new Secret({ size: 20 }).base32;
};

/** What an app reads from a QR code. */
export const codeUri = async (secret: string, issuer: string, label: string): Promise<string> =>
  (await totpOf(secret, issuer, label)).toString();

/** The code of now; for tests and tools. */
export const codeOf = async (secret: string, now = Date.now()): Promise<string> =>
  (await totpOf(secret)).generate({ timestamp: now });

/**
 * The time step that a code belongs to, `undefined` when it is not right. A code counts once: whoever looked over a
 * shoulder has nothing, so the step must be later than the last one used.
 */
export const stepOfCode = async (
  secret: string,
  code: string,
  lastStep: number,
  now = Date.now(),
): Promise<number | undefined> => {
  if (!/^\d{6}$/.test(code)) return undefined;
  const delta = (await totpOf(secret)).validate({ token: code, timestamp: now, window: WINDOW });
  if (delta === null) return undefined;
  const step = Math.floor(now / 1000 / PERIOD_SECONDS) + delta;
  return step > lastStep ? step : undefined;
};

/** Codes for the day the app is lost, 79 bits each: `xxxx-xxxx-xxxx-xxxx`. */
export const newRecoveryCodes = (): string[] => Array.from({ length: RECOVERY_CODES }, newRecoveryCode);

const newRecoveryCode = (): string => {
  const letter = (): string => RECOVERY_ALPHABET[randomInt(RECOVERY_ALPHABET.length)]!;
  const letters = Array.from({ length: RECOVERY_LENGTH }, letter);
  return letters.join('').replace(/(.{4})(?=.)/g, '$1-');
};

/** A recovery code as it is compared, however it was typed. */
export const normalRecoveryCode = (code: string): string => code.toLowerCase().replace(/[^a-z0-9]/g, '');
