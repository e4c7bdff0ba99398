import { onMariadb } from '../../../test/support/databases/mariadb-server.ts';
import { storeContract } from '../contract/store-contract.ts';
import { SqlStore } from '../sql/sql-store.ts';
import { databasePlaces } from '../sql/testing/database-places.ts';
import { MysqlDriver } from './mysql-driver.ts';

onMariadb((servers) => {
  storeContract('mysql', {
    runs: 4,
    create: databasePlaces(servers, (url) => new SqlStore(new MysqlDriver('mysql://test', url))),
  });
});
