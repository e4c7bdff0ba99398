import { onMariadb } from '../support/databases/mariadb-server.ts';
import { databaseOutage } from './database-outage.ts';

onMariadb(databaseOutage('COMMIT'));
