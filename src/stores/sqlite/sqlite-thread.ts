import { Worker } from 'node:worker_threads';
import { GuichetError } from '../../domain/errors.ts';
import { Damage, FateOpen } from '../sql/dialect.ts';
import type { Answer, Request, Step } from './sqlite-worker.ts';

type Rows = Extract<Answer, { results: unknown }>['results'];

/** Result codes of SQLite that say more than *internal*; the low byte of an extended code. */
const OUTAGES: ReadonlySet<number> = new Set([5, 6, 8, 10, 14]);
const FULL = 13;
const DAMAGED: ReadonlySet<number> = new Set([11, 26]);

/** A connection to an SQLite file, in a thread of its own: neither a sync nor a long read stops the event loop. */
export class SqliteThread {
  readonly #path: string;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, { resolve: (rows: Rows) => void; reject: (error: unknown) => void }>();
  #last = 0;
  #gone: GuichetError | undefined;

  constructor(path: string) {
    this.#path = path;
    // Flags of the process are for its main thread: those of a test runner, for one.
    this.#worker = new Worker(new URL('./sqlite-worker.ts', import.meta.url), { execArgv: [] });
    this.#worker.unref();
    this.#worker.on('message', (answer: Answer) => this.#answered(answer));
    this.#worker.on('error', (error) => this.#end(error));
    this.#worker.on('exit', () => this.#end(new Error('The thread has ended.')));
  }

  /** It has ended, and answers nothing any more. */
  get isGone(): boolean {
    return this.#gone !== undefined;
  }

  open(isWriter: boolean): Promise<Rows> {
    return this.#ask((id) => ({ id, open: { path: this.#path, isWriter } }));
  }

  run(steps: readonly Step[]): Promise<Rows> {
    return this.#ask((id) => ({ id, steps }));
  }

  /**
   * A transaction in one go. Rejects with {@link FateOpen} when nobody knows what became of it.
   * @returns false when the guard refused: then nothing was kept
   */
  async commitIf(guard: Step, steps: readonly Step[]): Promise<boolean> {
    const [rows] = await this.#ask((id) => ({ id, guard, steps }));
    return rows![0]!.kept === 1;
  }

  async close(): Promise<void> {
    await this.#ask((id) => ({ id, close: true })).catch(() => {});
    await this.#worker.terminate();
  }

  #ask(request: (id: number) => Request): Promise<Rows> {
    if (this.#gone !== undefined) return Promise.reject(this.#gone);
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      // What is asked keeps the process alive, and nothing else does.
      this.#worker.ref();
      this.#worker.postMessage(request(id));
    });
  }

  #answered(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id)!;
    this.#waiting.delete(answer.id);
    if (this.#waiting.size === 0) this.#worker.unref();
    if ('results' in answer) waiting.resolve(answer.results);
    else {
      const error = this.#errorOf(answer.error);
      waiting.reject(answer.error.isOpen ? new FateOpen(error) : error);
    }
  }

  #errorOf({ message, code }: { message: string; code: number | undefined }): GuichetError {
    const cause = new Error(code === undefined ? message : `${message} (SQLite ${code})`);
    const kind = (code ?? 1) & 0xff;
    if (kind === FULL) return new GuichetError('storage_full', undefined, { cause });
    if (OUTAGES.has(kind)) return new GuichetError('unavailable', undefined, { cause });
    if (!DAMAGED.has(kind)) return new GuichetError('internal', undefined, { cause });
    const advice = 'Run `guichet check`, or put a backup in its place.';
    return new Damage(`${this.#path} is damaged or not an SQLite database. ${advice}`, { cause });
  }

  #end(cause: unknown): void {
    this.#gone ??= new GuichetError('unavailable', undefined, { cause });
    for (const { reject } of this.#waiting.values()) reject(this.#gone);
    this.#waiting.clear();
  }
}
