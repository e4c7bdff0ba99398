import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Place, storeContract } from '../contract/store-contract.ts';
import { SqlStore } from '../sql/sql-store.ts';
import { SqliteDriver } from './sqlite-driver.ts';

storeContract('sqlite', {
  runs: 8,
  create: async (): Promise<Place> => {
    const directory = await mkdtemp(join(tmpdir(), 'guichet-sqlite-'));
    const path = join(directory, 'chat.db');
    return {
      make: () => new SqlStore(new SqliteDriver(`sqlite:${path}`, path)),
      dispose: () => rm(directory, { recursive: true, force: true }),
    };
  },
});
