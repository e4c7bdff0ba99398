import { type ConnectionTimes, GuichetClient, type Thread } from '../../../src/client/index.ts';
import type { Change, Me } from '../../../src/protocol/entities.ts';
import { afterChange, type Conversations, mustRecount, withConversations } from '../../../web/shared/conversations.ts';
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

export interface Person {
  readonly me: Me;
  readonly token: string;
}

/** One page of one person: the client library, and the lists that widget and console keep beside it. */
export class Tab {
  readonly client: GuichetClient;
  readonly storage: TabStorage;
  readonly me: Me;
  readonly threads = new Map<string, Thread>();
  conversations: Conversations = new Map();
  #past = 0;
  #changes = 0;
  #closed = false;

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
    this.client.on('fresh', () => {
      this.#past += 1;
      this.conversations = new Map();
      void this.#loadList();
    });
    this.client.on('started', (conversation) => {
      this.conversations = withConversations(this.conversations, [conversation], me);
    });
    this.client.on('change', (change) => this.#onChange(change));
    void this.client.start();
  }

  open(conversationId: string): Thread {
    const thread = this.client.open(conversationId);
    this.threads.set(conversationId, thread);
    thread.applyConversation(this.conversations.get(conversationId) ?? {});
    return thread;
  }

  /** As when the browser dies. */
  crash(): void {
    this.#closed = true;
    this.storage.crash();
    this.client.stop();
  }

  #onChange(change: Change): void {
    this.#changes += 1;
    const recount = mustRecount(this.conversations, change, this.me);
    this.conversations = afterChange(this.conversations, change, this.me);
    const id = change.message?.conversationId ?? change.conversation?.id;
    if (recount || (id !== undefined && !this.conversations.has(id))) void this.#loadList();
  }

  async #loadList(): Promise<void> {
    const [past, changes] = [this.#past, this.#changes];
    try {
      const { conversations } = await this.client.api.conversations({ limit: 100 });
      if (past !== this.#past) return;
      this.conversations = withConversations(this.conversations, conversations, this.me);
      for (const [id, thread] of this.threads) thread.applyConversation(this.conversations.get(id) ?? {});
      if (changes !== this.#changes) void this.#loadList();
    } catch {
      if (!this.#closed) setTimeout(() => void this.#loadList(), 200);
    }
  }
}
