import type { Committed } from '../domain/group-commit.ts';
import type { ConversationHead } from '../domain/model/conversation.ts';
import { audienceOf, conversationOf, isNewsForVisitor, type LogRecord } from '../domain/model/record.ts';
import { type Audience, messageJson } from './wire.ts';

/** A record that the store holds now, on its way to whoever listens. Frames are made once per audience. */
export class Item {
  readonly record: LogRecord;
  /** Of the record's conversation, as it is after the batch; absent for records of the directory. */
  readonly head: ConversationHead | undefined;
  readonly durable: boolean;
  #frames: Partial<Record<Audience, string>> = {};

  constructor(record: LogRecord, head: ConversationHead | undefined, durable: boolean) {
    this.record = record;
    this.head = head;
    this.durable = durable;
  }

  messageFrame(record: LogRecord<'message'>, audience: Audience): string {
    this.#frames[audience] ??= messageFrame(record, audience, this.durable);
    return this.#frames[audience];
  }
}

export const messageFrame = (record: LogRecord<'message'>, audience: Audience, durable: boolean): string =>
  `{"type":"message","message":${messageJson(record, audience, durable)}}`;

/** Somebody who listens. Nothing here may throw. */
interface Listener {
  item(item: Item): void;
  /** A text that is no record. */
  frame(frame: string): void;
  /** Something became part of the log that was never fanned out: it is in the store, behind the listener's cursor. */
  readAgain(): void;
}

/** Somebody who wants what happens in one conversation. */
export interface ThreadListener extends Listener {
  readonly audience: Audience;
  /** Whose ear this is: nobody is told of their own typing. */
  readonly actorId: string;
}

/** Somebody who wants everything of an audience: an agent all of it, a visitor what is their own. */
export type InboxListener = Listener;

/**
 * Reads committed batches and fans them out, in order, in the same turn in which they were acknowledged.
 * It knows who listens to what and nothing of sockets; what somebody missed comes from the store, never from here.
 */
export class Hub {
  readonly #threads = new Map<string, Set<ThreadListener>>();
  readonly #agents = new Set<InboxListener>();
  readonly #visitors = new Map<string, Set<InboxListener>>();
  /** Position of the newest record that was fanned out. */
  position: number;

  constructor(position: number) {
    this.position = position;
  }

  broadcast(batch: Committed): void {
    for (const record of batch.records) {
      this.position = record.position;
      const conversationId = conversationOf(record);
      const head = conversationId === undefined ? undefined : batch.heads.get(conversationId);
      this.#fanOut(new Item(record, head, batch.commitment.durable), conversationId);
    }
  }

  #fanOut(item: Item, conversationId: string | undefined): void {
    const audience = audienceOf(item.record);
    if (audience === 'server') return;
    if (conversationId !== undefined) {
      const listeners = this.#threads.get(conversationId);
      if (listeners !== undefined) for (const listener of listeners) tell(listener, item);
    }
    for (const listener of this.#agents) listener.item(item);
    if (item.head === undefined || !isNewsForVisitor(item.record)) return;
    const own = this.#visitors.get(item.head.conversation.userId);
    if (own !== undefined) for (const listener of own) listener.item(item);
  }

  /** Ephemeral news of a conversation to everybody who follows it but `except`; the frame may differ by audience. */
  say(conversationId: string, frame: (audience: Audience) => string | undefined, exceptActorId?: string): void {
    for (const listener of this.#threads.get(conversationId) ?? []) {
      if (listener.actorId === exceptActorId) continue;
      const text = frame(listener.audience);
      if (text !== undefined) listener.frame(text);
    }
  }

  /** News of a conversation for those who follow it and for the inboxes it is in; the frame may differ by audience. */
  announce(conversationId: string, userId: string, frame: (audience: Audience) => string | undefined): void {
    this.say(conversationId, frame);
    const toAgents = frame('agent');
    if (toAgents !== undefined) for (const listener of this.#agents) listener.frame(toAgents);
    const toVisitor = frame('visitor');
    if (toVisitor !== undefined) for (const listener of this.#visitors.get(userId) ?? []) listener.frame(toVisitor);
  }

  /** Sends everybody who listens back to the store, from where they are. */
  readAgain(position: number): void {
    this.position = position;
    const groups = [...this.#threads.values(), this.#agents, ...this.#visitors.values()];
    for (const group of groups) for (const listener of group) listener.readAgain();
  }

  /** Whether anybody of this audience follows the conversation now. */
  isFollowedBy(conversationId: string, audience: Audience): boolean {
    for (const listener of this.#threads.get(conversationId) ?? []) if (listener.audience === audience) return true;
    return false;
  }

  followedConversations(): Iterable<string> {
    return this.#threads.keys();
  }

  /** Listens until the function it returns is called. */
  listenToThread(conversationId: string, listener: ThreadListener): () => void {
    return join(this.#threads, conversationId, listener);
  }

  listenToInbox(visitorId: string | undefined, listener: InboxListener): () => void {
    if (visitorId !== undefined) return join(this.#visitors, visitorId, listener);
    this.#agents.add(listener);
    return () => this.#agents.delete(listener);
  }
}

const tell = (listener: ThreadListener, item: Item): void => {
  if (listener.audience === 'visitor' && !isNewsForVisitor(item.record)) return;
  listener.item(item);
};

const join = <T>(groups: Map<string, Set<T>>, key: string, member: T): (() => void) => {
  const group = groups.get(key) ?? new Set<T>();
  groups.set(key, group.add(member));
  return () => {
    group.delete(member);
    if (group.size === 0 && groups.get(key) === group) groups.delete(key);
  };
};
