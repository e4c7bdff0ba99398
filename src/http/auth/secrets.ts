import { createHmac, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GuichetError } from '../../domain/errors.ts';
import { replaceFile } from '../../lib/replace-file.ts';

/** The keys of our tokens and of the identity tokens that a host site signs. */
export interface Secrets {
  readonly sessionSecret: string;
  readonly identitySecret: string;
}

interface Given {
  readonly sessionSecret: string | null;
  readonly identitySecret: string | null;
}

const FILE = 'secrets.json';
const SECRET_BYTES = 32;
const OWNER_ONLY = 0o600;

/**
 * Secrets given from outside, else those of `secrets.json` in the data directory, else new ones, which are put there.
 * Without a directory they last as long as the process. To be called by the holder of the directory's lock.
 * @throws GuichetError `refused` when the file is there and cannot be understood: made anew, it would end every session
 */
export const loadSecrets = async (directory: string | null, given: Given): Promise<Secrets> => {
  const { sessionSecret, identitySecret } = given;
  if (sessionSecret !== null && identitySecret !== null) return { sessionSecret, identitySecret };
  const held = directory === null ? {} : await readSecrets(join(directory, FILE));
  const kept = { sessionSecret: held.sessionSecret ?? newSecret(), identitySecret: held.identitySecret ?? newSecret() };
  const isNew = held.sessionSecret === undefined || held.identitySecret === undefined;
  if (directory !== null && isNew) await writeSecrets(join(directory, FILE), { ...held, ...kept });
  return {
    sessionSecret: sessionSecret ?? kept.sessionSecret,
    identitySecret: identitySecret ?? kept.identitySecret,
  };
};

/** A key for one purpose, so that what is signed for one is worth nothing for another. */
export const keyFor = (secret: string, purpose: string): string =>
  createHmac('sha256', secret).update(`guichet ${purpose}`).digest('hex');

const newSecret = (): string => randomBytes(SECRET_BYTES).toString('hex');

const readSecrets = async (path: string): Promise<Partial<Secrets>> => {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new GuichetError('refused', `${path} cannot be read. Give it back to the user of this server.`, { cause });
  }
  const advice = 'Put back a copy of it, or remove it: then everybody has to sign in again.';
  try {
    const held = JSON.parse(text) as Record<string, unknown>;
    const isSecret = (value: unknown): boolean => value === undefined || (typeof value === 'string' && value !== '');
    if (isSecret(held.sessionSecret) && isSecret(held.identitySecret)) return held;
  } catch {
    // said below, like a file that holds something else
  }
  throw new GuichetError('refused', `${path} holds no secrets that can be understood. ${advice}`);
};

const writeSecrets = async (path: string, secrets: Secrets): Promise<void> => {
  try {
    await replaceFile(path, `${JSON.stringify(secrets, null, 2)}\n`, OWNER_ONLY);
  } catch (cause) {
    throw new GuichetError('unavailable', `${path} cannot be written.`, { cause });
  }
};
