import { MysqlDriver } from '../../src/stores/mysql/mysql-driver.ts';
import { onMariadb } from '../support/databases/mariadb-server.ts';
import { chainWalks } from './walks/chain-walks.ts';

onMariadb((servers) =>
  chainWalks(servers, {
    ...{ server: 'mysql', local: 'sqlite' },
    observe: (url) => new MysqlDriver('mysql:observer', url),
  }),
);
