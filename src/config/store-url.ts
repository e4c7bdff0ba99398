import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { UsageError } from './usage-error.ts';

/**
 * A place where a log is kept, as chosen with --store. `name` is for people and logs: it never holds a password.
 */
export type StoreUrl =
  | { readonly kind: 'memory'; readonly name: string }
  | { readonly kind: 'file'; readonly name: string; readonly path: string }
  | { readonly kind: 'sqlite'; readonly name: string; readonly path: string }
  | { readonly kind: 'postgres' | 'mysql'; readonly name: string; readonly url: URL };

const SCHEMES: Readonly<Record<string, StoreUrl['kind']>> = {
  memory: 'memory',
  file: 'file',
  sqlite: 'sqlite',
  postgres: 'postgres',
  postgresql: 'postgres',
  mysql: 'mysql',
  mariadb: 'mysql',
};
const EXAMPLES = {
  memory: 'memory:',
  file: 'file:./data',
  sqlite: 'sqlite:./chat.db',
  postgres: 'postgres://user:password@host/database',
  mysql: 'mysql://user:password@host/database',
} as const;

/** A comma may be part of a path or a password; only one in front of a scheme we know separates. */
const SEPARATOR = new RegExp(`,\\s*(?=(?:${Object.keys(SCHEMES).join('|')}):)`, 'i');

/** Hides what a mistyped or complete URL may hold in secrets, whether or not it parses. */
export const maskUrl = (text: string): string =>
  text.replace(/:\/\/.*@/s, '://***@').replace(/([?&][^=&]*(?:pass|secret|token|key)[^=&]*=)[^&]*/gi, '$1***');

const expandHome = (path: string): string =>
  // A shell expands ~ only at the start of a word, so `file:~/data` arrives as it was typed.
  path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : path;

const parsePath = (rest: string): string | undefined => {
  // `file:///srv/data` is the form of browsers; a host name between the slashes is not a path of ours.
  const path = rest.startsWith('//') ? rest.slice(2) : rest;
  if (path === '' || path.includes('\0') || (rest.startsWith('//') && !path.startsWith('/'))) return undefined;
  return resolve(expandHome(path));
};

const parseDatabase = (kind: 'postgres' | 'mysql', rest: string): URL | undefined => {
  const url = URL.parse(`${kind}:${rest}`);
  return url?.hostname && url.pathname.length > 1 ? url : undefined;
};

const parseStoreUrl = (text: string): StoreUrl => {
  const colon = text.indexOf(':');
  const scheme = text.slice(0, Math.max(0, colon)).toLowerCase();
  const kind = Object.hasOwn(SCHEMES, scheme) ? SCHEMES[scheme] : undefined;
  if (!kind) throw new UsageError({ code: 'store_unknown', store: maskUrl(text) });
  const rest = text.slice(colon + 1);
  const incomplete = () => new UsageError({ code: 'store_incomplete', store: maskUrl(text), example: EXAMPLES[kind] });

  if (kind === 'memory') {
    if (rest !== '') throw incomplete();
    return { kind, name: 'memory:' };
  }
  if (kind === 'file' || kind === 'sqlite') {
    const path = parsePath(rest);
    if (path === undefined) throw incomplete();
    return { kind, name: `${kind}:${rest}`, path };
  }
  const url = rest.startsWith('//') ? parseDatabase(kind, rest) : undefined;
  if (!url) throw incomplete();
  return { kind, name: `${kind}://${url.host}${url.pathname}`, url };
};

/** Two URLs with the same identity are the same place, whatever they are spelt like. */
const identity = (store: StoreUrl): string => {
  if (store.kind === 'memory') return store.kind;
  return 'path' in store ? store.path : `${store.kind}://${store.url.host}${store.url.pathname}`;
};

/**
 * Reads `memory:`, `file:DIR`, `sqlite:FILE`, `postgres://...`, `mysql://...`, or several in order of preference.
 * Paths are made absolute from the working directory.
 * @throws UsageError for an unknown scheme, a missing part, a store named twice, memory anywhere but last
 */
export const parseStoreUrls = (text: string): readonly [StoreUrl, ...StoreUrl[]] => {
  const [first, ...others] = text
    .trim()
    .split(SEPARATOR)
    .map((part) => parseStoreUrl(part.trim()));
  if (!first) throw new UsageError({ code: 'store_unknown', store: '' });
  const stores = [first, ...others] as const;
  const seen = new Set<string>();
  for (const [index, store] of stores.entries()) {
    if (seen.has(identity(store))) throw new UsageError({ code: 'store_repeated', store: store.name });
    seen.add(identity(store));
    // Memory first would acknowledge into nothing while a disk stands idle.
    if (store.kind === 'memory' && index < stores.length - 1) throw new UsageError({ code: 'store_memory_not_last' });
  }
  return stores;
};

/** For commands that take exactly one store. */
export const parseSingleStoreUrl = (text: string, flag: string): StoreUrl => {
  const [store, ...others] = parseStoreUrls(text);
  if (others.length > 0) throw new UsageError({ code: 'store_single', flag });
  return store;
};

/** Where this machine keeps what is in no log: secrets. Null when every store is elsewhere or forgets. */
export const ownDirectory = (stores: readonly StoreUrl[]): string | null => {
  const own = stores.find((url) => url.kind === 'file') ?? stores.find((url) => url.kind === 'sqlite');
  if (own === undefined) return null;
  return own.kind === 'file' ? own.path : dirname(own.path);
};

/** Where the daily backups of these stores go; null when there is no such place. */
export const backupDirectory = (stores: readonly StoreUrl[], given: string | null): string | null => {
  const home = stores.find((url) => url.kind === 'file');
  return given ?? (home === undefined ? null : join(home.path, 'backup'));
};
