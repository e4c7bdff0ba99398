import { onPostgres } from '../support/databases/postgres-server.ts';
import { databaseOutage } from './database-outage.ts';

onPostgres(databaseOutage('COMMIT'));
