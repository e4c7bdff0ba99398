import { computed, effect, type ReadonlySignal, signal } from '@preact/signals';
import {
  type ConnectionState,
  type ConversationPatch,
  connectDeskApi,
  type DeskApi,
  GuichetClient,
  type OutboxStorage,
  type Thread,
} from '../../src/client/index.ts';
import { persist } from '../shared/persist.ts';
import { callAgent, showUnread } from './alerts.ts';
import { type Catalogue, createCatalogue } from './catalogue.ts';
import { createDrafts } from './drafts.ts';
import { createInbox, type Inbox } from './inbox.ts';
import { createNotices, type Notices } from './notices.ts';
import { conversationInHash, filters } from './route.ts';
import type { Conversation, Me, Message, StorageReport } from './types.ts';
import { words } from './words.ts';

export type AgentMe = Extract<Me, { type: 'agent' }>;

/** The agent's side of the counter. */
export interface Desk {
  me: AgentMe;
  api: DeskApi;
  client: GuichetClient;
  inbox: Inbox;
  catalogue: Catalogue;
  connection: ReadonlySignal<ConnectionState>;
  storage: ReadonlySignal<StorageReport | 'unavailable' | undefined>;
  /** What files the server takes, once it has said so. */
  files: ReadonlySignal<{ maxBytes: number } | undefined>;
  thread: ReadonlySignal<Thread | undefined>;
  drafts: ReturnType<typeof createDrafts>;
  /** A conversation, not the one that is open, that holds a message which could not be sent. */
  stuck: ReadonlySignal<string | undefined>;
  notices: Notices;
  /** Changes a conversation; closing, snoozing and assigning can be taken back for a moment. */
  change(conversation: Conversation, patch: ConversationPatch): Promise<void>;
  redact(message: Message): Promise<void>;
  /** Does something, and says so when it did not work; answers whether it did. */
  attempt(what: () => Promise<unknown>): Promise<boolean>;
  /** Asks now how the storage is. */
  lookAtStorage(): Promise<void>;
  close(): void;
}

/** How often the storage is asked after: while it is well, and while it is not. */
const STORAGE_EVERY_MS = 20_000;
const STORAGE_AGAIN_MS = 2_000;

export const openDesk = (me: AgentMe, storage: OutboxStorage, onSignedOut: () => void): Desk => {
  const api = connectDeskApi('', me.id);
  const client = new GuichetClient({ baseUrl: '', side: 'agent', owner: me.id, as: me.id, storage });
  const inbox = createInbox({ client, api, me, filters });
  const catalogue = createCatalogue(api);
  const notices = createNotices();
  const connection = signal<ConnectionState>('connecting');
  const report = signal<StorageReport | 'unavailable'>();
  const files = signal<{ maxBytes: number }>();
  const thread = signal<Thread>();
  const stuck = signal<string>();
  const drafts = createDrafts(me.id);

  const loadFileLimits = async (): Promise<void> => {
    files.value = (await client.api.widgetInfo()).attachments;
  };
  const loadStorage = async (): Promise<void> => {
    try {
      report.value = await api.storage();
    } catch (error) {
      if ((error as { status?: number }).status === 503) report.value = 'unavailable';
    }
  };
  const isDegraded = (): boolean => {
    const known = report.peek();
    return known === 'unavailable' || known?.degraded === true;
  };
  const attempt = async (what: () => Promise<unknown>): Promise<boolean> => {
    try {
      await what();
      return true;
    } catch {
      notices.say({ text: () => words.value.actionFailed });
      return false;
    }
  };
  const patch = (id: string, fields: ConversationPatch): Promise<boolean> =>
    attempt(() => inbox.ask(async () => ({ conversations: [(await api.patchConversation(id, fields)).conversation] })));

  let beginnings = 0;
  client.on('fresh', () => {
    inbox.reload();
    const began = ++beginnings;
    for (const load of [() => catalogue.load(), loadFileLimits]) void persist(load, () => began === beginnings);
    void loadStorage();
    const { value: id } = conversationInHash;
    if (id !== undefined) inbox.need(id);
  });
  client.on('change', (change) => {
    inbox.apply(change);
    catalogue.apply(change);
    const { message, mention } = change;
    // A message tells at once what the next look at the storage would.
    if (message && message.durable === isDegraded()) void loadStorage();
    const id = message?.conversationId ?? mention?.conversationId;
    if (id !== undefined) callAgent(change, inbox.get(id), me.id);
  });
  const lookForStuck = (): void => {
    stuck.value = client.outbox.stuckBeside(thread.peek()?.id);
  };
  client.outbox.on('change', lookForStuck);
  client.on('unauthorized', onSignedOut);
  client.connection.on('storage', () => void loadStorage());
  client.connection.on('state', (state) => {
    connection.value = state;
    if (state === 'live') void loadStorage();
  });

  const ends = [
    effect(() => {
      const { value: id } = conversationInHash;
      const open = thread.peek();
      if (open?.id === id) return;
      if (open) client.close(open.id);
      thread.value = id === undefined ? undefined : client.open(id);
      lookForStuck();
      if (id !== undefined && client.connection.cursor !== undefined) inbox.need(id);
    }),
    // Read marks of before the thread was opened come with the conversation.
    effect(() => {
      const { value: open } = thread;
      const head = open && inbox.get(open.id);
      if (head) open.applyConversation(head);
      if (open && inbox.mentions.value.get(open.id)?.seen === false) inbox.seeMention(open.id);
    }),
    showUnread(inbox.unread),
    () => inbox.close(),
    () => drafts.close(),
  ];
  let looked = performance.now();
  const interval = setInterval(() => {
    const due = isDegraded() || performance.now() - looked >= STORAGE_EVERY_MS;
    if (!due || document.visibilityState !== 'visible') return;
    looked = performance.now();
    void loadStorage();
  }, STORAGE_AGAIN_MS);
  void client.start();

  return {
    me,
    api,
    client,
    inbox,
    catalogue,
    connection,
    storage: computed(() => report.value),
    files,
    thread,
    drafts,
    notices,
    stuck,
    change: async (conversation, fields) => {
      const { id, status, agentId, snoozedUntil = null } = conversation;
      if (!(await patch(id, fields))) return;
      if (fields.status !== undefined && fields.status !== 'ACTIVE') {
        const before = { status, ...(status === 'SNOOZED' && { snoozedUntil }) };
        const { status: now } = fields;
        notices.say({ text: () => words.value.done[now], undo: () => void patch(id, before) });
      } else if (fields.agentId !== undefined) {
        const { agentId: to } = fields;
        const { done } = words.value;
        const text = (): string => (to === null ? done.unassigned : done.assigned(agentNameOf(to)));
        notices.say({ text, undo: () => void patch(id, { agentId }) });
      }
    },
    redact: async (message) => {
      await attempt(() => api.redact(message.conversationId, message.id));
    },
    attempt,
    lookAtStorage: loadStorage,
    close: () => {
      clearInterval(interval);
      beginnings++;
      for (const end of ends) end();
      client.stop();
    },
  };

  function agentNameOf(id: string): string {
    return id === me.id ? words.value.toYou : (catalogue.agents.value.get(id)?.name ?? words.value.formerAgent);
  }
};
