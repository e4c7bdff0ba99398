import { GuichetError } from '../../domain/errors.ts';
import { Damage } from '../sql/dialect.ts';
import { bareCause } from '../sql/pooled-driver.ts';

/** What the owner has to do something about, by the name of the error. */
const REFUSALS: Readonly<Record<string, string>> = {
  ER_ACCESS_DENIED_ERROR: 'user or password are wrong',
  ER_ACCESS_DENIED_NO_PASSWORD_ERROR: 'it does not let this user in without a password',
  ER_DBACCESS_DENIED_ERROR: 'this user may not use that database',
  ER_BAD_DB_ERROR: 'it has no database of this name',
  ER_TABLEACCESS_DENIED_ERROR: 'this user may not do what is needed there',
  ER_SPECIFIC_ACCESS_DENIED_ERROR: 'this user may not do what is needed there',
  HANDSHAKE_SSL_ERROR: 'the two sides do not agree on TLS',
  HANDSHAKE_NO_SSL_SUPPORT: 'it does not speak TLS',
};
const DAMAGED: ReadonlySet<string> = new Set([
  ...['ER_NOT_KEYFILE', 'ER_CRASHED_ON_USAGE', 'ER_INDEX_CORRUPT', 'ER_TABLE_CORRUPT'],
]);
const FULL: ReadonlySet<string> = new Set(['ER_DISK_FULL', 'ER_RECORD_FILE_FULL']);
/** Said by the server, and passing: locks, limits, a server that stops or takes no writes for now. */
const OUTAGES: ReadonlySet<string> = new Set([
  ...['ER_LOCK_WAIT_TIMEOUT', 'ER_LOCK_DEADLOCK', 'ER_CON_COUNT_ERROR', 'ER_TOO_MANY_USER_CONNECTIONS'],
  ...['ER_SERVER_SHUTDOWN', 'ER_QUERY_INTERRUPTED', 'ER_STATEMENT_TIMEOUT', 'ER_QUERY_TIMEOUT', 'ER_CONNECTION_KILLED'],
  ...[
    'ER_OPTION_PREVENTS_STATEMENT',
    'ER_READ_ONLY_MODE',
    'ER_ERROR_ON_WRITE',
    'ER_ERROR_ON_READ',
    'ER_OUT_OF_RESOURCES',
  ],
  ...[
    'ER_NET_READ_ERROR',
    'ER_NET_READ_INTERRUPTED',
    'ER_NET_ERROR_ON_WRITE',
    'ER_GET_ERRNO',
    'ER_NEW_ABORTING_CONNECTION',
  ],
]);

/** An error of `mysql2`, as an error of the registry. The cause is for the log, and holds no password. */
export const mysqlError = (thrown: unknown, name: string): GuichetError => {
  if (thrown instanceof GuichetError) return thrown;
  const cause = bareCause(thrown);
  const { code = '' } = cause;
  const refusal = REFUSALS[code];
  if (refusal !== undefined) return new GuichetError('refused', `${name} cannot be used: ${refusal}.`, { cause });
  if (DAMAGED.has(code)) return new Damage(`${name} cannot be used: its files are damaged.`, { cause });
  if (FULL.has(code)) return new GuichetError('storage_full', undefined, { cause });
  // Not an answer of the server: it cannot be reached, or was lost.
  const passes = OUTAGES.has(code) || !code.startsWith('ER_');
  return new GuichetError(passes ? 'unavailable' : 'internal', undefined, { cause });
};
