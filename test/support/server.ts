import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { SECRET_VARIABLES, SERVE_FLAGS } from '../../src/config/config.ts';
import { type Scope, tempDir } from './temp-dir.ts';
import { undoAfter } from './undo-after.ts';

export const root = fileURLToPath(new URL('../..', import.meta.url));
const MAIN = join(root, 'src/main.ts');

/** One line of the server's log. */
export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

export interface ServerOptions {
  /** Flags of `serve` besides port and store. */
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Data directory; a new one by default. */
  readonly dataDir?: string;
  /** The first store; by default a file store in the data directory. */
  readonly store?: string;
  /** Stores behind the first, such as `memory:`. */
  readonly behind?: readonly string[];
  /** A program and its arguments that runs the server, such as a tracer; it must keep the server its own process. */
  readonly wrapper?: readonly string[];
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A server in a process of its own, as a person would run it. */
export interface TestServer {
  /** Without a slash at the end; stays the same over restarts. */
  readonly url: string;
  readonly pid: number;
  readonly dataDir: string;
  readonly adminToken: string;
  /** Of all lives of this server, oldest first. */
  readonly logs: readonly LogLine[];
  /** All it wrote to stderr. */
  readonly errors: string;
  /** Ends it as a crash would, and waits until it is gone. */
  kill9(): Promise<void>;
  /** Ends it gracefully. */
  stop(): Promise<Exit>;
  /** Closes the channel to it, as the end of this process would, and waits for what it does. */
  abandon(): Promise<Exit>;
  /** Starts it again on the same port and data; waits until it is ready. */
  restart(): Promise<void>;
}

/** The environment of the person who runs the tests must not configure the server under test. */
const cleanEnv = (): Record<string, string | undefined> => {
  const env: Record<string, string | undefined> = { ...process.env, LC_ALL: 'C' };
  const ours = Object.values(SERVE_FLAGS).flatMap((spec) => ('env' in spec ? spec.env : []));
  for (const name of [...ours, ...SECRET_VARIABLES, 'NODE_TEST_CONTEXT', 'npm_lifecycle_event']) delete env[name];
  return env;
};

const kill = (running: ChildProcess) => running.kill('SIGKILL');

/**
 * Starts `serve` on a free port and waits for its ready line. Ended with the test, and with this process however it
 * ends: the channel between the two closes.
 * @throws Error with what the server wrote, when it ends before it is ready
 */
export const startServer = async (scope: Scope, options: ServerOptions = {}): Promise<TestServer> => {
  const adminToken = randomBytes(24).toString('hex');
  const logs: LogLine[] = [];
  let errors = '';
  let url = '';
  let child: ChildProcess | undefined;
  const dataDir = options.dataDir ?? tempDir(scope);
  undoAfter(scope, async () => {
    await end(kill);
  });

  const stores = [options.store ?? `file:${dataDir}`, ...(options.behind ?? [])];

  const launch = async (): Promise<void> => {
    const port = url ? new URL(url).port : '0';
    const command = [process.execPath, MAIN, 'serve', `--port=${port}`, `--store=${stores.join(',')}`];
    const [program = '', ...args] = [...(options.wrapper ?? []), ...command, ...(options.flags ?? [])];
    const started = spawn(program, args, {
      cwd: dataDir,
      env: { ...cleanEnv(), ADMIN_TOKEN: adminToken, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    child = started;
    started.stderr?.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    await new Promise<void>((ready, fail) => {
      started.once('error', fail);
      started.once('close', (code, signal) => fail(new Error(`no ready line (${code ?? signal}): ${errors}`)));
      if (!started.stdout) return;
      createInterface({ input: started.stdout }).on('line', (text) => {
        const line = JSON.parse(text) as LogLine;
        logs.push(line);
        if (line.msg !== 'ready') return;
        url = line.url as string;
        ready();
      });
    });
  };

  const end = async (how: (running: ChildProcess) => void): Promise<Exit> => {
    const ending = child;
    if (!ending) return { code: null, signal: null };
    if (ending.exitCode === null && ending.signalCode === null) {
      const gone = once(ending, 'exit');
      how(ending);
      await gone;
    }
    return { code: ending.exitCode, signal: ending.signalCode };
  };

  await launch();

  return {
    get url() {
      return url;
    },
    get pid() {
      return child?.pid ?? 0;
    },
    get errors() {
      return errors;
    },
    dataDir,
    adminToken,
    logs,
    kill9: async () => {
      await end(kill);
    },
    stop: () => end((running) => running.kill('SIGTERM')),
    abandon: () => end((running) => running.disconnect()),
    restart: launch,
  };
};
