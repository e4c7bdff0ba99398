import type { Done } from '../change.ts';
import { AUDIT_HEAD, AUDIT_KEPT, type AuditNote } from '../model/audit.ts';
import {
  type Conversation,
  type ConversationHead,
  type ReadMark,
  startHead,
  withConversation,
  withMessage,
  withRead,
} from '../model/conversation.ts';
import type { DirectoryKind, DirectoryValues } from '../model/directory.ts';
import { isPublic, type Message } from '../model/message.ts';
import { type LogRecord, makeRecord, type RecordValues } from '../model/record.ts';
import type { View } from '../store.ts';

/**
 * The state as changes of one batch see it: the view, and on top of it what the batch has written so far.
 * `undo` takes back everything since `begin`, so that a change which fails half-way leaves no trace.
 */
export class Draft {
  readonly records: LogRecord[] = [];
  readonly heads = new Map<string, ConversationHead>();
  /** Ids of attachments that a message named and names no more. */
  readonly released = new Set<string>();
  /** Time of every record of this batch, epoch ms, and the same as ISO text. */
  readonly time: number;
  readonly at: string;
  readonly #view: View;
  readonly #messages = new Map<string, LogRecord<'message'>>();
  readonly #entries = new Map<string, DirectoryValues[DirectoryKind]>();
  readonly #agentsByEmail = new Map<string, DirectoryValues['agent']>();
  #undo: (() => void)[] = [];
  #mark = 0;

  constructor(view: View, now: number) {
    this.#view = view;
    this.time = Math.max(now, view.head.time);
    this.at = new Date(this.time).toISOString();
  }

  begin(): void {
    this.#undo = [];
    this.#mark = this.records.length;
  }

  undo(): void {
    for (const step of this.#undo.reverse()) step();
    this.records.length = this.#mark;
  }

  /** Records written since `begin`. */
  get added(): number {
    return this.records.length - this.#mark;
  }

  get nextPosition(): number {
    return this.#view.head.position + this.records.length + 1;
  }

  head(conversationId: string): ConversationHead | undefined {
    return this.heads.get(conversationId) ?? this.#view.conversations.get(conversationId);
  }

  message(id: string): LogRecord<'message'> | undefined {
    return this.#messages.get(id) ?? this.#view.messages.get(id);
  }

  entry<K extends DirectoryKind>(kind: K, id: string): DirectoryValues[K] | undefined {
    const key = `${kind} ${id}`;
    return (this.#entries.get(key) ?? this.#view.entries.get(key)) as DirectoryValues[K] | undefined;
  }

  agentByEmail(email: string): DirectoryValues['agent'] | undefined {
    const holder = this.#agentsByEmail.get(email) ?? this.#view.agentsByEmail.get(email);
    if (holder === undefined) return undefined;
    // It may have given the address up since, within this batch.
    const now = this.entry('agent', holder.id) ?? holder;
    return now.email === email ? now : undefined;
  }

  putConversation(conversation: Conversation): ConversationHead {
    const record = this.#write(makeRecord(this.nextPosition, this.time, 'conversation', conversation));
    const known = this.head(conversation.id);
    return this.#setHead(
      known === undefined
        ? startHead(conversation, record.position)
        : withConversation(known, conversation, record.position),
    );
  }

  /** Adds a message at the end of its conversation; gives it seq and publicSeq. */
  addMessage(message: Omit<Message, 'seq' | 'publicSeq'>): LogRecord<'message'> {
    const head = this.head(message.conversationId)!;
    const publicSeq = head.lastPublicSeq + (isPublic(message) ? 1 : 0);
    return this.putMessage({ ...message, seq: head.lastSeq + 1, publicSeq });
  }

  putMessage(message: Message): LogRecord<'message'> {
    if (!message.attachments)
      for (const { id } of this.message(message.id)?.value.attachments ?? []) this.released.add(id);
    const record = this.#write(makeRecord(this.nextPosition, this.time, 'message', message));
    this.#setHead(withMessage(this.head(message.conversationId)!, message, record.position));
    this.#set(this.#messages, message.id, record);
    return record;
  }

  putRead(mark: ReadMark): void {
    const record = this.#write(makeRecord(this.nextPosition, this.time, 'read', mark));
    this.#setHead(withRead(this.head(mark.conversationId)!, mark, record.position));
  }

  putEntry<K extends DirectoryKind>(kind: K, value: DirectoryValues[K]): void {
    this.#write(makeRecord(this.nextPosition, this.time, kind, value as RecordValues[K]));
    this.#set(this.#entries, `${kind} ${value.id}`, value);
    if (kind === 'agent') {
      const agent = value as DirectoryValues['agent'];
      if (agent.email) this.#set(this.#agentsByEmail, agent.email, agent);
    }
  }

  /** Notes down who did what, with what they did. */
  note(note: AuditNote): void {
    const number = (this.entry('audit', AUDIT_HEAD)?.number ?? 0) + 1;
    const line = { ...note, number, at: this.at };
    this.putEntry('audit', { id: String(number % AUDIT_KEPT), ...line });
    this.putEntry('audit', { id: AUDIT_HEAD, ...line });
  }

  /** The outcome of a change that wrote what it had to. */
  done(result: Pick<Done, 'head' | 'message'> = {}): Done {
    return { ok: true, repeated: this.added === 0, added: this.added, ...result };
  }

  #write<R extends LogRecord>(record: R): R {
    this.records.push(record);
    return record;
  }

  #setHead(head: ConversationHead): ConversationHead {
    this.#set(this.heads, head.conversation.id, head);
    return head;
  }

  #set<T>(map: Map<string, T>, key: string, value: T): void {
    const former = map.get(key);
    this.#undo.push(() => (former === undefined ? map.delete(key) : map.set(key, former)));
    map.set(key, value);
  }
}
