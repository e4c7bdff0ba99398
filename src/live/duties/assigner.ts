import { SYSTEM } from '../../domain/access.ts';
import { currentSettings } from '../../domain/actions/change-settings.ts';
import type { Chat } from '../../domain/chat.ts';
import type { Committed } from '../../domain/group-commit.ts';
import type { Conversation, ConversationHead } from '../../domain/model/conversation.ts';
import { waits } from '../../domain/waits.ts';
import { TimeSlice } from '../../lib/time-slice.ts';
import type { Presence } from '../presence.ts';

const PAGE = 500;
/** After an arrival: others come in the same moment, as after a restart of the server, and the first shall not have all. */
const SETTLE_MS = 3000;
/** How many that have waited are given out after an arrival. */
export const GIVEN_OUT_MAX = 200;

/**
 * Gives a conversation that a visitor writes in and nobody has to somebody who is online: to whoever has the fewest
 * active ones, of equals to the first by id; and when somebody comes online those that have waited, the oldest first.
 * The change only happens if it is still nobody's, so that several
 * processes, and an agent who takes it at that moment, do not contend: it is assigned once.
 */
export class Assigner {
  readonly #chat: Chat;
  readonly #presence: Pick<Presence, 'agents'>;
  readonly #logError: (error: unknown) => void;
  /** Who has which active conversation; known from the first time that it matters. */
  #holders: Map<string, string> | undefined;
  readonly #loads = new Map<string, number>();
  #loading: Promise<void> | undefined;
  #settling: NodeJS.Timeout | undefined;
  readonly #settleMs: number;
  #closed = false;

  constructor(
    chat: Chat,
    presence: Pick<Presence, 'agents'>,
    logError: (error: unknown) => void,
    settleMs: number = SETTLE_MS,
  ) {
    this.#chat = chat;
    this.#presence = presence;
    this.#logError = logError;
    this.#settleMs = settleMs;
  }

  /** Somebody is online who was not. */
  agentCame(): void {
    if (this.#closed) return;
    this.#settling ??= setTimeout(() => {
      this.#settling = undefined;
      void this.#assign(() => this.#waiting());
    }, this.#settleMs).unref();
  }

  committed({ heads, records }: Pick<Committed, 'heads' | 'records'>): void {
    if (this.#holders !== undefined) for (const { conversation } of heads.values()) this.#note(conversation);
    const written = records.filter((record) => record.is('message') && record.value.senderType === 'USER');
    const ids = new Set(written.map((record) => (record.value as { conversationId: string }).conversationId));
    const free = [...ids].filter((id) => isFree(heads.get(id)?.conversation));
    if (free.length > 0 && !this.#closed) void this.#assign(async () => free);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#settling);
  }

  async #assign(which: () => Promise<readonly string[]>): Promise<void> {
    try {
      if (!(await currentSettings(this.#chat)).autoAssign) return;
      this.#loading ??= this.#load();
      await this.#loading;
      for (const id of await which()) {
        const agentId = this.#leastLoaded(await this.#candidates());
        if (agentId === undefined || this.#closed) return;
        if (this.#holders?.has(id) !== false) continue;
        // Counted at once, so that those of one moment are spread; what is decided then corrects it.
        this.#hold(id, agentId);
        const expected = { status: 'ACTIVE', agentId: null } as const;
        const { done } = await this.#chat.log.commit({
          ...{ type: 'changeConversation', actor: SYSTEM, id, patch: { agentId }, expected },
        });
        this.#note(done.head!.conversation);
      }
    } catch (error) {
      // It stays nobody's, where every agent sees it; the next message is another occasion.
      this.#loading = undefined;
      this.#holders = undefined;
      this.#loads.clear();
      if (!this.#closed) this.#logError(error);
    }
  }

  /** Those that nobody has and where the visitor has the last word, the oldest first. */
  async #waiting(): Promise<string[]> {
    const free: ConversationHead[] = [];
    for await (const head of this.#active({ agentId: null })) free.push(head);
    const found: string[] = [];
    const slice = new TimeSlice();
    for (const head of free.reverse()) {
      if (found.length >= GIVEN_OUT_MAX || this.#closed) break;
      if (await waits(this.#chat.store, head)) found.push(head.conversation.id);
      await slice.pause();
    }
    return found;
  }

  /** Agents who are online and may have conversations; whoever calls with ADMIN_TOKEN is no agent. */
  async #candidates(): Promise<readonly string[]> {
    const known = await Promise.all(this.#presence.agents.map((id) => this.#chat.store.entry('agent', id)));
    return known.flatMap((agent) => (agent?.active ? [agent.id] : [])).sort();
  }

  #leastLoaded(candidates: readonly string[]): string | undefined {
    let least: string | undefined;
    for (const id of candidates) if (least === undefined || this.#loadOf(id) < this.#loadOf(least)) least = id;
    return least;
  }

  #loadOf(agentId: string): number {
    return this.#loads.get(agentId) ?? 0;
  }

  async #load(): Promise<void> {
    this.#holders = new Map();
    for await (const { conversation } of this.#active()) this.#note(conversation);
  }

  /** Active conversations, newest activity first. */
  async *#active(whose: { agentId?: null } = {}): AsyncGenerator<ConversationHead> {
    let cursor: string | undefined;
    do {
      const query = { status: 'ACTIVE', limit: PAGE, ...whose, ...(cursor && { cursor }) } as const;
      const page = await this.#chat.store.conversations(query);
      yield* page.conversations;
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined && !this.#closed);
  }

  #note({ id, status, agentId }: Conversation): void {
    this.#hold(id, status === 'ACTIVE' && agentId !== null ? agentId : undefined);
  }

  #hold(id: string, agentId: string | undefined): void {
    if (this.#holders === undefined) return;
    const before = this.#holders.get(id);
    if (before === agentId) return;
    if (before !== undefined) this.#loads.set(before, this.#loadOf(before) - 1);
    if (agentId === undefined) this.#holders.delete(id);
    else {
      this.#holders.set(id, agentId);
      this.#loads.set(agentId, this.#loadOf(agentId) + 1);
    }
  }
}

const isFree = (conversation: Conversation | undefined): boolean =>
  conversation?.status === 'ACTIVE' && conversation.agentId === null;
