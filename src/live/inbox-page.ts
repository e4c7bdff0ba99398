import type { Actor } from '../domain/access.ts';
import { type ConversationHead, markOf } from '../domain/model/conversation.ts';
import type { Store } from '../domain/store.ts';
import type * as Wire from '../protocol/entities.ts';
import { agentView, contactView } from './people.ts';
import { audienceFor, conversationView, messageView } from './wire.ts';

/** Conversations with what a list shows beside them: the last message, the caller's unread count, the contact. */
export class InboxPage {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async views(actor: Actor, heads: readonly ConversationHead[]): Promise<Wire.Conversation[]> {
    const unread = await this.#store.countMessages(heads.map((head) => unreadOf(actor, head)));
    return Promise.all(heads.map((head, i) => this.#view(actor, head, unread[i]!)));
  }

  async #view(actor: Actor, head: ConversationHead, unread: number): Promise<Wire.Conversation> {
    const audience = audienceFor(actor);
    const { id, userId, agentId } = head.conversation;
    const { messages } = await this.#store.messages(id, { limit: EVENTS_SKIPPED, public: audience === 'visitor' });
    // A list shows what was said; that somebody closed it afterwards is shown by the status.
    const last = messages.findLast(({ value }) => value.kind !== 'event') ?? messages.at(-1);
    const lastMessage =
      last === undefined ? null : messageView(last, audience, this.#store.holder(last.position).durable);
    const view = { ...conversationView(head, audience), unread, lastMessage };
    if (audience === 'visitor') {
      const agent = agentId === null ? undefined : await this.#store.entry('agent', agentId);
      return { ...view, ...(agent && { agent: { id: agent.id, name: agentView(agent).name } }) };
    }
    const contact = await this.#store.entry('contact', userId);
    return { ...view, contact: { id: userId, name: null, email: null, ...(contact && contactView(contact)) } };
  }
}

/** Events at the end of a thread that a list looks past for something that was said. */
const EVENTS_SKIPPED = 5;

/**
 * Messages of the other side behind the caller's own read mark, as far as the head goes: what came since is told by
 * the feed, and whoever counts it there must not have it counted here.
 */
const unreadOf = (actor: Actor, head: ConversationHead) => {
  const visitor = actor.type === 'visitor';
  const readerType = visitor ? ('USER' as const) : ('AGENT' as const);
  const mark = markOf(head.reads, { readerType, readerId: actor.id });
  return {
    conversationId: head.conversation.id,
    after: mark?.seq ?? 0,
    through: head.lastSeq,
    senderType: visitor ? ('AGENT' as const) : ('USER' as const),
  };
};
