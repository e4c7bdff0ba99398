import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../main.ts', import.meta.url));
/** A start that takes longer than this has failed, also on a slow machine. */
const START_WITHIN_MS = 60_000;

/** A start that did not come to its ready line, with what it wrote instead. */
export class NotStarted extends Error {
  override readonly name = 'NotStarted';
}

/** A server of our own, in a process that can be killed: reachable from this machine only, ends when we do. */
export class PrivateServer {
  readonly token = randomBytes(24).toString('hex');
  readonly #stores: readonly string[];
  #url = '';
  #child: ChildProcess | undefined;

  /** @param stores in order of preference */
  constructor(stores: readonly string[]) {
    this.#stores = stores;
  }

  get url(): string {
    return this.#url;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /**
   * Starts it, on the same port as before, and waits until it is ready.
   * @param wrapper a program and its arguments that becomes the server
   * @param more flags of `serve`
   * @throws NotStarted with what the server said
   */
  async start(wrapper: readonly string[] = [], more: readonly string[] = []): Promise<void> {
    const port = this.#url === '' ? '0' : new URL(this.#url).port;
    const serve = [MAIN, 'serve', '--host=127.0.0.1', `--port=${port}`, `--store=${this.#stores.join(',')}`];
    const flags = ['--snapshot-every=0', '--log-level=info', ...more];
    const [program = '', ...args] = [...wrapper, process.execPath, ...serve, ...flags];
    const env: NodeJS.ProcessEnv = { ...process.env, ADMIN_TOKEN: this.token };
    // Under npm the server would look after npm's shell; it is ours to end.
    delete env.npm_lifecycle_event;
    const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    this.#child = child;
    let said = '';
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const overdue = setTimeout(() => child.kill('SIGKILL'), START_WITHIN_MS);
    try {
      await new Promise<void>((ready, fail) => {
        child.once('error', fail);
        child.once('close', () => fail(new NotStarted(said.trim() || 'The server did not become ready.')));
        createInterface({ input: child.stdout! }).on('line', (line) => {
          const { msg, url } = JSON.parse(line) as { msg?: string; url?: string };
          if (msg !== 'ready' || url === undefined) return;
          this.#url = url;
          ready();
        });
      });
    } finally {
      clearTimeout(overdue);
    }
  }

  /** Ends it as a crash would. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
}
