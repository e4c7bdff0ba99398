import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type Scope, tempDir } from '../temp-dir.ts';
import { undoAfter } from '../undo-after.ts';
import { freePort } from './free-port.ts';
import { freezeTree, killTree, thawTree } from './process-tree.ts';
import { handOver, type User } from './unprivileged.ts';

/** What tells a PostgreSQL from a MariaDB. */
export interface Engine {
  readonly user: User;
  /** Fills an empty folder with a server's files. */
  prepare(dir: string): Promise<void>;
  /** The program and its arguments; it stays in the foreground and listens on 127.0.0.1 only. */
  command(dir: string, port: number): readonly [program: string, ...args: string[]];
  /** In a line of its log, as soon as it takes connections. */
  readonly readyText: string;
  /** Asks it to end and to finish what it can. */
  readonly stopSignal: NodeJS.Signals;
  url(port: number, database?: string): string;
  /** Runs one statement of the owner, outside any database of a test. */
  run(port: number, statement: string): Promise<void>;
}

/** A database of one test. */
export interface TestDatabase {
  readonly name: string;
  readonly url: string;
  /** Removes it; the server must be up. */
  drop(): Promise<void>;
}

/**
 * A database server of the tests' own: its files lie in a temporary folder, it syncs like one in production, and it
 * goes with the scope it was started for, or with this process however that ends.
 */
export interface DatabaseServer {
  readonly port: number;
  /** All it wrote to its log, of all its lives. */
  readonly log: string;
  /** Store URL of a database on it, with user and password. */
  url(database?: string): string;
  /** A new, empty database. */
  createDatabase(): Promise<TestDatabase>;
  /** Store URL of a new database that is removed when the test is over. */
  database(scope: Scope): Promise<string>;
  /** Ends all its processes at once, as a power cut would. */
  kill9(): Promise<void>;
  /** Stops all its processes where they stand: connections stay open and nothing is answered. */
  freeze(): void;
  /** Lets them go on. */
  thaw(): void;
  /** Ends it gracefully. */
  stop(): Promise<void>;
  /** Starts it again on the same port and files, after a graceful stop when it still runs; waits until it answers. */
  restart(): Promise<void>;
}

/** Programs that must not outlive this process: the guard's input ends with us, and its last deed is to end them. */
const guard = (pid: number): ChildProcess =>
  spawn('sh', ['-c', 'read -r _; kill -KILL "$1"', 'sh', `${pid}`], { stdio: ['pipe', 'ignore', 'ignore'] });

/** Starts a server for a scope, such as a test, or `{ after }` of the runner for a whole file. */
export const startDatabase = async (scope: Scope, engine: Engine): Promise<DatabaseServer> => {
  const dir = tempDir(scope);
  handOver(dir, engine.user);
  await engine.prepare(dir);
  let port = await freePort();
  let log = '';
  let running: ChildProcess | undefined;
  let watcher: ChildProcess | undefined;
  let frozen: readonly number[] = [];

  const launch = async (): Promise<void> => {
    const [program, ...args] = engine.command(dir, port);
    const child = spawn(program, args, {
      cwd: dir,
      // Its log is read by a program: in English, whatever the person's language is.
      env: { PATH: process.env.PATH, LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...engine.user,
    });
    const from = log.length;
    await new Promise<void>((ready, fail) => {
      child.once('error', fail);
      child.once('close', (code, name) => fail(new Error(`${program} ended (${code ?? name}):\n${log.slice(from)}`)));
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (text: string) => {
          log += text;
          if (log.slice(from).includes(engine.readyText)) ready();
        });
      }
    });
    running = child;
    // A server that ends unasked takes every test on it down: its last words say why.
    child.once('exit', (code, name) => {
      if (running === child) console.error(`${program} ended by itself (${code ?? name}):\n${log.slice(-8000)}`);
    });
    watcher = guard(child.pid!);
  };

  const end = async (how: (child: ChildProcess) => unknown): Promise<void> => {
    const child = running;
    if (child === undefined) return;
    running = undefined;
    frozen = [];
    const gone = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
    watcher?.kill('SIGKILL');
    await how(child);
    await gone;
  };

  const server: DatabaseServer = {
    get port() {
      return port;
    },
    get log() {
      return log;
    },
    url: (database) => engine.url(port, database),
    createDatabase: async () => {
      const name = `test_${randomBytes(6).toString('hex')}`;
      await engine.run(port, `CREATE DATABASE ${name}`);
      return { name, url: server.url(name), drop: () => engine.run(port, `DROP DATABASE ${name}`) };
    },
    database: async (current) => {
      const database = await server.createDatabase();
      undoAfter(current, async () => {
        // One that a test took down has nothing left to remove: its files go with the scope.
        server.thaw();
        if (running !== undefined) await database.drop();
      });
      return database.url;
    },
    kill9: () => end((child) => killTree(child.pid!)),
    freeze: () => {
      if (running !== undefined) frozen = freezeTree(running.pid!);
    },
    thaw: () => {
      thawTree(frozen);
      frozen = [];
    },
    stop: () => {
      server.thaw();
      return end((child) => child.kill(engine.stopSignal));
    },
    restart: async () => {
      await server.stop();
      await launch();
    },
  };

  undoAfter(scope, () => server.kill9());
  for (let attempt = 1; ; attempt += 1) {
    try {
      await launch();
      return server;
    } catch (error) {
      // Somebody may have taken the port since it was looked at.
      if (attempt === 3 || !/in use/i.test(String(error))) throw error;
      port = await freePort();
    }
  }
};
