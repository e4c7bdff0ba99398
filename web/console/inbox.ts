import { batch, computed, effect, type ReadonlySignal, signal } from '@preact/signals';
import type { DeskApi, GuichetClient } from '../../src/client/index.ts';
import type { Change, Conversation, Mention } from '../../src/protocol/entities.ts';
import { persist } from '../shared/persist.ts';
import type { AgentMe } from './desk.ts';
import type { Filters } from './route.ts';
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
  /** Asks for conversations for another reason than the list, and takes them from the answer. Rejects as the call. */
  ask<T extends Answer>(call: () => Promise<T>): Promise<T>;
  apply(change: Change): void;
  seeMention(conversationId: string): void;
  close(): void;
}

/** The view in which everybody begins. */
const EVERYTHING: Filters = { who: 'all', status: 'ACTIVE', label: undefined, q: '' };

/** What brings conversations as lists show them, or bare. */
interface Answer {
  readonly conversations: readonly Conversation[];
}

export interface InboxOptions {
  readonly client: { readonly api: Pick<GuichetClient['api'], 'conversation' | 'conversations'> };
  readonly api: Pick<DeskApi, 'mentions' | 'seeMention'>;
  readonly me: AgentMe;
  /** The view that is looked at. */
  readonly filters: ReadonlySignal<Filters>;
}

const FIRST_PAGE = 50;
const PAGE = 200;
/** Conversations of an agent, and as many of nobody, that are looked through for what is unread: the newest. */
const COUNTED = 1_000;
const RELOAD_MS = 5_000;

const keyOf = ({ who, status, label, q }: Filters): string => JSON.stringify([who, q === '' ? status : '', label, q]);

