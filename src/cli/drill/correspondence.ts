import { setTimeout as delay } from 'node:timers/promises';
import type { Message, Stored } from '../../protocol/entities.ts';
import { PAGE_MAX } from '../../protocol/limits.ts';
import type { PrivateServer } from './private-server.ts';

interface Sent {
  readonly content: string;
  /** Set once it was acknowledged as durable. */
  seq?: number;
}

/** How long a message that could not be stored yet rests before it is sent again under its id. */
const AGAIN_MS = 50;
const ANSWER_WITHIN_MS = 10_000;
/** A server that stores nothing for so long does not do what it is for. */
const PATIENCE_MS = 120_000;

/**
 * People who write without end, each in a conversation of their own, and who send a message again under its id until
 * it is acknowledged as durable. Keeps what was sent and what was promised, and asks whether the promise was kept.
 */
export class Correspondence {
  readonly #server: PrivateServer;
  readonly #text: string;
  readonly #conversations: readonly string[];
  readonly #sent = new Map<string, Map<string, Sent>>();
  /** Ids that were acknowledged as not durable yet, now or earlier. */
  readonly #unsaved = new Set<string>();
  #acknowledged = 0;
  #stopping = false;
  #givenUp = false;
  #writers = 0;
  /** Longest time between two durable acknowledgements since {@link watchPauses}. */
  longestPauseMs = 0;
  #lastAt = performance.now();
  #onAcknowledged: () => void = () => {};

  /** @param bytes of each message */
  constructor(server: PrivateServer, name: string, writers: number, bytes: number) {
    this.#server = server;
    this.#text = 'x'.repeat(bytes);
    this.#conversations = Array.from({ length: writers }, (_, i) => `drill-${name}-${i}`);
  }

  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Messages that were acknowledged as not saved yet. */
  get unsaved(): number {
    return this.#unsaved.size;
  }

  async begin(): Promise<void> {
    for (const id of this.#conversations) {
      this.#sent.set(id, new Map());
      await this.#ask('POST', '/conversations', { id, userId: id });
    }
    for (const id of this.#conversations) void this.#write(id);
  }

  /** Lets everybody finish the message in hand. Rejects when that is not stored. */
  async end(): Promise<void> {
    this.#stopping = true;
    await this.#until(() => this.#writers === 0);
  }

  /** Nobody waits any longer for what is not stored. */
  giveUp(): void {
    this.#stopping = true;
    this.#givenUp = true;
  }

  watchPauses(): void {
    this.longestPauseMs = 0;
  }

  #lookAtPause(): void {
    const now = performance.now();
    this.longestPauseMs = Math.max(this.longestPauseMs, now - this.#lastAt);
    this.#lastAt = now;
  }

  /** Resolves when so many more were acknowledged as durable. */
  async more(count: number): Promise<void> {
    const wanted = this.#acknowledged + count;
    await this.#until(() => this.#acknowledged >= wanted);
  }

  /** Resolves when so many were acknowledged as not saved yet. */
  async unsavedReach(count: number): Promise<void> {
    await this.#until(() => this.#unsaved.size >= count);
  }

  async #until(done: () => boolean | Promise<boolean>): Promise<void> {
    const began = performance.now();
    while (!(await done())) {
      if (performance.now() - began > PATIENCE_MS) {
        throw new Error(`Nothing more was stored for ${PATIENCE_MS / 1000} seconds.`);
      }
      const acknowledged = new Promise<void>((resolve) => {
        this.#onAcknowledged = resolve;
      });
      await Promise.race([acknowledged, delay(AGAIN_MS)]);
    }
  }

  async #write(conversationId: string): Promise<void> {
    const sent = this.#sent.get(conversationId)!;
    this.#writers += 1;
    while (!this.#stopping) {
      const id = `${conversationId}-${sent.size + 1}`;
      const content = `${id} ${this.#text}`;
      sent.set(id, { content });
      await this.#post(conversationId, id, sent.get(id)!);
    }
    this.#writers -= 1;
  }

  async #post(conversationId: string, id: string, entry: Sent): Promise<void> {
    const path = `/conversations/${conversationId}/messages`;
    while (!this.#givenUp) {
      const { content } = entry;
      const answer = await this.#ask<{ message: Message; stored: Stored }>('POST', path, { id, content });
      if (answer?.stored.durable) {
        entry.seq = answer.message.seq;
        this.#acknowledged += 1;
        this.#lookAtPause();
        this.#onAcknowledged();
        return;
      }
      if (answer !== undefined) this.#unsaved.add(id);
      this.#onAcknowledged();
      await delay(AGAIN_MS);
    }
  }

  /** `undefined`: no answer, or none that promises anything. */
  async #ask<T>(method: string, path: string, body?: unknown): Promise<T | undefined> {
    try {
      const response = await fetch(`${this.#server.url}/api/v1${path}`, {
        method,
        headers: { authorization: `Bearer ${this.#server.token}`, 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      });
      const answer = (await response.json()) as T;
      return response.ok ? answer : undefined;
    } catch {
      return undefined;
    }
  }

  /** Asks until no store of the chain is out. */
  async untilLevel(): Promise<void> {
    await this.#until(async () => (await this.#ask<{ degraded: boolean }>('GET', '/storage'))?.degraded === false);
  }

  /**
   * Reads everything back: each acknowledged message once, unaltered, under its number, in the order it was sent.
   * @returns what is wrong, in a sentence for each
   */
  async verify(): Promise<string[]> {
    const wrong: string[] = [];
    for (const [conversationId, sent] of this.#sent) {
      const found = await this.#read(conversationId);
      const numbers = new Map(found.map(({ id, seq }) => [id, seq]));
      if (numbers.size !== found.length) wrong.push(`${conversationId}: a message is there twice`);
      found.forEach(({ id, seq, content }, i) => {
        if (seq !== i + 1) wrong.push(`${conversationId}: message ${id} stands at ${seq} instead of ${i + 1}`);
        if (sent.get(id)?.content !== content) wrong.push(`${conversationId}: message ${id} is not what was sent`);
      });
      for (const [id, { seq }] of sent) {
        if (seq !== undefined && numbers.get(id) !== seq)
          wrong.push(`${conversationId}: message ${id} is gone or moved`);
      }
      const order = found.map(({ id }) => id);
      if (order.join() !== [...sent.keys()].filter((id) => numbers.has(id)).join()) {
        wrong.push(`${conversationId}: messages are not in the order they were sent in`);
      }
    }
    return wrong;
  }

  async #read(conversationId: string): Promise<Message[]> {
    const messages: Message[] = [];
    for (;;) {
      const path = `/conversations/${conversationId}/messages?after=${messages.length}&limit=${PAGE_MAX}`;
      const page = await this.#ask<{ messages: Message[]; hasMore: boolean }>('GET', path);
      messages.push(...(page?.messages ?? []));
      if (page === undefined || !page.hasMore) return messages;
    }
  }
}
