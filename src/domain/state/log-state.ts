import {
  type ConversationHead,
  type HeldReadMark,
  startHead,
  withConversation,
  withMessage,
  withRead,
} from '../model/conversation.ts';
import type { Message } from '../model/message.ts';
import { conversationOf, isDirectoryKind, type LogRecord, makeRecord } from '../model/record.ts';
import type { LogHead, View, ViewRequest } from '../store.ts';
import { ConversationIndex } from './conversation-index.ts';
import { Directory } from './directory.ts';
import { searchTerms } from './search-terms.ts';

/** How far the log is. */
type Now = Pick<LogHead, 'position' | 'time'>;

/** What a record does to the head of a conversation that is not there yet: only while an empty keeper is filled. */
type Waiting = (head: ConversationHead) => ConversationHead;

/**
 * What a log adds up to, apart from the messages themselves: conversation heads and the directory, in memory.
 * Shared by the stores that hold these in memory. Records may come in order or as a compacted log.
 */
export class LogState {
  readonly directory = new Directory();
  readonly conversations: ConversationIndex;
  readonly #waiting = new Map<string, Waiting[]>();
  readonly #searchWords = new WeakMap<object, readonly string[]>();

  constructor() {
    this.conversations = new ConversationIndex((conversation) => {
      const contact = this.directory.get('contact', conversation.userId);
      const words = (thing: object | undefined, ...texts: (string | null | undefined)[]): readonly string[] => {
        if (thing === undefined) return [];
        const known = this.#searchWords.get(thing) ?? searchTerms(texts.join(' '));
        this.#searchWords.set(thing, known);
        return known;
      };
      return [...words(conversation, conversation.subject), ...words(contact, contact?.name, contact?.email)];
    });
  }

  /** False while records wait for their conversation: only when an empty keeper is being filled. */
  get whole(): boolean {
    return this.#waiting.size === 0;
  }

  head(id: string): ConversationHead | undefined {
    return this.conversations.heads.get(id);
  }

  /** Takes in one record. The text of messages is the caller's business; their effect on the head is ours. */
  apply(record: LogRecord): void {
    if (record.is('message')) this.applyMessage(record.value, record.position);
    else if (record.is('conversation')) this.#applyConversation(record);
    else if (record.is('read')) this.#applyRead(record);
    else if (isDirectoryKind(record.kind)) this.directory.set(record as LogRecord<'agent'>);
  }

  /**
   * Works out what records lead to without showing it: the function answered shows it, and nothing may be applied in
   * between. So a store does this work while its disk writes.
   */
  stage(records: readonly LogRecord[]): () => void {
    const heads = new Map<string, ConversationHead>();
    const others: LogRecord[] = [];
    for (const record of records) {
      const id = conversationOf(record);
      const head = id === undefined ? undefined : (heads.get(id) ?? this.head(id));
      if (id === undefined || head === undefined) others.push(record);
      else heads.set(id, headAfter(head, record));
    }
    return () => {
      for (const head of heads.values()) this.conversations.set(head);
      for (const record of others) this.apply(record);
    };
  }

  applyMessage(message: Message, position: number): void {
    this.#change(message.conversationId, (head) => withMessage(head, message, position));
  }

  #applyConversation({ value, position }: LogRecord<'conversation'>): void {
    const known = this.head(value.id);
    let head = known === undefined ? startHead(value, position) : withConversation(known, value, position);
    for (const change of this.#waiting.get(value.id) ?? []) head = change(head);
    this.#waiting.delete(value.id);
    this.conversations.set(head);
  }

  #applyRead({ value, position }: LogRecord<'read'>): void {
    this.#change(value.conversationId, (head) => withRead(head, value, position));
  }

  #change(conversationId: string, change: Waiting): void {
    const head = this.head(conversationId);
    if (head !== undefined) {
      this.conversations.set(change(head));
      return;
    }
    const waiting = this.#waiting.get(conversationId);
    if (waiting === undefined) this.#waiting.set(conversationId, [change]);
    else waiting.push(change);
  }

  /** The parts of a view that live here; the messages are the caller's. */
  view(request: ViewRequest): Pick<View, 'conversations' | 'entries' | 'agentsByEmail'> {
    const conversations = new Map<string, ConversationHead>();
    for (const id of request.conversations) {
      const head = this.head(id);
      if (head !== undefined) conversations.set(id, head);
    }
    const entries: Map<string, NonNullable<ReturnType<Directory['get']>>> = new Map();
    for (const { kind, id } of request.entries) {
      const entry = this.directory.get(kind, id);
      if (entry !== undefined) entries.set(`${kind} ${id}`, entry);
    }
    const agentsByEmail = new Map<string, NonNullable<ReturnType<Directory['agentByEmail']>>>();
    for (const email of request.agentEmails) {
      const agent = this.directory.agentByEmail(email);
      if (agent !== undefined) agentsByEmail.set(email, agent);
    }
    return { conversations, entries, agentsByEmail };
  }

  /**
   * Every entity but messages as the record of its last change within (after, through], in no order.
   * @param now head of the log, see {@link compactedTime}
   */
  *recordsBetween(after: number, through: number, now: Now): Generator<LogRecord> {
    const within = (position: number) => position > after && position <= through;
    for (const head of this.conversations.heads.values()) {
      if (within(head.position)) yield conversationRecord(head, head.position, now);
      for (const mark of head.reads) if (within(mark.position)) yield readRecord(mark, mark.position, now);
    }
    for (const record of this.directory.records()) if (within(record.position)) yield record;
  }

  /**
   * What a contact may see of its conversations after `after`, but messages, each at its public position.
   * @param now head of the log, see {@link compactedTime}
   */
  *publicRecords(userId: string, after: number, now: Now): Generator<LogRecord> {
    for (const head of this.conversations.ofUser(userId)) {
      if (head.publicPosition <= after) continue;
      const { publicPosition } = head.conversation;
      if (publicPosition > after) yield conversationRecord(head, publicPosition, now);
      for (const mark of head.reads) {
        if (mark.publicPosition > after) yield readRecord(mark, mark.publicPosition, now);
      }
    }
  }
}

/** The head of a conversation behind a record of it. */
export const headAfter = (head: ConversationHead, record: LogRecord): ConversationHead => {
  if (record.is('message')) return withMessage(head, record.value, record.position);
  if (record.is('read')) return withRead(head, record.value, record.position);
  return withConversation(head, (record as LogRecord<'conversation'>).value, record.position);
};

/**
 * Time of a record that is answered from state, where only its entity is left: when that says it changed, but never
 * ahead of the log, for imported times may lie in the future and a keeper takes its clock from what it is filled with.
 * The record at the head has the time of the head, so that a filled keeper stands where its source does.
 * @param at time by the entity, UTC ISO
 */
export const compactedTime = (position: number, at: string, now: Now): number =>
  position === now.position ? now.time : Math.min(Date.parse(at), now.time);

const conversationRecord = ({ conversation }: ConversationHead, position: number, now: Now): LogRecord =>
  makeRecord(position, compactedTime(position, conversation.changedAt, now), 'conversation', conversation);

const readRecord = (held: HeldReadMark, position: number, now: Now): LogRecord => {
  const { position: _, ...mark } = held;
  return makeRecord(position, compactedTime(position, mark.at, now), 'read', mark);
};
