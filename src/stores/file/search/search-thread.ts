import { Worker } from 'node:worker_threads';
import type { SearchPlan } from '../../../domain/state/message-search.ts';
import type { Question, Reply } from './search-worker.ts';
import type { Found, Indexed } from './word-index.ts';

/** The index answered with an error. */
export class IndexError extends Error {
  override readonly name = 'IndexError';
  /** Its file cannot be read any more, and another one has to be made. */
  readonly isDamaged: boolean;

  constructor(message: string, code = 0) {
    super(message);
    this.isDamaged = DAMAGED.has(code & 0xff);
  }
}

/** SQLITE_CORRUPT, SQLITE_NOTADB, and SQLITE_ERROR for tables that are not ours. */
const DAMAGED: ReadonlySet<number> = new Set([11, 26, 1]);

/** A {@link WordIndex} in a thread of its own: neither a sync nor a search of all of it stops the event loop. */
export class SearchThread {
  readonly #worker: Worker;
  readonly #waiting: { resolve: (reply: Reply) => void; reject: (error: Error) => void }[] = [];
  #gone: Error | undefined;

  constructor() {
    // Flags of the process are for its main thread: those of a test runner, for one.
    this.#worker = new Worker(new URL('./search-worker.ts', import.meta.url), { execArgv: [] });
    this.#worker.unref();
    this.#worker.on('message', (reply: Reply) => this.#waiting.shift()?.resolve(reply));
    this.#worker.on('error', (error) => this.#end(error as Error));
    this.#worker.on('exit', () => this.#end(new Error('The thread of the index has ended.')));
  }

  /** Up to which position it goes. */
  async open(path: string, log: string): Promise<number> {
    return ((await this.#ask({ ask: 'open', path, log })) as { through: number }).through;
  }

  async add(messages: readonly Indexed[], through: number): Promise<void> {
    await this.#ask({ ask: 'add', messages, through });
  }

  async find(plan: Pick<SearchPlan, 'terms' | 'behind'>, limit: number): Promise<readonly Found[]> {
    return ((await this.#ask({ ask: 'find', plan, limit })) as { found: readonly Found[] }).found;
  }

  async close(): Promise<void> {
    await this.#ask({ ask: 'close' }).catch(() => {});
    await this.#worker.terminate();
  }

  async #ask(question: Question): Promise<Reply> {
    if (this.#gone !== undefined) throw this.#gone;
    const reply = await new Promise<Reply>((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#worker.postMessage(question);
      // What is asked keeps the process alive, and nothing else does.
      this.#worker.ref();
    }).finally(() => {
      if (this.#waiting.length === 0) this.#worker.unref();
    });
    if ('error' in reply) throw new IndexError(reply.error, reply.code);
    return reply;
  }

  #end(cause: Error): void {
    this.#gone ??= cause;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#gone);
  }
}
