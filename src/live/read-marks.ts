import type { Actor } from '../domain/access.ts';
import { markRead } from '../domain/actions/mark-read.ts';
import type { Chat } from '../domain/chat.ts';

/** At most one record per reader, conversation and this long. */
const QUIET_MS = 2000;

interface Pending {
  readonly actor: Actor;
  readonly conversationId: string;
  seq: number;
  /** Newer than what the last record said. */
  dirty: boolean;
  timer: NodeJS.Timeout;
}

/**
 * Read marks come with every glance; the log gets the first at once and after that only the latest of each
 * {@link QUIET_MS}. What waits is written at the end of the pause or when the server stops.
 */
export class ReadMarks {
  readonly #chat: Chat;
  readonly #onError: (error: unknown) => void;
  readonly #pending = new Map<string, Pending>();

  constructor(chat: Chat, onError: (error: unknown) => void) {
    this.#chat = chat;
    this.#onError = onError;
  }

  /** Rejects with `not_found` for a conversation that is not the caller's; resolves when taken in. */
  async mark(actor: Actor, conversationId: string, seq: number): Promise<void> {
    const key = `${actor.type} ${actor.id} ${conversationId}`;
    const pending = this.#pending.get(key);
    if (pending !== undefined) {
      pending.dirty ||= seq > pending.seq;
      pending.seq = Math.max(pending.seq, seq);
      return;
    }
    const timer = setTimeout(() => this.#pauseOver(key), QUIET_MS).unref();
    this.#pending.set(key, { actor, conversationId, seq, dirty: false, timer });
    try {
      await markRead(this.#chat, actor, conversationId, seq);
    } catch (error) {
      clearTimeout(timer);
      this.#pending.delete(key);
      throw error;
    }
  }

  /** Writes what waits. */
  async close(): Promise<void> {
    const waiting = [...this.#pending.values()];
    this.#pending.clear();
    for (const { timer } of waiting) clearTimeout(timer);
    await Promise.all(waiting.filter((pending) => pending.dirty).map((pending) => this.#write(pending)));
  }

  #pauseOver(key: string): void {
    const pending = this.#pending.get(key)!;
    if (!pending.dirty) {
      this.#pending.delete(key);
      return;
    }
    pending.dirty = false;
    pending.timer = setTimeout(() => this.#pauseOver(key), QUIET_MS).unref();
    void this.#write(pending);
  }

  async #write({ actor, conversationId, seq }: Pending): Promise<void> {
    try {
      await markRead(this.#chat, actor, conversationId, seq);
    } catch (error) {
      this.#onError(error);
    }
  }
}
