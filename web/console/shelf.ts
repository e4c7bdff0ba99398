import { type ReadonlySignal, signal } from '@preact/signals';
import type { Change, Conversation } from '../../src/protocol/entities.ts';
import {
  afterChange,
  byActivity,
  mustRecount,
  unreadOf,
  type Viewer,
  withConversations,
} from '../shared/conversations.ts';

/**
 * The conversations a console knows, and the one list of them that is looked at. A change costs the place of one
 * conversation, not a walk over all: there may be 50,000.
 */
export interface Shelf {
  /** The same; a computation that asks for it this way is made anew after every change. */
  follow(): Shelf;
  /** Unread messages in active conversations, of this agent or of nobody. */
  readonly unread: ReadonlySignal<number>;
  get(id: string): Conversation | undefined;
  readonly size: number;
  /** Those that belong to the list, newest activity first. The same array is changed in place. */
  readonly rows: readonly Conversation[];
  /** Makes the list anew, of what `belongs`. */
  list(belongs: (conversation: Conversation) => boolean): void;
  put(news: readonly Conversation[]): void;
  /** Whether only the server can say how much is unread after a change. */
  mustRecount(change: Change): boolean;
  /** False when the change is of a conversation that is not known. */
  apply(change: Change): boolean;
  clear(): void;
}

export const createShelf = (me: Extract<Viewer, { type: 'agent' }>): Shelf => {
  const known = new Map<string, Conversation>();
  const version = signal(0);
  const unread = signal(0);
  let rows: Conversation[] = [];
  let belongs: (conversation: Conversation) => boolean = () => false;

  const weight = (conversation: Conversation | undefined): number => {
    if (conversation?.status !== 'ACTIVE') return 0;
    return conversation.agentId === null || conversation.agentId === me.id ? unreadOf(conversation, me) : 0;
  };

  const set = (next: Conversation): void => {
    const before = known.get(next.id);
    if (before !== undefined) {
      const at = placeOf(rows, before);
      if (rows[at]?.id === next.id) rows.splice(at, 1);
    }
    known.set(next.id, next);
    if (belongs(next)) rows.splice(placeOf(rows, next), 0, next);
    unread.value = unread.peek() + weight(next) - weight(before);
  };

  const bump = (): void => {
    version.value = version.peek() + 1;
  };

  const shelf: Shelf = {
    follow: () => {
      void version.value;
      return shelf;
    },
    unread,
    get: (id) => known.get(id),
    get size() {
      return known.size;
    },
    get rows() {
      return rows;
    },
    list: (which) => {
      belongs = which;
      rows = [...known.values()].filter(belongs).sort(byActivity);
      bump();
    },
    put: (news) => {
      for (const conversation of news) {
        const before = known.get(conversation.id);
        const alone = new Map(before && [[before.id, before]]);
        set(withConversations(alone, [conversation], me).get(conversation.id)!);
      }
      bump();
    },
    mustRecount: (change) => mustRecount(known, change, me),
    apply: (change) => {
      const { contact } = change;
      if (contact !== undefined) {
        const theirs = [...known.values()].filter(({ userId }) => userId === contact.id);
        for (const conversation of theirs) set({ ...conversation, contact });
        if (theirs.length > 0) bump();
        return true;
      }
      const id = change.conversation?.id ?? change.message?.conversationId ?? change.read?.conversationId;
      const before = id === undefined ? undefined : known.get(id);
      if (before === undefined) return id === undefined;
      set(afterChange(new Map([[before.id, before]]), change, me).get(before.id)!);
      bump();
      return true;
    },
    clear: () => {
      known.clear();
      rows = [];
      unread.value = 0;
      bump();
    },
  };
  return shelf;
};

/** Where a conversation stands, or would stand, in a list that is in order. */
const placeOf = (rows: readonly Conversation[], conversation: Conversation): number => {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const row = rows[middle]!;
    if (row.id !== conversation.id && byActivity(row, conversation) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
};
