import { batch, computed, effect, type ReadonlySignal, signal } from '@preact/signals';
import type { DeskApi, GuichetClient } from '../../src/client/index.ts';
import type { Change, Conversation, Mention } from '../../src/protocol/entities.ts';
import type { AgentMe } from './desk.ts';
import { type Filters, filters } from './route.ts';
import { createShelf } from './shelf.ts';

/** How far the pages of a view have been loaded. */
interface Extent {
  state: 'loading' | 'ready' | 'failed';
  nextCursor: string | null;
  /** `updatedAt` of the last conversation loaded: what is older is not complete yet, and not shown. */
  until: string;
}

export interface Inbox {
  /** One conversation as it is known now; a computation that asks follows it. */
  get(id: string): Conversation | undefined;
  /** How many conversations are known at all. */
  readonly known: number;
  extent: ReadonlySignal<Extent | undefined>;
  rows: ReadonlySignal<readonly Conversation[]>;
  /** Unread messages in active conversations, of this agent or of nobody. */
  unread: ReadonlySignal<number>;
  /** Notes that name this agent, by conversation. */
  mentions: ReadonlySignal<ReadonlyMap<string, Mention>>;
  /** Throws everything away and loads the present view. */
  reload(): void;
  /** Loads the present view if it is not there, or its next page. */
  more(): void;
  /** Sees to it that one conversation is known. */
  need(id: string): void;
  take(conversations: readonly Conversation[]): void;
  apply(change: Change): void;
  seeMention(conversationId: string): void;
  close(): void;
}

const FIRST_PAGE = 50;
const PAGE = 200;
const RELOAD_MS = 5_000;

const keyOf = ({ who, status, label, q }: Filters): string => JSON.stringify([who, q === '' ? status : '', label, q]);

/** The lists of the console: one set of conversations, fed by pages and by the feed, seen through views. */
export const createInbox = (client: GuichetClient, api: DeskApi, me: AgentMe): Inbox => {
  const shelf = createShelf(me);
  const extents = signal<ReadonlyMap<string, Extent>>(new Map());
  const mentions = signal<ReadonlyMap<string, Mention>>(new Map());
  /** What a search has found, by view: only the server knows why. */
  const found = new Map<string, Set<string>>();
  const asked = new Set<string>();
  /** Asked for, and changed before the answer came. */
  const outdated = new Set<string>();
  let generation = 0;

  const extent = computed(() => extents.value.get(keyOf(filters.value)));
  const setExtent = (key: string, value: Extent): void => {
    extents.value = new Map(extents.peek()).set(key, value);
  };

  const belongs = (view: Filters, until: string, named: ReadonlyMap<string, Mention>) => {
    const hits = found.get(keyOf(view));
    return (conversation: Conversation): boolean => {
      const { id, agentId, status, updatedAt, labels } = conversation;
      if (view.who === 'mentions') return named.has(id);
      if (view.label !== undefined && labels?.includes(view.label) !== true) return false;
      if (!isWhose(view.who, agentId, me.id)) return false;
      if (view.q !== '') return hits?.has(id) === true;
      return status === view.status && updatedAt >= until;
    };
  };

  const load = async (): Promise<void> => {
    const view = filters.peek();
    const key = keyOf(view);
    const before = extents.peek().get(key);
    if (before?.state === 'loading' || (before?.state === 'ready' && before.nextCursor === null)) return;
    const began = generation;
    setExtent(key, { nextCursor: null, until: '', ...before, state: 'loading' });
    try {
      const page = view.who === 'mentions' ? await loadMentions() : await loadPage(view, before?.nextCursor);
      if (began !== generation) return;
      batch(() => {
        if (view.q !== '') {
          const hits = found.get(key) ?? new Set();
          found.set(key, hits);
          for (const { id } of page.conversations) hits.add(id);
        }
        shelf.put(page.conversations);
        const until = page.nextCursor === null ? '' : (page.conversations.at(-1)?.updatedAt ?? '');
        setExtent(key, { state: 'ready', nextCursor: page.nextCursor, until });
      });
    } catch {
      if (began !== generation) return;
      setExtent(key, { nextCursor: null, until: '', ...before, state: 'failed' });
      setTimeout(() => {
        if (extent.peek()?.state === 'failed') void load();
      }, RELOAD_MS);
    }
  };

  const loadPage = ({ who, status, label, q }: Filters, cursor: string | null | undefined) =>
    client.api.conversations({
      agent: who === 'all' ? undefined : who,
      label,
      ...(q === '' ? { status } : { q }),
      limit: cursor ? PAGE : FIRST_PAGE,
      cursor: cursor ?? undefined,
    });

  const loadMentions = async () => {
    const answer = await api.mentions();
    mentions.value = new Map(answer.mentions.map((mention) => [mention.conversationId, mention]));
    return { conversations: answer.conversations, nextCursor: null };
  };

  const need = async (id: string): Promise<void> => {
    if (asked.has(id)) {
      outdated.add(id);
      return;
    }
    asked.add(id);
    try {
      const began = generation;
      let answer = await client.api.conversation(id);
      while (outdated.delete(id)) answer = await client.api.conversation(id);
      if (began !== generation) return;
      shelf.put([answer.conversation]);
    } catch {
      // Gone, or out of reach: asked for again when somebody needs it again.
    } finally {
      asked.delete(id);
      outdated.delete(id);
    }
  };

  // The list is made anew when it is another one, or more of it is known; a change of one conversation moves only that.
  const until = computed(() => (extent.value?.nextCursor ? extent.value.until : ''));
  const end = effect(() => {
    // Of the view of mentions these are the members.
    shelf.list(belongs(filters.value, until.value, mentions.value));
  });

  return {
    get: (id) => shelf.follow().get(id),
    get known() {
      return shelf.size;
    },
    extent,
    rows: computed(() => shelf.follow().rows.slice()),
    unread: shelf.unread,
    mentions,
    reload: () => {
      generation++;
      found.clear();
      batch(() => {
        extents.value = new Map();
        shelf.clear();
      });
      void load();
      void loadMentions().then(
        ({ conversations }) => shelf.put(conversations),
        () => {},
      );
    },
    more: () => void load(),
    need: (id) => {
      if (shelf.get(id) === undefined) void need(id);
    },
    take: (conversations) => shelf.put(conversations),
    apply: (change) => {
      const { mention } = change;
      if (mention?.agentId === me.id) {
        mentions.value = new Map(mentions.peek()).set(mention.conversationId, mention);
        if (shelf.get(mention.conversationId) === undefined) void need(mention.conversationId);
      }
      const id = change.conversation?.id ?? change.message?.conversationId;
      const about = id ?? change.read?.conversationId;
      if (about !== undefined && asked.has(about)) outdated.add(about);
      // What the feed says of a conversation lacks what lists say of it, so a new one is asked for whole.
      if (shelf.mustRecount(change)) void need(change.read!.conversationId);
      if (!shelf.apply(change) && id !== undefined) void need(id);
    },
    seeMention: (conversationId) => {
      const mention = mentions.peek().get(conversationId);
      if (mention === undefined || mention.seen) return;
      mentions.value = new Map(mentions.peek()).set(conversationId, { ...mention, seen: true });
      api.seeMention(conversationId).catch(() => {});
    },
    close: end,
  };
};

const isWhose = (who: Filters['who'], agentId: string | null, myId: string): boolean => {
  if (who === 'all') return true;
  if (who === 'none') return agentId === null;
  return agentId === (who === 'me' ? myId : who);
};
