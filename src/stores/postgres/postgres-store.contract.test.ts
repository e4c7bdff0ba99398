import { onPostgres } from '../../../test/support/databases/postgres-server.ts';
import { storeContract } from '../contract/store-contract.ts';
import { SqlStore } from '../sql/sql-store.ts';
import { databasePlaces } from '../sql/testing/database-places.ts';
import { PostgresDriver } from './postgres-driver.ts';

onPostgres((servers) => {
  storeContract('postgres', {
    runs: 4,
    create: databasePlaces(servers, (url) => new SqlStore(new PostgresDriver('postgres://test', url))),
  });
});
