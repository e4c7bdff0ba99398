import { effect, signal } from '@preact/signals';
import type { Api } from '../../../src/client/api.ts';
import { createDeskApi, type DeskApi } from '../../../src/client/desk-api.ts';
import { createCall } from '../../../src/client/http.ts';
import { type ConnectionTimes, GuichetClient, type Thread } from '../../../src/client/index.ts';
import type { Conversation, Me } from '../../../src/protocol/entities.ts';
import { createInbox } from '../../../web/console/inbox.ts';
import type { Filters } from '../../../web/console/route.ts';
import { byActivity } from '../../../web/shared/conversations.ts';
import { listConversations } from '../../../web/widget/conversation-list.ts';
import type { TabStorage } from '../../support/browser-storage.ts';

/** A minute of a browser in a second or two: the limits are what is tested, not how long they are. */
const TIMES: Partial<ConnectionTimes> = {
  openTimeoutMs: 1_500,
  pingEveryMs: 500,
  pongWithinMs: 700,
  pollEveryMs: 200,
  waitSeconds: 2,
  socketRetryMs: 400,
  silentRetryMs: 200,
  wakePongMs: 500,
  backoffCapMs: 400,
};

const ACTIVE: Filters = { who: 'all', status: 'ACTIVE', label: undefined, q: '' };

export interface Person {
  readonly me: Me;
  readonly token: string;
}

/** The conversations that a page shows, kept as widget or console keep them. */
interface Shown {
  /** In the order of the list: a visitor's all, an agent's those that are active. */
  rows(): readonly Conversation[];
  /** Tells a thread that is open what is known of its conversation, now and later. */
  tell(thread: Thread): void;
  close(): void;
}

const inWidget = (client: GuichetClient): Shown => {
  const threads = new Set<Thread>();
  const tell = (thread: Thread): void => thread.applyConversation(list.all.get(thread.id) ?? {});
  let closed = false;
  const api: Api = {
    ...client.api,
    // A page that is gone asks for nothing.
    conversations: (query) => (closed ? new Promise(() => {}) : client.api.conversations(query)),
  };
  const list = listConversations(
    { api, on: client.on.bind(client) },
    () => {},
    () => threads.forEach(tell),
  );
  return {
    rows: () => [...list.all.values()].sort(byActivity),
    tell: (thread) => {
      threads.add(thread);
      tell(thread);
    },
    close: () => {
      closed = true;
    },
  };
};

const inConsole = (client: GuichetClient, api: DeskApi, me: Extract<Me, { type: 'agent' }>): Shown => {
  const inbox = createInbox({ client, api, me, filters: signal(ACTIVE) });
  const ends: (() => void)[] = [() => inbox.close()];
  client.on('fresh', () => inbox.reload());
  client.on('change', (change) => inbox.apply(change));
  return {
    rows: () => inbox.rows.value,
    tell: (thread) => ends.push(effect(() => thread.applyConversation(inbox.get(thread.id) ?? {}))),
    close: () => {
      for (const end of ends) end();
    },
  };
};

/** One page of one person: the client library, and the list of widget or console beside it. */
export class Tab {
  readonly client: GuichetClient;
  readonly storage: TabStorage;
  readonly me: Me;
  readonly threads = new Map<string, Thread>();
  readonly shown: Shown;

  constructor(url: string, { me, token }: Person, storage: TabStorage, random: () => number) {
    this.me = me;
    this.storage = storage;
    this.client = new GuichetClient({
      baseUrl: url,
      side: me.type,
      token,
      storage,
      owner: me.id,
      times: TIMES,
      answerWithinMs: 1_500,
      random,
    });
    const call = createCall({ baseUrl: url, token: () => token, fetch: (...args) => fetch(...args) });
    this.shown = me.type === 'agent' ? inConsole(this.client, createDeskApi(call), me) : inWidget(this.client);
    void this.client.start();
  }

  open(conversationId: string): Thread {
    const thread = this.client.open(conversationId);
    if (this.threads.get(conversationId) !== thread) this.shown.tell(thread);
    this.threads.set(conversationId, thread);
    return thread;
  }

  /** As when the browser dies. */
  crash(): void {
    this.shown.close();
    this.storage.crash();
    this.client.stop();
  }
}
