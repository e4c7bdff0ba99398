import assert from 'node:assert/strict';
import type { Message } from '../../src/protocol/entities.ts';
import { PAGE_MAX } from '../../src/protocol/limits.ts';
import { call } from './call.ts';
import type { TestServer } from './server.ts';

interface Entry {
  readonly conversationId: string;
  readonly content: string;
  /** Set once the server has acknowledged it as durable. */
  seq?: number;
  /** Under which number it was read back. */
  found?: number;
}

/**
 * What the writers of a test sent and what the server promised about it: the oracle that is asked whether the server
 * kept its word.
 */
export class Ledger {
  readonly #sent = new Map<string, Entry>();
  readonly #acknowledged = new Set<string>();
  /** Up to which message each conversation was read back, and the public number of that one. */
  readonly #read = new Map<string, { seq: number; publicSeq: number }>();
  readonly #waiting: { count: number; resolve: () => void }[] = [];

  /** Notes that a message is about to be sent; the same id again is a retry. */
  sending(id: string, conversationId: string, content: string): void {
    if (!this.#sent.has(id)) this.#sent.set(id, { conversationId, content });
    if (!this.#read.has(conversationId)) this.#read.set(conversationId, { seq: 0, publicSeq: 0 });
  }

  /** Notes an acknowledgement; one that contradicts an earlier one is an error at once. */
  acknowledged(id: string, seq: number): void {
    const entry = this.#sent.get(id);
    assert.ok(entry, `${id} was acknowledged but never sent`);
    assert.equal(seq, entry.seq ?? entry.found ?? seq, `${id} was acknowledged with another number than before`);
    entry.seq = seq;
    this.#acknowledged.add(id);
    for (const { count, resolve } of this.#waiting) if (this.#acknowledged.size >= count) resolve();
  }

  /** Resolves when so many messages are acknowledged. */
  async reaches(count: number): Promise<void> {
    if (this.#acknowledged.size >= count) return;
    await new Promise<void>((resolve) => this.#waiting.push({ count, resolve }));
  }

  get acknowledgedIds(): ReadonlySet<string> {
    return this.#acknowledged;
  }

  /** Sent, with no answer yet: `[id, conversationId, content]`. */
  get unanswered(): [string, string, string][] {
    return [...this.#sent]
      .filter(([, { seq }]) => seq === undefined)
      .map(([id, { conversationId, content }]) => [id, conversationId, content]);
  }

  /**
   * Reads back and compares: numbers without a gap; every acknowledged message there once, unaltered, under its
   * acknowledged number; every other one at most once; nothing that was never sent.
   * @param from `start`: all of it, also what was found good before; `last`: what came since
   * @returns how many messages there are
   */
  async verify(server: TestServer, from: 'start' | 'last' = 'start'): Promise<number> {
    let count = 0;
    for (const conversationId of this.#read.keys())
      count += await this.#verifyConversation(server, conversationId, from);
    for (const [id, { seq, found }] of this.#sent) {
      assert.ok(seq === undefined || found !== undefined, `${id} was acknowledged with ${seq} and is gone`);
    }
    return count;
  }

  async #verifyConversation(server: TestServer, conversationId: string, from: 'start' | 'last'): Promise<number> {
    let { seq, publicSeq } = (from === 'last' && this.#read.get(conversationId)) || { seq: 0, publicSeq: 0 };
    const messages = await readAll(server, conversationId, seq);
    const known = this.#read.get(conversationId)?.seq ?? 0;
    for (const message of messages) {
      seq += 1;
      if (message.kind === 'message') publicSeq += 1;
      assert.equal(message.seq, seq, `${conversationId} has a gap or a double in front of ${message.seq}`);
      assert.equal(message.publicSeq ?? message.seq, publicSeq, `public number of ${message.id}`);
      const entry = this.#sent.get(message.id);
      assert.ok(entry, `${message.id} was never sent`);
      assert.equal(conversationId, entry.conversationId);
      assert.ok(message.content === entry.content, `${message.id} has another content than was sent`);
      assert.equal(seq, entry.seq ?? seq, `${message.id} has another number than was acknowledged`);
      assert.equal(seq, entry.found ?? seq, `${message.id} is there twice, or has moved`);
      entry.found = seq;
    }
    assert.ok(seq >= known, `${conversationId} ended with ${known} and now ends with ${seq}`);
    this.#read.set(conversationId, { seq, publicSeq });
    return seq;
  }
}

/** The messages of a conversation behind a seq, page by page. */
export const readAll = async (server: TestServer, conversationId: string, behind = 0): Promise<Message[]> => {
  const messages: Message[] = [];
  for (;;) {
    const after = messages.at(-1)?.seq ?? behind;
    const path = `/conversations/${conversationId}/messages?after=${after}&limit=${PAGE_MAX}`;
    const { status, body } = await call<{ messages: Message[]; hasMore: boolean }>(server, 'GET', path);
    // A conversation whose start was never acknowledged may not exist.
    if (status === 404 && after === 0) return [];
    assert.equal(status, 200, `${path}: ${JSON.stringify(body)}`);
    messages.push(...body.messages);
    if (!body.hasMore) return messages;
  }
};
