import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { StoreUrl } from '../../config/store-url.ts';

/** A path of a socket is cut off at this length by some systems, which would then be another's. */
const PATH_MAX = 100;

/**
 * Where the server of these stores can be talked to by its own user: a socket in the data directory or beside the file
 * of SQLite, a named pipe on Windows; `undefined` where neither is, or the path is too long for one.
 */
export const controlPath = (stores: readonly StoreUrl[]): string | undefined => {
  const own = stores.find((url) => url.kind === 'file') ?? stores.find((url) => url.kind === 'sqlite');
  if (own === undefined) return undefined;
  const { kind, path } = own;
  if (process.platform === 'win32') {
    return `\\\\.\\pipe\\guichet-${createHash('sha256').update(path.toLowerCase()).digest('hex').slice(0, 32)}`;
  }
  const socket = kind === 'file' ? join(path, 'control.sock') : `${path}.sock`;
  return Buffer.byteLength(socket) > PATH_MAX ? undefined : socket;
};
