import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createConnection } from 'mysql2/promise';
import { findProgram } from '../programs.ts';
import type { Engine } from './database-server.ts';
import { onDatabase, type Servers } from './on-database.ts';
import { unprivileged } from './unprivileged.ts';

const USER = 'root';

/** Debian keeps the server where the path of ordinary people does not look. */
const findServer = (): string | undefined =>
  ['/usr/sbin/mariadbd', '/usr/local/sbin/mariadbd'].find((path) => existsSync(path)) ?? findProgram('mariadbd');

const server = process.platform === 'win32' ? undefined : findServer();
const installer = findProgram('mariadb-install-db');

/** What tells the two servers of this family apart. */
interface Family {
  readonly program: string;
  /** The program that makes the files of a server in `data`, without a password for its owner. */
  readonly install: (data: string) => readonly [program: string, ...args: string[]];
  readonly options: readonly string[];
}

const ofMariadb = (program: string, install: string): Family => ({
  program,
  install: (data) => [
    install,
    ...['--no-defaults', `--datadir=${data}`],
    ...['--auth-root-authentication-method=normal', '--skip-name-resolve', '--skip-test-db'],
  ],
  options: ['--innodb-log-file-size=16M', '--skip-name-resolve'],
});

const ofMysql = (program: string): Family => ({
  program,
  install: (data) => [program, '--no-defaults', `--datadir=${data}`, '--initialize-insecure'],
  // Its owner may come from `localhost` only, a name that has to be resolved.
  options: ['--innodb-redo-log-capacity=16M', '--mysqlx=OFF', '--secure-file-priv=NULL'],
});

const engineOf = ({ program, install, options }: Family): Engine => {
  const user = unprivileged('mysql');
  const url = (port: number, database = '') => `mysql://${USER}@127.0.0.1:${port}/${database}`;
  return {
    user,
    prepare: async (dir) => {
      const [installs, ...args] = install(join(dir, 'data'));
      await promisify(execFile)(installs, args, { ...user, cwd: dir });
    },
    command: (dir, port) => [
      program,
      '--no-defaults',
      `--datadir=${join(dir, 'data')}`,
      '--bind-address=127.0.0.1',
      `--port=${port}`,
      `--socket=${join(dir, 'socket')}`,
      `--pid-file=${join(dir, 'pid')}`,
      // Its own: a server that starts deletes the temporary tables of whoever shares the place, who may die of that.
      `--tmpdir=${dir}`,
      '--innodb-buffer-pool-size=32M',
      '--innodb-flush-log-at-trx-commit=1',
      '--max-connections=60',
      ...options,
    ],
    readyText: 'ready for connections',
    stopSignal: 'SIGTERM',
    url,
    run: async (port, statement) => {
      const connection = await createConnection(url(port));
      try {
        await connection.query(statement);
      } finally {
        await connection.end();
      }
    },
  };
};

/** The `mysqld` of a MySQL that takes the place of MariaDB in these tests: few machines have both. */
const { GUICHET_MYSQLD: mysqld } = process.env;
const mariadbOfMachine = server && installer ? ofMariadb(server, installer) : undefined;
const family = mysqld ? ofMysql(mysqld) : mariadbOfMachine;

/** The MariaDB of this machine, or the MySQL that was named instead; undefined when it has none. */
export const mariadb = family && engineOf(family);

/** Declares tests on a private MariaDB. */
export const onMariadb = (declare: (servers: Servers) => void): void => onDatabase('MariaDB', mariadb, declare);
