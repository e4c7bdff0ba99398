import { randomBytes } from 'node:crypto';
import { Writable } from 'node:stream';
import pino from 'pino';
import { type App, startApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config/config.ts';
import type { Problem } from '../../src/protocol/entities.ts';
import type { LogLine } from './server.ts';
import { type Scope, tempDir } from './temp-dir.ts';
import { undoAfter } from './undo-after.ts';

export interface Reply<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body parsed; of an answer without one `undefined`. */
  readonly body: T;
}

export interface Ask {
  readonly token?: string | undefined;
  readonly body?: unknown;
  /** Sent as it is, instead of `body`. */
  readonly raw?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** A whole server in this process, used by URL only. */
export interface TestApp {
  readonly url: string;
  readonly adminToken: string;
  readonly logs: readonly LogLine[];
  /** `path` under /api/v1, or from the root when it begins with `//`. */
  // biome-ignore lint/suspicious/noExplicitAny: most tests look at one field of an answer
  ask<T = any>(method: string, path: string, ask?: Ask): Promise<Reply<T>>;
  /** The same for what must be refused: answers the problem. */
  refused(method: string, path: string, ask?: Ask): Promise<Problem>;
  stop(): Promise<void>;
}

export interface TestAppOptions {
  /** A store URL; by default one in memory. `file` makes a directory of its own. */
  readonly store?: string;
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts a server on a free port; it is stopped with the test. */
export const startTestApp = async (scope: Scope, options: TestAppOptions = {}): Promise<TestApp> => {
  const adminToken = randomBytes(24).toString('hex');
  const logs: LogLine[] = [];
  const store = options.store === 'file' ? `file:${tempDir(scope)}` : (options.store ?? 'memory:');
  const flags = ['--port=0', `--store=${store}`, ...(options.flags ?? [])];
  const config = loadConfig(flags, { ADMIN_TOKEN: adminToken, ...options.env });
  const lines = new Writable({
    write(chunk: Buffer, _encoding, written) {
      logs.push(JSON.parse(chunk.toString()) as LogLine);
      written();
    },
  });
  const log = pino({ level: 'debug', formatters: { level: (label) => ({ level: label }) } }, lines);
  const app: App = await startApp(config, log);
  undoAfter(scope, () => app.stop());

  const ask: TestApp['ask'] = async (method, path, { token, body, raw, headers, signal } = {}) => {
    const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const response = await fetch(path.startsWith('//') ? `${app.url}${path.slice(1)}` : `${app.url}/api/v1${path}`, {
      method,
      redirect: 'manual',
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(sent !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(sent !== undefined && { body: sent }),
      ...(signal && { signal }),
    });
    const text = await response.text();
    const isJson = text !== '' && /json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined };
  };

  return {
    url: app.url,
    adminToken,
    logs,
    ask,
    refused: async (method, path, asked) => {
      const { status, headers, text } = await ask(method, path, asked);
      if (!headers.get('content-type')?.startsWith('application/problem+json')) {
        throw new Error(`${method} ${path} was not refused: ${status} ${text}`);
      }
      const problem = JSON.parse(text) as Problem;
      if (problem.status !== status) throw new Error(`the problem says ${problem.status}, the status line ${status}`);
      return problem;
    },
    stop: () => app.stop(),
  };
};

/** Registers a visitor; answers id and token. */
export const newVisitor = async (app: TestApp, body: object = {}): Promise<{ id: string; token: string }> => {
  const reply = await app.ask<{ visitor: { id: string }; token: string }>('POST', '/visitors', { body });
  if (reply.status !== 201) throw new Error(reply.text);
  return { id: reply.body.visitor.id, token: reply.body.token };
};

export const PASSWORD = 'correct horse battery';

/** Adds an agent and signs in. */
export const newAgent = async (
  app: TestApp,
  name: string,
  role: 'agent' | 'admin' = 'agent',
): Promise<{ id: string; email: string; token: string }> => {
  const email = `${name}@example.org`;
  const body = { email, name, role, password: PASSWORD };
  const added = await app.ask('POST', '/agents', { token: app.adminToken, body });
  if (added.status !== 201) throw new Error(added.text);
  const { body: signedIn } = await app.ask('POST', '/sessions', { body: { email, password: PASSWORD } });
  return { id: added.body.agent.id, email, token: signedIn.token };
};
