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

const engineOf = (program: string, install: string): Engine => {
  const user = unprivileged('mysql');
  const url = (port: number, database = '') => `mysql://${USER}@127.0.0.1:${port}/${database}`;
  return {
    user,
    prepare: async (dir) => {
      const access = ['--auth-root-authentication-method=normal', '--skip-name-resolve', '--skip-test-db'];
      await promisify(execFile)(install, ['--no-defaults', `--datadir=${join(dir, 'data')}`, ...access], {
        ...user,
        cwd: dir,
      });
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
      '--skip-name-resolve',
      '--innodb-buffer-pool-size=32M',
      '--innodb-log-file-size=16M',
      '--innodb-flush-log-at-trx-commit=1',
      '--max-connections=60',
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

/** The MariaDB of this machine; undefined when it has none. */
export const mariadb = server && installer ? engineOf(server, installer) : undefined;

/** Declares tests on a private MariaDB. */
export const onMariadb = (declare: (servers: Servers) => void): void => onDatabase('MariaDB', mariadb, declare);
