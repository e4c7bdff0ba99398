import type { Message } from '../protocol/entities.ts';

/** A file of a message on its way, with its content. */
export interface OutboxFile {
  name: string;
  /** As the device says; the server looks at the content. */
  type: string;
  /** In bytes. */
  size: number;
  /** In pixels; of images that can be shown. */
  width?: number;
  height?: number;
  blob: Blob;
}

/** On what terms a message is posted. */
export interface PostTerms {
  /** What its writer had seen: the server refuses it as `stale` when there is a message of somebody else behind it. */
  ifLastSeq?: number;
  /** Ids of agents that a note names. */
  mentions?: readonly string[];
}

/** What the tabs of one browser keep together. */
export interface Kept {
  id: string;
  /** Whose it is: one browser may hold the outboxes of several people and servers, and other things beside them. */
  scope: string;
}

/** A message on its way. It stays here until the server says that it is durable. */
export interface OutboxEntry extends Kept {
  /** Place in the order of writing: higher than that of every entry its writer saw. Clocks may jump, this does not. */
  order: number;
  conversationId: string;
  content: string;
  kind: 'message' | 'note';
  files?: OutboxFile[];
  /** By this device's clock, until the server gives its own. */
  createdAt: string;
  /** Present when the conversation begins with this message. */
  start?: { subject?: string };
  /** What else the server is told with it. */
  terms?: PostTerms;
  status: 'queued' | 'unsaved' | 'failed';
  /** Why it failed: a code of docs/errors.md. */
  error?: string;
}

/**
 * Where an outbox survives a reload, and where the tabs of one browser meet. Calls may fail: the outbox then goes on
 * from memory, and says so.
 */
export interface OutboxStorage {
  /** false: gone with the page, and of this tab alone. */
  readonly persistent: boolean;
  load<T extends Kept = OutboxEntry>(scope: string): Promise<T[]>;
  /**
   * Adds or replaces. Every tab that loads after it resolved is told it, which localStorage does not promise: a tab in
   * another process hears of a change some time later, also behind a lock.
   */
  put<T extends Kept>(entry: T): Promise<void>;
  remove(id: string): Promise<void>;
  /** Tells the other tabs that this scope changed; with the message, when the server has just answered for it. */
  tell(scope: string, posted?: Message): void;
  /** Hears what other tabs tell, until the function it returns is called. */
  watch(scope: string, heard: (posted?: Message) => void): () => void;
  /** Runs the work while no other tab does any of that name, as far as the browser can see to that. */
  inTurn<T>(name: string, work: () => Promise<T>): Promise<T>;
}

/** One tab that remembers as long as it lives. */
export class MemoryOutboxStorage implements OutboxStorage {
  readonly persistent: boolean = false;
  readonly #entries = new Map<string, Kept>();

  async load<T extends Kept>(scope: string): Promise<T[]> {
    return [...this.#entries.values()].filter((entry) => entry.scope === scope) as T[];
  }

  async put(entry: Kept): Promise<void> {
    this.#entries.set(entry.id, { ...entry });
  }

  async remove(id: string): Promise<void> {
    this.#entries.delete(id);
  }

  tell(): void {}

  watch(): () => void {
    return () => {};
  }

  inTurn<T>(_name: string, work: () => Promise<T>): Promise<T> {
    return work();
  }
}
