import type { Message } from '../protocol/entities.ts';
import { forAgents } from './for-agents.ts';

/**
 * The messages of one conversation that are at hand: one stretch up to the newest, in `seq` order, each id once.
 * The same message may arrive any number of times and by any road (page, feed, answer to a post).
 */
export class MessageList {
  readonly #byId = new Map<string, Message>();
  #sorted: Message[] = [];
  #paged = false;
  /** Whether the server has messages before the first one here. */
  hasOlder = true;

  get all(): readonly Message[] {
    return this.#sorted;
  }

  get lastSeq(): number {
    return this.#sorted.at(-1)?.seq ?? 0;
  }

  get(id: string): Message | undefined {
    return this.#byId.get(id);
  }

  /** Takes one message that came by itself. Returns whether anything changed. */
  apply(message: Message): boolean {
    const known = this.#byId.get(message.id);
    // Older than what is at hand (a redaction of long ago): taken in alone it would look like a neighbour of the first.
    const first = this.#sorted[0];
    if (!known && this.#paged && this.hasOlder && first && message.seq < first.seq) return false;
    if (known && same(known, message)) return false;
    this.#byId.set(message.id, known ? merge(known, message) : message);
    // What is new is nearly always the newest: a long thread is not put in order again for it.
    if (forAgents && !known && message.seq > this.lastSeq) this.#sorted = [...this.#sorted, message];
    else this.#sort();
    return true;
  }

  /** Takes a page: the latest one, or one that ends just before the first message at hand. */
  applyPage(messages: readonly Message[], hasOlder: boolean): void {
    for (const message of messages) {
      const known = this.#byId.get(message.id);
      this.#byId.set(message.id, known ? merge(known, message) : message);
    }
    const first = messages[0];
    this.#paged = true;
    this.hasOlder = hasOlder;
    if (first && hasOlder) for (const [id, { seq }] of this.#byId) if (seq < first.seq) this.#byId.delete(id);
    this.#sort();
  }

  /** A merge of stores may renumber messages that were not durable before. */
  markDurable(ids: readonly { id: string; seq: number }[]): boolean {
    let changed = false;
    for (const { id, seq } of ids) {
      const known = this.#byId.get(id);
      if (!known || (known.durable && known.seq === seq)) continue;
      this.#byId.set(id, { ...known, seq, durable: true });
      changed = true;
    }
    if (changed) this.#sort();
    return changed;
  }

  /** The `seq` after which something is missing, as numbers have no gaps; undefined when nothing is. */
  missingAfter(lastSeq: number): number | undefined {
    let before = this.#sorted[0]?.seq;
    for (const { seq } of this.#sorted) {
      if (seq > before! + 1) return before!;
      before = seq;
    }
    return (before ?? 0) < lastSeq ? (before ?? 0) : undefined;
  }

  #sort(): void {
    this.#sorted = [...this.#byId.values()].sort((a, b) => a.seq - b.seq || (a.id < b.id ? -1 : 1));
  }
}

/** What was durable stays so and what was redacted stays so, whichever of two reports arrives last. */
const merge = (known: Message, next: Message): Message => ({
  ...(known.redacted && !next.redacted ? known : next),
  durable: known.durable || next.durable,
});

const same = (known: Message, next: Message): boolean =>
  known.seq === next.seq &&
  known.durable === (known.durable || next.durable) &&
  (known.redacted ?? false) === (known.redacted || (next.redacted ?? false));
