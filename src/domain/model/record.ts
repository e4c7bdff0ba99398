import type { Conversation, ReadMark } from './conversation.ts';
import { DIRECTORY_KINDS, type DirectoryKind, type DirectoryValues } from './directory.ts';
import { decodeMessage, encodeMessage, isPublic, type Message } from './message.ts';

/** Every kind of record, with the entity it carries: always the whole entity as it is after the change. */
export interface RecordValues extends DirectoryValues {
  conversation: Conversation;
  message: Message;
  read: ReadMark;
}
export type RecordKind = keyof RecordValues;

/** Who may see a record. Each audience sees what those after it in this list see, and more. */
export type Audience = 'server' | 'admins' | 'agents' | 'visitor';

const KIND_AUDIENCE: Record<Exclude<RecordKind, 'message'>, Audience> = {
  conversation: 'visitor',
  read: 'visitor',
  agent: 'agents',
  contact: 'agents',
  settings: 'agents',
  credential: 'server',
  session: 'server',
  apiKey: 'server',
  block: 'admins',
  audit: 'admins',
  retention: 'admins',
  chain: 'server',
  label: 'agents',
  cannedReply: 'agents',
  mention: 'agents',
};

export const RECORD_KINDS: readonly RecordKind[] = ['conversation', 'message', 'read', ...DIRECTORY_KINDS];

export const isDirectoryKind = (kind: RecordKind): kind is DirectoryKind =>
  (DIRECTORY_KINDS as readonly string[]).includes(kind);

/**
 * One entry of the log. Immutable, shared by reference between the queue, the stores and the readers.
 *
 * `json` is the entity encoded once: the journal, pages and frames are cut from it. A record read back from disk has
 * only its bytes; `value` is parsed when somebody asks.
 */
export class LogRecord<K extends RecordKind = RecordKind> {
  /** Place in the whole log, +1 per record. */
  readonly position: number;
  /** When it was resolved, epoch milliseconds; never goes back within a log. */
  readonly time: number;
  readonly kind: K;
  readonly json: string;
  #value: RecordValues[K] | undefined;

  constructor(position: number, time: number, kind: K, json: string, value?: RecordValues[K]) {
    this.position = position;
    this.time = time;
    this.kind = kind;
    this.json = json;
    this.#value = value;
  }

  get value(): RecordValues[K] {
    this.#value ??= decodeValue(this.kind, this.json);
    return this.#value;
  }

  /** Narrows by kind: `if (record.is('message')) record.value.seq`. */
  is<Q extends RecordKind>(kind: Q): this is LogRecord<Q> {
    return (this.kind as RecordKind) === kind;
  }
}

export const makeRecord = <K extends RecordKind>(
  position: number,
  time: number,
  kind: K,
  value: RecordValues[K],
): LogRecord<K> => {
  const json = kind === 'message' ? encodeMessage(value as Message) : JSON.stringify(value);
  return new LogRecord(position, time, kind, json, value);
};

const decodeValue = <K extends RecordKind>(kind: K, json: string): RecordValues[K] =>
  (kind === 'message' ? decodeMessage(json) : JSON.parse(json)) as RecordValues[K];

/** The one place that says who may see a record; feeds, exports and copies filter by it. */
export const audienceOf = (record: LogRecord): Audience =>
  record.is('message')
    ? isPublic(record.value)
      ? 'visitor'
      : 'agents'
    : KIND_AUDIENCE[record.kind as Exclude<RecordKind, 'message'>];

/** Kinds whose records stay in the server: in no feed and no export. */
export const isServerOnly = (kind: DirectoryKind): boolean => KIND_AUDIENCE[kind] === 'server';

/** What an entity is known by: two records with the same key are two states of one entity. */
export const entityKey = (record: LogRecord): string => {
  if (record.is('read')) {
    const { conversationId, readerType, readerId } = record.value;
    // As JSON, because adopted ids may hold spaces: two readers must never share a key.
    return `read ${JSON.stringify([conversationId, readerType, readerId])}`;
  }
  return `${record.kind} ${(record.value as { id: string }).id}`;
};

/** The conversation a record belongs to; `undefined` for records of the directory. */
export const conversationOf = (record: LogRecord): string | undefined => {
  if (record.is('message') || record.is('read')) return record.value.conversationId;
  return record.is('conversation') ? record.value.id : undefined;
};

/** Whether a record is in the change feed of its conversation's visitor: only if it changed something they may see. */
export const isNewsForVisitor = (record: LogRecord): boolean => {
  if (record.is('message')) return isPublic(record.value);
  if (record.is('conversation') || record.is('read')) return record.value.publicPosition === record.position;
  return false;
};
