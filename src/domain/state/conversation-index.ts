import { GuichetError } from '../errors.ts';
import type { ConversationHead } from '../model/conversation.ts';
import type { ConversationPage, ConversationQuery } from '../store.ts';
import { type Searchable, searchTerms } from './search-terms.ts';

/** What one conversation was last seen at; stale once `heads` knows a newer head for it. */
interface Touch {
  readonly id: string;
  readonly updatedAt: string;
}

/**
 * All conversation heads of a log in memory, by id, by contact and by activity.
 *
 * Activity is an array of touches in order of time, newest last: a change appends one, and the touch it outdates is
 * skipped when read and swept when half the array is stale. So a post costs O(1) and the first page of an inbox costs
 * a page, whatever the number of conversations.
 */
export class ConversationIndex {
  readonly heads = new Map<string, ConversationHead>();
  readonly #byUser = new Map<string, Set<string>>();
  readonly #newest = new Map<string, Touch>();
  #touches: Touch[] = [];
  #sorted = true;
  readonly #searchable: Searchable;

  constructor(searchable: Searchable) {
    this.#searchable = searchable;
  }

  set(head: ConversationHead): void {
    const { id, userId } = head.conversation;
    const before = this.heads.get(id);
    this.heads.set(id, head);
    if (before?.conversation.userId !== userId) this.#fileUnder(id, userId, before?.conversation.userId);
    if (before?.updatedAt !== head.updatedAt) this.#touch(id, head.updatedAt);
  }

  ofUser(userId: string): ConversationHead[] {
    return [...(this.#byUser.get(userId) ?? [])].map((id) => this.heads.get(id)!);
  }

  page(query: ConversationQuery): ConversationPage {
    const from = query.cursor === undefined ? undefined : parseCursor(query.cursor);
    const matches = this.#matcher(query);
    const found: ConversationHead[] = [];
    const stamp = stampOf(query);
    const source =
      query.userId === undefined ? this.#byActivity(from?.updatedAt) : sortByStamp(this.ofUser(query.userId));
    for (const head of source) {
      if (from !== undefined && !isBehind(head, stamp(head), from)) continue;
      if (!matches(head)) continue;
      if (found.length === query.limit) return { conversations: found, nextCursor: cursorBehind(found.at(-1)!, query) };
      found.push(head);
    }
    return { conversations: found, nextCursor: null };
  }

  /** Newest first; runs of one time in order of id, so that a cursor between two of them is exact. */
  *#byActivity(from: string | undefined): Generator<ConversationHead> {
    this.#sweep();
    let end = from === undefined ? this.#touches.length : firstAfter(this.#touches, from);
    while (end > 0) {
      let start = end - 1;
      while (start > 0 && this.#touches[start - 1]!.updatedAt === this.#touches[start]!.updatedAt) start -= 1;
      const run = this.#touches.slice(start, end).filter((touch) => this.#newest.get(touch.id) === touch);
      if (run.length > 1) run.sort((a, b) => (a.id < b.id ? -1 : 1));
      for (const touch of run) yield this.heads.get(touch.id)!;
      end = start;
    }
  }

  #matcher(query: ConversationQuery): (head: ConversationHead) => boolean {
    const terms = query.q === undefined ? [] : searchTerms(query.q);
    return (head) => {
      const { status, agentId, labels } = head.conversation;
      if (query.status !== undefined && status !== query.status) return false;
      if (query.agentId !== undefined && agentId !== query.agentId) return false;
      if (query.label !== undefined && !labels.includes(query.label)) return false;
      if (terms.length === 0) return true;
      const words = this.#searchable(head.conversation);
      return terms.every((term) => words.some((word) => word.startsWith(term)));
    };
  }

  #touch(id: string, updatedAt: string): void {
    const touch = { id, updatedAt };
    this.#newest.set(id, touch);
    if (this.#sorted && (this.#touches.at(-1)?.updatedAt ?? '') > updatedAt) this.#sorted = false;
    this.#touches.push(touch);
    if (this.#touches.length > 2 * this.#newest.size + 1024) {
      this.#touches = this.#touches.filter((t) => this.#newest.get(t.id) === t);
    }
  }

  /** Imported conversations come with old times: then the order is made anew, once, when somebody asks. */
  #sweep(): void {
    if (this.#sorted) return;
    this.#touches = [...this.#newest.values()].sort((a, b) => compare(a.updatedAt, b.updatedAt));
    this.#sorted = true;
  }

  #fileUnder(id: string, userId: string, formerUserId: string | undefined): void {
    if (formerUserId !== undefined) this.#byUser.get(formerUserId)?.delete(id);
    const ids = this.#byUser.get(userId);
    if (ids === undefined) this.#byUser.set(userId, new Set([id]));
    else ids.add(id);
  }
}

type Stamp = (head: ConversationHead) => string;
const agentStamp: Stamp = (head) => head.updatedAt;
/** A visitor's order follows only what the visitor may see. */
const visitorStamp: Stamp = (head) => head.publicUpdatedAt;

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const sortByStamp = (heads: ConversationHead[]): ConversationHead[] =>
  heads.sort((a, b) => compare(b.publicUpdatedAt, a.publicUpdatedAt) || compare(a.conversation.id, b.conversation.id));

/** The place behind a conversation in a list. */
export interface Cursor {
  readonly updatedAt: string;
  readonly id: string;
}

const isBehind = (head: ConversationHead, stamp: string, from: Cursor): boolean =>
  stamp < from.updatedAt || (stamp === from.updatedAt && head.conversation.id > from.id);

const stampOf = (query: ConversationQuery): Stamp => (query.userId === undefined ? agentStamp : visitorStamp);

/** The cursor of the page that goes on behind this conversation, the same for every store. */
export const cursorBehind = (head: ConversationHead, query: ConversationQuery): string =>
  Buffer.from(JSON.stringify([stampOf(query)(head), head.conversation.id])).toString('base64url');

/** Puts two lists that answer the same query, each in its order, into one. */
export const mergeByActivity = (
  a: readonly ConversationHead[],
  b: readonly ConversationHead[],
  query: ConversationQuery,
): ConversationHead[] => {
  const stamp = stampOf(query);
  return [...a, ...b].sort((x, y) => compare(stamp(y), stamp(x)) || compare(x.conversation.id, y.conversation.id));
};

/** @throws GuichetError `invalid` for a text that {@link cursorBehind} did not make */
export const parseCursor = (text: string): Cursor => {
  try {
    const [updatedAt, id] = JSON.parse(Buffer.from(text, 'base64url').toString()) as unknown[];
    if (typeof updatedAt === 'string' && typeof id === 'string') return { updatedAt, id };
  } catch {
    // said below, like every other text that is no cursor
  }
  throw new GuichetError('invalid', 'The cursor is not one that this list gave.');
};

/** Index of the first touch later than `time`, by binary search. */
const firstAfter = (touches: readonly Touch[], time: string): number => {
  let low = 0;
  let high = touches.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (touches[middle]!.updatedAt > time) high = middle;
    else low = middle + 1;
  }
  return low;
};
