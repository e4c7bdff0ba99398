import { test } from 'node:test';
import { onPostgres } from '../support/databases/postgres-server.ts';
import { BLOWS, chainUnderLoad } from './chain-under-load.ts';

onPostgres((servers) => {
  test('[FB-17] a chain on PostgreSQL under load, its database struck again and again', {
    timeout: 200_000 * BLOWS,
  }, async (t) => {
    await chainUnderLoad(t, await servers.own(t));
  });
});
