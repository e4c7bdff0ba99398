import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Mutex } from './mutex.ts';
import { replaceFile } from './replace-file.ts';

const OWNER_ONLY = 0o600;
const OWNERS_DIRECTORY = 0o700;

/**
 * A short list in a JSON file of its own, and in copies of it elsewhere; what was added is on disk when the call
 * resolves. A copy is as good as can be: one that cannot be read or written keeps nobody from using the list.
 */
export class KeptList<T> {
  readonly #path: string | null;
  readonly #copies: KeptCopies;
  readonly #turn = new Mutex();
  #items: readonly T[];

  private constructor(path: string | null, copies: KeptCopies, items: readonly T[]) {
    this.#path = path;
    this.#copies = copies;
    this.#items = items;
  }

  /**
   * @param path `null`: kept as long as the process
   * @throws SyntaxError or the error of reading, when the file is there and is no list
   */
  static async open<T>(path: string | null, copies: KeptCopies = NO_COPIES): Promise<KeptList<T>> {
    const items = path === null ? [] : await readList<T>(path);
    const known = new Set(items.map((item) => JSON.stringify(item)));
    for (const copy of copies.paths) {
      const held = await readList<T>(copy).catch((error: unknown) => {
        copies.failed(copy, error);
        return [];
      });
      items.push(...held.filter((item) => !known.has(JSON.stringify(item))));
    }
    return new KeptList<T>(path, copies, items);
  }

  get items(): readonly T[] {
    return this.#items;
  }

  /** Adds what is not there yet. */
  async addNew(more: readonly T[]): Promise<void> {
    const known = new Set(this.#items.map((item) => JSON.stringify(item)));
    const missing = more.filter((item) => !known.has(JSON.stringify(item)));
    if (missing.length > 0) await this.add(...missing);
  }

  add(...more: readonly T[]): Promise<void> {
    return this.#turn.run(async () => {
      const items = [...this.#items, ...more];
      const text = `[\n${items.map((each) => JSON.stringify(each)).join(',\n')}\n]\n`;
      if (this.#path !== null) await replaceFile(this.#path, text, OWNER_ONLY);
      this.#items = items;
      for (const copy of this.#copies.paths) {
        try {
          await mkdir(dirname(copy), { recursive: true, mode: OWNERS_DIRECTORY });
          await replaceFile(copy, text, OWNER_ONLY);
        } catch (error) {
          this.#copies.failed(copy, error);
        }
      }
    });
  }
}

/** Where copies of a list are, and who is told when one cannot be read or written. */
export interface KeptCopies {
  readonly paths: readonly string[];
  readonly failed: (path: string, error: unknown) => void;
}

const NO_COPIES: KeptCopies = { paths: [], failed: () => {} };

/** What a file of a list holds; nothing where there is none. */
const readList = async <T>(path: string): Promise<T[]> => {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '[]';
    throw error;
  });
  const items: unknown = JSON.parse(text);
  if (!Array.isArray(items)) throw new SyntaxError(`${path} holds no list`);
  return items as T[];
};
