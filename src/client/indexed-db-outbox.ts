import type { Message } from '../protocol/entities.ts';
import { inTurn } from './in-turn.ts';
import { type Kept, MemoryOutboxStorage, type OutboxStorage } from './outbox-storage.ts';

const DATABASE = 'guichet';
const STORE = 'outbox';
/** Some browsers, now and then, never answer an attempt to open. */
const OPEN_WITHIN_MS = 4_000;

const settle = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

const openDatabase = (): Promise<IDBDatabase> => {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: 'id' });
  const late = new Promise<never>((_, reject) => setTimeout(reject, OPEN_WITHIN_MS));
  return Promise.race([settle(request), late]);
};

/** What one tab says to the others. */
interface Note {
  scope: string;
  posted: Message | undefined;
}

/**
 * The outbox in IndexedDB, one for all tabs. `strict` durability: the browser flushes to disk before it says done,
 * where it can.
 */
class IndexedDbOutboxStorage implements OutboxStorage {
  readonly persistent = true;
  readonly #channel = typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel('guichet outbox');
  #database: IDBDatabase | undefined;

  constructor(database: IDBDatabase) {
    this.#keep(database);
  }

  async load<T extends Kept>(scope: string): Promise<T[]> {
    const store = (await this.#open()).transaction(STORE).objectStore(STORE);
    const all: T[] = await settle(store.getAll());
    return all.filter((entry) => entry.scope === scope);
  }

  put(entry: Kept): Promise<void> {
    return this.#write((store) => store.put(entry));
  }

  remove(id: string): Promise<void> {
    return this.#write((store) => store.delete(id));
  }

  tell(scope: string, posted?: Message): void {
    this.#channel?.postMessage({ scope, posted } satisfies Note);
  }

  watch(scope: string, heard: (posted?: Message) => void): () => void {
    const listen = ({ data }: MessageEvent<Note>): void => {
      if (data.scope === scope) heard(data.posted);
    };
    this.#channel?.addEventListener('message', listen);
    return () => this.#channel?.removeEventListener('message', listen);
  }

  inTurn = inTurn;

  async #write(change: (store: IDBObjectStore) => void): Promise<void> {
    const database = this.#database ?? (await this.#open());
    return new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, 'readwrite', { durability: 'strict' });
      // Resolves at `complete`, not at the request's success: a transaction may still be undone in between.
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
      change(transaction.objectStore(STORE));
      // At once, not when this page gets round to it: whoever sends and closes the tab has written it down.
      transaction.commit();
    });
  }

  async #open(): Promise<IDBDatabase> {
    return this.#database ?? this.#keep(await openDatabase());
  }

  #keep(database: IDBDatabase): IDBDatabase {
    this.#database = database;
    // The site's data was cleared, or another tab has a newer version, which must not wait for this one for ever.
    database.onclose = database.onversionchange = () => {
      database.close();
      this.#database = undefined;
    };
    return database;
  }
}

/** IndexedDB where it can be had; memory where it is refused (private windows, blocked site data) or absent (Node). */
export const openOutboxStorage = async (): Promise<OutboxStorage> => {
  try {
    return new IndexedDbOutboxStorage(await openDatabase());
  } catch {
    return new MemoryOutboxStorage();
  }
};
