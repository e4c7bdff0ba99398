import type { StoreUrl } from '../config/store-url.ts';
import { type CheckReport, NOTHING_COUNTED } from '../domain/check-report.ts';
import { GuichetError } from '../domain/errors.ts';
import type { Store } from '../domain/store.ts';
import { verifyFileStore } from './file/check.ts';
import { FileStore, type FileStoreOptions } from './file/file-store.ts';
import { MemoryStore } from './memory/memory-store.ts';
import { MysqlDriver } from './mysql/mysql-driver.ts';
import { PostgresDriver } from './postgres/postgres-driver.ts';
import { verifySqlStore } from './sql/check.ts';
import type { Dialect, Driver } from './sql/dialect.ts';
import { SqlRemains } from './sql/repair/sql-remains.ts';
import { SqlStore } from './sql/sql-store.ts';
import { SqliteDriver } from './sqlite/sqlite-driver.ts';
import { type TieredOptions, TieredStore } from './tiered/tiered-store.ts';

/** What stores of some kind are told beside their place. */
export type StoreOptions = Pick<
  FileStoreOptions,
  'snapshotEverySeconds' | 'closeSeconds' | 'timezone' | 'logger' | 'past' | 'backedUp' | 'filling'
>;

/** What a chain of stores is told. */
export interface ChainOptions extends StoreOptions, Pick<TieredOptions, 'timeoutMs' | 'tell'> {
  /** Stores that are given up (FB-7). */
  readonly leaveBehind?: readonly StoreUrl[];
}

/**
 * A store for a URL, not opened yet; to try again after an outage takes a new one.
 */
export const createStore = (url: StoreUrl, options: StoreOptions = {}): Store => {
  if (url.kind === 'memory') return new MemoryStore();
  if (url.kind === 'file') return new FileStore({ ...options, directory: url.path });
  return new SqlStore(driverOf(url), options);
};

export type DatabaseUrl = Extract<StoreUrl, { kind: Dialect['kind'] }>;

/** Connects nowhere yet, and loads nothing that another kind does without. */
const driverOf = (url: DatabaseUrl): Driver => {
  if (url.kind === 'sqlite') return new SqliteDriver(url.name, url.path);
  return url.kind === 'postgres' ? new PostgresDriver(url.name, url.url) : new MysqlDriver(url.name, url.url);
};

/** What the verification of its kind says of the store at a place; reads only, also beside a running server. */
export const verifyStore = async (url: StoreUrl): Promise<CheckReport> => {
  if (url.kind === 'memory') return { ok: true, findings: [], counts: NOTHING_COUNTED };
  return url.kind === 'file' ? verifyFileStore(url.path) : verifySqlStore(driverOf(url));
};

/** What is left of the log in a database, whatever is wrong with it; writes nothing. */
export const remainsIn = async (url: DatabaseUrl): Promise<SqlRemains> => {
  const driver = driverOf(url);
  try {
    return await SqlRemains.of(driver);
  } finally {
    await driver.close();
  }
};

/**
 * A store opened to be read: where its kind can, beside a running server and without writing anything.
 * @throws GuichetError `refused` where nothing is kept
 */
export const openForReading = async (url: StoreUrl, options: StoreOptions = {}): Promise<Store> => {
  const store = createStore(url, options);
  try {
    if (!store.capabilities.readsAlong && (await store.identity()) === undefined) {
      throw new GuichetError('refused', `There is no store in ${url.name}.`);
    }
    await store.open(store.capabilities.readsAlong ? { reading: true } : {});
  } catch (error) {
    await store.close();
    throw error;
  }
  return store;
};

/**
 * The stores of a list as one, not opened yet; also a single one, for it may be part of a longer chain and must not be
 * written to alone then. Memory alone is what it is.
 * @throws GuichetError `refused` for a list that is no chain
 */
export const createChain = (
  urls: readonly [StoreUrl, ...StoreUrl[]],
  { leaveBehind = [], timeoutMs, tell, ...options }: ChainOptions = {},
): Store | TieredStore => {
  const [first, ...others] = urls;
  if (first.kind === 'memory') return createStore(first);
  // Where nobody can stand in, a slow disk is waited for: giving up on it would help nobody.
  const limit = others.length === 0 ? Number.POSITIVE_INFINITY : timeoutMs;
  return new TieredStore(
    urls.map((url) => () => createStore(url, options)),
    {
      leaveBehind: leaveBehind.map((url) => createStore(url).name),
      ...(limit !== undefined && { timeoutMs: limit }),
      ...(tell !== undefined && { tell }),
    },
  );
};
