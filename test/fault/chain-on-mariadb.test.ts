import { test } from 'node:test';
import { onMariadb } from '../support/databases/mariadb-server.ts';
import { BLOWS, chainUnderLoad } from './chain-under-load.ts';

onMariadb((servers) => {
  test('[FB-17] a chain on MariaDB under load, its database struck again and again', {
    timeout: 200_000 * BLOWS,
  }, async (t) => {
    await chainUnderLoad(t, await servers.own(t));
  });
});
