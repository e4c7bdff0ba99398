import type { Side } from '../protocol/frames.ts';
import type { Hub } from './hub.ts';
import type { Audience } from './wire.ts';

/** An agent who polls is taken for gone so long after the last answer: a page asks again within three seconds. */
const POLLER_STAYS_MS = 10_000;

interface Poller {
  waiting: number;
  timer: NodeJS.Timeout | undefined;
  readonly leave: () => void;
}

/**
 * Who is there, from what is connected now; never stored. To a visitor "an agent is there" means that any agent is
 * connected; to an agent "the visitor is there" means that a connection of theirs follows the conversation.
 */
export class Presence {
  readonly #hub: Hub;
  /** Connections by agent. */
  readonly #agents = new Map<string, number>();
  /** Those of them who have no socket and ask again and again. */
  readonly #pollers = new Map<string, Poller>();
  /** Called when an agent comes who was not there. */
  arrived: () => void = () => {};

  constructor(hub: Hub) {
    this.#hub = hub;
  }

  get agentsOnline(): boolean {
    return this.#agents.size > 0;
  }

  /** Ids of the agents who have a connection. */
  get agents(): string[] {
    return [...this.#agents.keys()];
  }

  /** An agent's connection came; the function it returns says that it went. */
  agentCame(id: string): () => void {
    const before = this.#agents.get(id) ?? 0;
    this.#agents.set(id, before + 1);
    if (this.#agents.size === 1 && before === 0) this.#tellVisitors();
    if (before === 0) this.arrived();
    return () => {
      const left = this.#agents.get(id)! - 1;
      if (left > 0) this.#agents.set(id, left);
      else this.#agents.delete(id);
      if (this.#agents.size === 0) this.#tellVisitors();
    };
  }

  /** An agent asks for changes; the function it returns says that the answer went out. */
  agentPolls(id: string): () => void {
    const poller = this.#pollers.get(id) ?? { waiting: 0, timer: undefined, leave: this.agentCame(id) };
    this.#pollers.set(id, poller);
    clearTimeout(poller.timer);
    poller.waiting += 1;
    return () => {
      poller.waiting -= 1;
      if (poller.waiting > 0) return;
      poller.timer = setTimeout(() => {
        this.#pollers.delete(id);
        poller.leave();
      }, POLLER_STAYS_MS).unref();
    };
  }

  #tellVisitors(): void {
    for (const id of this.#hub.followedConversations()) {
      this.#hub.say(id, (audience) => (audience === 'visitor' ? frame(id, 'agent', this.agentsOnline) : undefined));
    }
  }

  /** A visitor's connection began or ceased to follow a conversation. */
  visitorChanged(conversationId: string): void {
    const online = this.#hub.isFollowedBy(conversationId, 'visitor');
    this.#hub.say(conversationId, (audience) =>
      audience === 'agent' ? frame(conversationId, 'visitor', online) : undefined,
    );
  }

  /** The other side's presence, for a connection that begins to follow. */
  known(conversationId: string, audience: Audience): string {
    if (audience === 'visitor') return frame(conversationId, 'agent', this.agentsOnline);
    return frame(conversationId, 'visitor', this.#hub.isFollowedBy(conversationId, 'visitor'));
  }
}

const frame = (conversationId: string, side: Side, online: boolean): string =>
  JSON.stringify({ type: 'presence', conversationId, side, online });
