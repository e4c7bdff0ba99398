import { PostgresDriver } from '../../src/stores/postgres/postgres-driver.ts';
import { onPostgres } from '../support/databases/postgres-server.ts';
import { chainWalks } from './walks/chain-walks.ts';

onPostgres((servers) =>
  chainWalks(servers, {
    ...{ server: 'postgres', local: 'file' },
    observe: (url) => new PostgresDriver('postgres:observer', url),
  }),
);
