import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from 'node:test';
import { parseSingleStoreUrl } from '../../src/config/store-url.ts';
import { anyLog } from '../../src/stores/contract/any-log.ts';
import { appendAndFences } from '../../src/stores/contract/append-and-fences.ts';
import { hostileContent } from '../../src/stores/contract/hostile-content.ts';
import { ordering } from '../../src/stores/contract/ordering.ts';
import { reopen } from '../../src/stores/contract/reopen.ts';
import type { Harness, Place } from '../../src/stores/contract/store-contract.ts';
import { createStore } from '../../src/stores/open-store.ts';
import { TieredStore } from '../../src/stores/tiered/tiered-store.ts';
import { onMariadb } from '../support/databases/mariadb-server.ts';
import type { Servers } from '../support/databases/on-database.ts';
import { onPostgres } from '../support/databases/postgres-server.ts';

/** Nobody looks after the tiers but the test: a record of the set would be one more than the suite counts on. */
const chainOf = (runs: number, behind: (dir: string) => string[], servers?: Servers): Harness => ({
  runs,
  create: async (): Promise<Place> => {
    const dir = await mkdtemp(join(tmpdir(), 'guichet-chain-'));
    const database = await (await servers?.shared())?.createDatabase();
    const urls = [...(database === undefined ? [] : [database.url]), ...behind(dir)];
    const makers = urls.map(
      (url) => () => createStore(parseSingleStoreUrl(url, '--store'), { snapshotEverySeconds: 0 }),
    );
    return {
      make: () => new TieredStore(makers, { probeMs: 0, timeoutMs: 60_000 }),
      dispose: async () => {
        await database?.drop();
        await rm(dir, { recursive: true, force: true });
      },
    };
  },
});

/** What a chain adds to stores that pass everything by themselves; all of it again would only take long. */
const written = { appendAndFences, ordering, anyLog };
const kept = { anyLog, reopen, hostileContent };
type Subjects = Readonly<Record<string, (harness: Harness) => void>>;

const declare = (name: string, subjects: Subjects, harness: Harness): void => {
  for (const [subject, tests] of Object.entries(subjects)) describe(`chain: ${name}: ${subject}`, () => tests(harness));
};

const onSqlite = (dir: string): string[] => [`sqlite:${dir}/chat.db`, 'memory:'];

declare('sqlite, memory', { ...written, ...kept }, chainOf(2, onSqlite));

onPostgres((servers) => {
  const onFiles = (dir: string): string[] => [`file:${dir}/data`, 'memory:'];
  declare('postgres, file, memory', kept, chainOf(1, onFiles, servers));
});

onMariadb((servers) => declare('mysql, sqlite, memory', written, chainOf(1, onSqlite, servers)));
