import { SYSTEM } from '../../domain/access.ts';
import type { Chat } from '../../domain/chat.ts';
import type { Committed } from '../../domain/group-commit.ts';
import type { Conversation } from '../../domain/model/conversation.ts';

/** The longest a timer of Node may be set to, with room. */
const SLEEP_MAX_MS = 24 * 60 * 60 * 1000;
/** After the storage refused: asked again, as a conversation must not sleep on because of an outage. */
const RETRY_MS = 5_000;
const PAGE = 500;

/**
 * Wakes snoozed conversations when their time has come: each by a change that only happens if the conversation is
 * still snoozed until then, so that whatever was decided meanwhile, here or by another process, stands.
 */
export class SnoozeAlarm {
  readonly #chat: Chat;
  readonly #logError: (error: unknown) => void;
  readonly #until = new Map<string, string>();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(chat: Chat, logError: (error: unknown) => void) {
    this.#chat = chat;
    this.#logError = logError;
  }

  /** Learns what sleeps already; conversations whose time passed while no server ran wake at once. */
  async start(): Promise<void> {
    try {
      await this.#learn();
      this.#set();
    } catch (error) {
      if (this.#closed) return;
      this.#logError(error);
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => void this.start(), RETRY_MS).unref();
    }
  }

  async #learn(): Promise<void> {
    let cursor: string | undefined;
    do {
      const page = await this.#chat.store.conversations({ status: 'SNOOZED', limit: PAGE, ...(cursor && { cursor }) });
      for (const { conversation } of page.conversations) this.#note(conversation);
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined && !this.#closed);
  }

  committed({ heads }: Pick<Committed, 'heads'>): void {
    let changed = false;
    for (const { conversation } of heads.values()) changed = this.#note(conversation) || changed;
    if (changed) this.#set();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  /** Whether it changes anything. */
  #note({ id, status, snoozedUntil }: Conversation): boolean {
    const until = status === 'SNOOZED' && snoozedUntil !== null ? snoozedUntil : undefined;
    if (this.#until.get(id) === until) return false;
    if (until === undefined) this.#until.delete(id);
    else this.#until.set(id, until);
    return true;
  }

  #set(atLeast = 0): void {
    clearTimeout(this.#timer);
    if (this.#closed || this.#until.size === 0) return;
    let next = Number.POSITIVE_INFINITY;
    for (const until of this.#until.values()) next = Math.min(next, Date.parse(until));
    const wait = Math.min(Math.max(next - Date.now(), atLeast), SLEEP_MAX_MS);
    this.#timer = setTimeout(() => void this.#ring(), wait).unref();
  }

  async #ring(): Promise<void> {
    const now = new Date().toISOString();
    const due = [...this.#until].filter(([, until]) => until <= now);
    const woken = await Promise.all(due.map(([id, until]) => this.#wake(id, until)));
    this.#set(woken.every(Boolean) ? 0 : RETRY_MS);
  }

  async #wake(id: string, snoozedUntil: string): Promise<boolean> {
    const expected = { status: 'SNOOZED', snoozedUntil } as const;
    try {
      await this.#chat.log.commit({
        type: 'changeConversation',
        actor: SYSTEM,
        id,
        patch: { status: 'ACTIVE' },
        expected,
      });
      // If it is another time by now, that was noted when it was decided.
      if (this.#until.get(id) === snoozedUntil) this.#until.delete(id);
      return true;
    } catch (error) {
      if (!this.#closed) this.#logError(error);
      return false;
    }
  }
}
