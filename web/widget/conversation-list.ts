import type { GuichetClient } from '../../src/client/index.ts';
import type { Conversation } from '../../src/protocol/entities.ts';
import {
  afterChange,
  type Conversations,
  mustRecount,
  type Viewer,
  withConversations,
} from '../shared/conversations.ts';
import { persist } from '../shared/persist.ts';

export const VISITOR: Viewer = { type: 'visitor' };

const LISTED = 20;

/** The visitor's conversations, as they are known here. */
export interface ConversationList {
  readonly all: Conversations;
  take(conversations: readonly Conversation[]): void;
  clear(): void;
}

/**
 * Loads the visitor's conversations and keeps them up by the feed. `onChange` is called whenever they have changed,
 * `onLoaded` with every answer of the server.
 */
export const listConversations = (
  client: Pick<GuichetClient, 'api' | 'on'>,
  onChange: () => void,
  onLoaded: () => void,
): ConversationList => {
  let all: Conversations = new Map();
  /** Counts the logs: an answer that comes from a former one is none. */
  let past = 0;
  let loading = false;
  /** What was asked last has been overtaken, or not been asked yet. */
  let due = false;

  const set = (next: Conversations): void => {
    all = next;
    onChange();
  };
  const take = (list: readonly Conversation[]): void => set(withConversations(all, list, VISITOR));
  const load = async (): Promise<void> => {
    due = true;
    if (loading) return;
    loading = true;
    while (due) {
      due = false;
      const began = past;
      const isWanted = (): boolean => began === past;
      await persist(async () => {
        const page = await client.api.conversations({ limit: LISTED });
        if (!isWanted()) return;
        take(page.conversations);
        onLoaded();
      }, isWanted);
    }
    loading = false;
  };

  client.on('fresh', () => {
    past += 1;
    all = new Map();
    void load();
  });
  client.on('started', (conversation) => take([conversation]));
  client.on('change', (change) => {
    due = true;
    const recount = mustRecount(all, change, VISITOR);
    set(afterChange(all, change, VISITOR));
    const id = change.message?.conversationId ?? change.conversation?.id;
    const known = id && all.get(id);
    // A conversation that somebody else began with this visitor, or another tab; or somebody else answers now.
    const isNews = known ? known.agentId && known.agentId !== known.agent?.id : id;
    if (recount || isNews) void load();
  });

  return {
    get all() {
      return all;
    },
    take,
    clear: () => set(new Map()),
  };
};
