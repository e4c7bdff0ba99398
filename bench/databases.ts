import { join } from 'node:path';
import { GroupCommit } from '../src/domain/group-commit.ts';
import type { Store } from '../src/domain/store.ts';
import { contactEntry } from '../src/domain/testing/changes.ts';
import { MysqlDriver } from '../src/stores/mysql/mysql-driver.ts';
import { PostgresDriver } from '../src/stores/postgres/postgres-driver.ts';
import type { Driver } from '../src/stores/sql/dialect.ts';
import { SqlStore } from '../src/stores/sql/sql-store.ts';
import { SqliteDriver } from '../src/stores/sqlite/sqlite-driver.ts';
import { type Engine, startDatabase } from '../test/support/databases/database-server.ts';
import { mariadb } from '../test/support/databases/mariadb-server.ts';
import { postgres } from '../test/support/databases/postgres-server.ts';
import { type Scope, tempDir } from '../test/support/temp-dir.ts';
import { scope } from './scope.ts';

/** Makes drivers, each of a new and empty database. */
export type MakeDriver = () => Promise<Driver>;

/** Runs a bench on each database of this machine, or on one. @param on its name, in small letters */
export const onEachDatabase = async (
  on: string | undefined,
  bench: (name: string, make: MakeDriver) => Promise<void>,
): Promise<void> => {
  const own = scope();
  try {
    for (const [name, start] of Object.entries(DATABASES)) {
      if (on !== undefined && on !== name.toLowerCase()) continue;
      const make = await start(own);
      if (make === undefined) console.log(`\n${name} is not on this machine.`);
      else await bench(name, make);
    }
  } finally {
    await own.end();
  }
};

type Start = (own: Scope) => Promise<MakeDriver | undefined>;

const server =
  (engine: Engine | undefined, make: (url: URL) => Driver): Start =>
  async (own) => {
    if (engine === undefined) return undefined;
    const started = await startDatabase(own, engine);
    return async () => make(new URL((await started.createDatabase()).url));
  };

const DATABASES: Readonly<Record<string, Start>> = {
  SQLite: async (own) => async () => new SqliteDriver('sqlite:bench', join(tempDir(own), 'chat.db')),
  PostgreSQL: server(postgres, (url) => new PostgresDriver('postgres:bench', url)),
  MariaDB: server(mariadb, (url) => new MysqlDriver('mysql:bench', url)),
};

/** What `--on` takes. */
export const DATABASE_NAMES = Object.keys(DATABASES).map((name) => name.toLowerCase());

/** A store as a server has it that is alone, and one contact in it. */
export const opened = async (driver: Driver): Promise<{ store: Store; log: GroupCommit }> => {
  const store = new SqlStore(driver);
  const log = new GroupCommit(store, await store.open({ shared: true }));
  await log.commit({ type: 'putEntries', mode: 'replace', entries: [contactEntry('v1')] });
  return { store, log };
};
