import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { Mutex } from './mutex.ts';

/** Argon2id as the OWASP Password Storage Cheat Sheet recommends it: 19 MiB, 2 passes, 1 lane. */
const COST = { memory: 19_456, passes: 2, parallelism: 1 } as const;
const TAG_BYTES = 32;
const SALT_BYTES = 16;

/** Most that a stored hash may ask for, so that a foreign one cannot stop the server. */
const MEMORY_MAX_KIB = 1_048_576;
const PASSES_MAX = 64;

interface Parameters {
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
  readonly salt: Buffer;
  readonly tag: Buffer;
}

const derive = promisify(argon2);

/** One at a time: hashing and syncing files share the threads of libuv, and a chat waits for its syncs. */
const turn = new Mutex();
let waiting = 0;

/** Hashes that are being made or wait for their turn. */
export const hashesWaiting = (): number => waiting;

const hash = async (password: string, { memory, passes, parallelism, salt, tag }: Parameters): Promise<Buffer> => {
  const parameters = { message: password, nonce: salt, memory, passes, parallelism, tagLength: tag.length };
  waiting += 1;
  try {
    return await turn.run(() => derive('argon2id', parameters));
  } finally {
    waiting -= 1;
  }
};

/** A password as an argon2id hash in PHC string format, with a salt of its own. */
export const hashPassword = async (password: string): Promise<string> => {
  const salt = randomBytes(SALT_BYTES);
  const tag = await hash(password, { ...COST, salt, tag: Buffer.alloc(TAG_BYTES) });
  const { memory, passes, parallelism } = COST;
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${base64(salt)}$${base64(tag)}`;
};

/**
 * Whether a password belongs to a stored hash. Without a hash, or with one that is none, the work is the same and the
 * answer false: how long it takes tells nobody whether there is such an account.
 */
export const verifyPassword = async (password: string, stored: string | undefined): Promise<boolean> => {
  const parameters = stored === undefined ? undefined : parse(stored);
  const { salt, tag, ...cost } = parameters ?? { ...COST, salt: randomBytes(SALT_BYTES), tag: randomBytes(TAG_BYTES) };
  const given = await hash(password, { ...cost, salt, tag });
  return parameters !== undefined && timingSafeEqual(given, tag);
};

const PHC = /^\$argon2id\$v=19\$m=(\d{1,9}),t=(\d{1,3}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

const parse = (stored: string): Parameters | undefined => {
  const [, memory, passes, parallelism, salt, tag] = PHC.exec(stored) ?? [];
  if (salt === undefined || tag === undefined) return undefined;
  const cost = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) };
  if (cost.memory > MEMORY_MAX_KIB || cost.memory < 8 * cost.parallelism) return undefined;
  if (cost.passes < 1 || cost.passes > PASSES_MAX || cost.parallelism < 1) return undefined;
  return { ...cost, salt: Buffer.from(salt, 'base64'), tag: Buffer.from(tag, 'base64') };
};

/** PHC strings use base64 without padding. */
const base64 = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '');