/** The lists of the console: one set of conversations, fed by pages and by the feed, seen through views. */
export const createInbox = ({ client, api, me, filters }: InboxOptions): Inbox => {
  const shelf = createShelf(me);
  const extents = signal<ReadonlyMap<string, Extent>>(new Map());
  const mentions = signal<ReadonlyMap<string, Mention>>(new Map());
  /** What a search has found, by view: only the server knows why. */
  const found = signal<ReadonlyMap<string, ReadonlySet<string>>>(new Map());
  /** Of each call under way, the conversations that have changed since: what it brings of them may be older. */
  const underway = new Set<Set<string>>();
  /** Conversations that are being asked for by themselves. */
  let asked = new Set<string>();
  let generation = 0;

  const extent = computed(() => extents.value.get(keyOf(filters.value)));
  const setExtent = (key: string, value: Extent): void => {
    extents.value = new Map(extents.peek()).set(key, value);
  };

  const belongs = (view: Filters, until: string, named: ReadonlyMap<string, Mention>) => {
    const hits = found.value.get(keyOf(view));
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
      if (view.who === 'mentions') {
        await loadMentions();
        if (began === generation) setExtent(key, { state: 'ready', nextCursor: null, until: '' });
        return;
      }
      await ask(
        () => loadPage(view, before?.nextCursor),
        ({ conversations, nextCursor }) => {
          if (view.q !== '') {
            const hits = [...(found.peek().get(key) ?? []), ...conversations.map(({ id }) => id)];
            found.value = new Map(found.peek()).set(key, new Set(hits));
          }
          const until = nextCursor === null ? '' : (conversations.at(-1)?.updatedAt ?? '');
          setExtent(key, { state: 'ready', nextCursor, until });
        },
      );
    } catch {
      if (began !== generation) return;
      setExtent(key, { nextCursor: null, until: '', ...before, state: 'failed' });
      setTimeout(() => {
        if (began === generation && extent.peek()?.state === 'failed') void load();
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

  const loadMentions = () =>
    ask(
      () => api.mentions(),
      (answer, changed) => {
        const newer = [...mentions.peek().values()].filter(({ conversationId }) => changed.has(conversationId));
        mentions.value = new Map([...answer.mentions, ...newer].map((mention) => [mention.conversationId, mention]));
      },
    );

  /** What is unread is the same number in every tab, however far the list was scrolled there. */
  const loadUnread = async (): Promise<void> => {
    const began = generation;
    const all = extents.peek().get(keyOf(EVERYTHING));
    if (all?.state === 'ready' && all.nextCursor === null) return;
    for (const agent of ['me', 'none']) {
      let cursor: string | undefined;
      for (let from = 0; from < COUNTED && began === generation; from += PAGE) {
        const query = { agent, status: 'ACTIVE', limit: PAGE, cursor } as const;
        const { nextCursor }: { nextCursor: string | null } = await ask(() => client.api.conversations(query));
        if (nextCursor === null) break;
        cursor = nextCursor;
      }
    }
  };

  const changed = (id: string): void => {
    for (const since of underway) since.add(id);
  };

  /** Calls `take` in the turn of the answer, with the conversations that have changed since the call. */
  const asking = async <T>(
    call: () => Promise<T>,
    take: (answer: T, changed: ReadonlySet<string>) => void,
  ): Promise<T> => {
    const since = new Set<string>();
    underway.add(since);
    try {
      const answer = await call();
      take(answer, since);
      return answer;
    } finally {
      underway.delete(since);
    }
  };

  /**
   * Asks for conversations. The feed has no gaps: what it told of one while the answer was on its way, or is about to
   * tell, is newer than the answer. One that was not known, so that the feed could tell nothing of it, is asked for by
   * itself. `took` is called in the turn in which the conversations are taken, and not when all was thrown away since.
   */
  const ask = <T extends Answer>(
    call: () => Promise<T>,
    took: (answer: T, changed: ReadonlySet<string>) => void = () => {},
  ): Promise<T> => {
    const began = generation;
    return asking(call, (answer, since) => {
      if (began !== generation) return;
      batch(() => {
        took(answer, since);
        shelf.put(answer.conversations.filter(({ id }) => !since.has(id)));
      });
      for (const { id } of answer.conversations) if (shelf.get(id) === undefined) void fetch(id);
    });
  };

  /** Asks for one conversation, until there is an answer that nothing has overtaken. */
  const fetch = async (id: string): Promise<void> => {
    const among = asked;
    if (among.has(id)) return;
    among.add(id);
    const isWanted = (): boolean => among === asked;
    await persist(async () => {
      let isNow = false;
      const take = ({ conversation }: { conversation: Conversation }, since: ReadonlySet<string>): void => {
        isNow = !since.has(id);
        if (isWanted() && (isNow || shelf.get(id) === undefined)) shelf.put([conversation]);
      };
      while (!isNow && isWanted()) await asking(() => client.api.conversation(id), take);
    }, isWanted);
    among.delete(id);
  };

  // The list is made anew when it is another one, or more of it is known or found; a change of one conversation moves
  // only that.
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
      const began = ++generation;
      asked = new Set();
      batch(() => {
        found.value = new Map();
        extents.value = new Map();
        shelf.clear();
      });
      const isWanted = (): boolean => began === generation;
      void persist(loadMentions, isWanted);
      // What is looked at comes first.
      void load().then(async () => {
        if (isWanted()) await persist(loadUnread, isWanted);
      });
    },
    more: () => void load(),
    need: (id) => {
      if (shelf.get(id) === undefined) void fetch(id);
    },
    ask: (call) => ask(call),
    apply: (change) => {
      const { mention } = change;
      if (mention?.agentId === me.id) {
        mentions.value = new Map(mentions.peek()).set(mention.conversationId, mention);
        changed(mention.conversationId);
        if (shelf.get(mention.conversationId) === undefined) void fetch(mention.conversationId);
      }
      const id = change.conversation?.id ?? change.message?.conversationId;
      const about = id ?? change.read?.conversationId;
      if (about !== undefined) changed(about);
      // What the feed says of a conversation lacks what lists say of it, so a new one is asked for whole.
      if (shelf.mustRecount(change)) void fetch(change.read!.conversationId);
      if (!shelf.apply(change) && id !== undefined) void fetch(id);
    },
    seeMention: (conversationId) => {
      const mention = mentions.peek().get(conversationId);
      if (mention === undefined || mention.seen) return;
      changed(conversationId);
      mentions.value = new Map(mentions.peek()).set(conversationId, { ...mention, seen: true });
      const began = generation;
      void persist(
        () => api.seeMention(conversationId),
        () => began === generation,
      );
    },
    close: () => {
      generation++;
      asked = new Set();
      end();
    },
  };
};

const isWhose = (who: Filters['who'], agentId: string | null, myId: string): boolean => {
  if (who === 'all') return true;
  if (who === 'none') return agentId === null;
  return agentId === (who === 'me' ? myId : who);
};
