import { PlainTime } from '../../lib/plain-time.ts';
import type { ImportItem } from '../change.ts';
import { derivedId, type Fields, field, isFields, senderTypeOf, statusOf, text } from './plain-fields.ts';

type ConversationItem = Extract<ImportItem, { type: 'conversation' }>;
type MessageItem = Extract<ImportItem, { type: 'message' }>;

/** Messages of a conversation that nothing describes are kept back, at most so many, until a visitor speaks. */
const ORPHANS_MAX = 200;
const NO_TIME = '1970-01-01T00:00:00.000Z';

/**
 * Conversations and messages of another program, whatever their fields are called, as items of an import: people first,
 * a conversation before its messages. All conversations are given before the first message.
 */
export class PlainItems {
  readonly #time: PlainTime;
  readonly #conversations = new Map<string, ConversationItem>();
  readonly #people = new Set<string>();
  /** Per conversation: how many messages were met, and the time of the last, for those that tell none. */
  readonly #seen = new Map<string, { count: number; at: string }>();
  #orphans: MessageItem[] = [];

  /** @param timezone of times without one; an IANA name, the system's when absent */
  constructor(timezone: string | undefined) {
    this.#time = new PlainTime(timezone);
  }

  /** @param key what it is filed under, where it does not say its id itself */
  *conversation(fields: Fields, key?: string): Generator<ImportItem> {
    const createdAt =
      this.#time.parse(field(fields, 'createdAt', 'timestamp', 'created', 'startedAt', 'date')) ?? NO_TIME;
    const subject = field(fields, 'subject', 'title');
    const said = text(field(fields, 'id', 'conversationId')) ?? key;
    const userId = text(field(fields, 'userId', 'visitorId', 'customerId', 'clientId'));
    const id = said ?? derivedId('conversation', userId, createdAt, subject);
    if (this.#conversations.has(id)) return;
    const item: ConversationItem = {
      type: 'conversation',
      id,
      subject: text(subject) ?? null,
      status: statusOf(field(fields, 'status', 'state')),
      userId: userId ?? derivedId('contact', id),
      agentId: text(field(fields, 'agentId', 'assigneeId')) ?? null,
      createdAt,
    };
    yield* this.#begin(item, text(field(fields, 'userName', 'customerName')), text(field(fields, 'agentName')));
  }

  *#begin(item: ConversationItem, userName?: string, agentName?: string): Generator<ImportItem> {
    this.#conversations.set(item.id, item);
    yield* this.#person('USER', item.userId, item.createdAt, userName);
    if (item.agentId !== null) yield* this.#person('AGENT', item.agentId, item.createdAt, agentName);
    yield item;
  }

  /** Agents are known by their id only: they cannot sign in, but their messages have a name. */
  *#person(type: 'USER' | 'AGENT', id: string, createdAt: string, name?: string): Generator<ImportItem> {
    if (this.#people.has(`${type} ${id}`)) return;
    this.#people.add(`${type} ${id}`);
    if (type === 'USER')
      yield { type: 'contact', value: { id, name: name ?? null, email: null, locale: null, createdAt } };
    else yield { type: 'agent', value: { id, email: null, name: name ?? id, role: 'agent', active: false, createdAt } };
  }

  /** The conversation a message belongs to; `undefined` when it does not say. */
  conversationOf(fields: Fields, key?: string): string | undefined {
    return text(field(fields, 'conversationId')) ?? key;
  }

  /** A message that says which conversation it belongs to. */
  *message(fields: Fields, key?: string): Generator<ImportItem> {
    const conversationId = this.conversationOf(fields, key)!;
    const kind = field(fields, 'kind');
    // What an export of ours tells of changes; the changes themselves are in the conversation.
    if (kind === 'event' && isFields(fields.event)) return;
    const item: MessageItem = {
      ...this.#messageItem(fields, conversationId),
      ...(kind === 'note' && { note: true }),
    };
    if (this.#orphans.length > 0 && this.#orphans[0]!.conversationId !== conversationId) yield* this.release();
    if (this.#conversations.has(conversationId)) yield* this.#speak(item);
    else {
      this.#orphans.push(item);
      if (item.senderType === 'USER' || this.#orphans.length === ORPHANS_MAX) yield* this.release();
    }
  }

  #messageItem(fields: Fields, conversationId: string): MessageItem {
    const conversation = this.#conversations.get(conversationId);
    const seen = this.#seen.get(conversationId) ?? { count: 0, at: conversation?.createdAt ?? NO_TIME };
    const createdAt =
      this.#time.parse(field(fields, 'createdAt', 'timestamp', 'sentAt', 'created', 'date', 'time')) ?? seen.at;
    this.#seen.set(conversationId, { count: seen.count + 1, at: createdAt });
    const said = text(field(fields, 'senderId', 'userId', 'authorId', 'sender', 'author', 'from'));
    const senderType =
      senderTypeOf(field(fields, 'senderType', 'authorType', 'role')) ??
      (said === undefined
        ? 'SYSTEM'
        : said === conversation?.userId
          ? 'USER'
          : said === conversation?.agentId
            ? 'AGENT'
            : 'SYSTEM');
    const senderId = said ?? (senderType === 'USER' ? conversation?.userId : undefined) ?? senderType.toLowerCase();
    const written = field(fields, 'content', 'text', 'body', 'message');
    // Whatever is no text is kept as JSON: nothing that was said is thrown away.
    const content = typeof written === 'string' ? written : written === undefined ? '' : JSON.stringify(written);
    const id =
      text(field(fields, 'id', 'messageId')) ?? derivedId(conversationId, seen.count, senderId, createdAt, content);
    return { type: 'message', id, conversationId, senderId, senderType, content, createdAt };
  }

  *#speak(item: MessageItem): Generator<ImportItem> {
    if (item.senderType === 'AGENT') yield* this.#person('AGENT', item.senderId, item.createdAt);
    yield item;
  }

  /** Makes the conversation that messages without one belong to, and lets them go. To be called at the end. */
  *release(): Generator<ImportItem> {
    const orphans = this.#orphans;
    this.#orphans = [];
    const [first] = orphans;
    if (first === undefined) return;
    const { conversationId: id, createdAt } = first;
    if (!this.#conversations.has(id)) {
      const userId = orphans.find(({ senderType }) => senderType === 'USER')?.senderId ?? derivedId('contact', id);
      yield* this.#begin({
        type: 'conversation',
        id,
        subject: null,
        status: 'ACTIVE',
        userId,
        agentId: null,
        createdAt,
      });
    }
    for (const item of orphans) yield* this.#speak(item);
  }
}
