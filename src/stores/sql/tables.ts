import type { ColumnType } from './dialect.ts';

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable?: true;
  /** As SQL, for rows that another program writes; `now` is the present time. */
  readonly default?: string;
}

export interface Table {
  readonly name: string;
  readonly columns: readonly Column[];
  readonly primaryKey: readonly string[];
  /** Columns with `DESC` where that is the order they are read in. */
  readonly indexes: Readonly<Record<string, readonly string[]>>;
  readonly unique?: Readonly<Record<string, readonly string[]>>;
  readonly foreignKey?: { readonly name: string; readonly column: string; readonly table: string };
}

/** The log: one row. Whoever writes locks it first. */
export const HEAD: Table = {
  name: 'chat_head',
  columns: [
    { name: 'id', type: 'int' },
    { name: 'format', type: 'int' },
    { name: 'log_id', type: 'key' },
    { name: 'rewinds', type: 'int' },
    { name: 'epoch', type: 'int' },
    { name: 'lease', type: 'word' },
    { name: 'keeper', type: 'key' },
    { name: 'position', type: 'bigint' },
    { name: 'time', type: 'bigint' },
    { name: 'floor_position', type: 'bigint' },
    { name: 'last_after', type: 'bigint' },
    { name: 'last_digest', type: 'word' },
  ],
  primaryKey: ['id'],
  indexes: {},
};

/** Records one by one, above the floor. */
export const LOG: Table = {
  name: 'chat_log',
  columns: [
    { name: 'position', type: 'bigint' },
    { name: 'time', type: 'bigint' },
    { name: 'kind', type: 'word' },
    { name: 'record', type: 'text' },
  ],
  primaryKey: ['position'],
  indexes: {},
};

/**
 * Conversations with what their messages add. One of position 0 is not there yet: messages came before it while an
 * empty keeper is filled, and it holds what they add.
 */
export const CONVERSATIONS: Table = {
  name: 'chat_conversations',
  columns: [
    { name: 'id', type: 'key' },
    { name: 'user_id', type: 'key' },
    { name: 'agent_id', type: 'key', nullable: true },
    { name: 'subject', type: 'line', nullable: true },
    { name: 'status', type: 'word', default: "'ACTIVE'" },
    { name: 'created_at', type: 'time', default: 'now' },
    { name: 'labels', type: 'text' },
    { name: 'words', type: 'text' },
    { name: 'position', type: 'bigint' },
    { name: 'shown_position', type: 'bigint' },
    { name: 'public_position', type: 'bigint' },
    { name: 'last_seq', type: 'bigint' },
    { name: 'last_public_seq', type: 'bigint' },
    { name: 'updated_iso', type: 'word' },
    { name: 'public_updated_iso', type: 'word' },
    { name: 'read_marks', type: 'text' },
    { name: 'record', type: 'text' },
  ],
  primaryKey: ['id'],
  indexes: {
    chat_conversations_position: ['position'],
    chat_conversations_activity: ['updated_iso DESC', 'id'],
    chat_conversations_status: ['status', 'updated_iso DESC', 'id'],
    chat_conversations_agent: ['agent_id', 'updated_iso DESC', 'id'],
    chat_conversations_user: ['user_id'],
  },
};

/** Every message of every kind. `record` only where the columns cannot give its exact bytes back. */
export const MESSAGES: Table = {
  name: 'chat_messages',
  columns: [
    { name: 'id', type: 'key' },
    { name: 'conversation_id', type: 'key' },
    { name: 'sender_id', type: 'key' },
    { name: 'sender_type', type: 'sender' },
    { name: 'content', type: 'text' },
    { name: 'created_at', type: 'time', default: 'now' },
    { name: 'seq', type: 'bigint' },
    { name: 'public_seq', type: 'bigint' },
    { name: 'kind', type: 'word' },
    { name: 'created_iso', type: 'word' },
    { name: 'position', type: 'bigint' },
    { name: 'time', type: 'bigint' },
    { name: 'record', type: 'text', nullable: true },
  ],
  primaryKey: ['id'],
  indexes: { chat_messages_position: ['position'] },
  unique: { chat_messages_seq: ['conversation_id', 'seq'] },
  foreignKey: { name: 'chat_messages_conversation', column: 'conversation_id', table: 'chat_conversations' },
};

/** Read marks that have a record of their own; what messages say of who read is in `read_marks` only. */
export const READS: Table = {
  name: 'chat_reads',
  columns: [
    { name: 'id', type: 'key' },
    { name: 'conversation_id', type: 'key' },
    { name: 'position', type: 'bigint' },
    { name: 'public_position', type: 'bigint' },
    { name: 'record', type: 'text' },
  ],
  primaryKey: ['id'],
  indexes: { chat_reads_position: ['position'], chat_reads_conversation: ['conversation_id'] },
};

/** Agents, contacts, credentials, sessions, settings, and the set of a chain. */
export const ENTRIES: Table = {
  name: 'chat_entries',
  columns: [
    { name: 'kind', type: 'word' },
    { name: 'id', type: 'key' },
    { name: 'email', type: 'key', nullable: true },
    { name: 'words', type: 'text' },
    { name: 'position', type: 'bigint' },
    { name: 'time', type: 'bigint' },
    { name: 'record', type: 'text' },
  ],
  primaryKey: ['kind', 'id'],
  indexes: { chat_entries_position: ['position'], chat_entries_email: ['email'] },
};

/** Conversations before messages, which refer to them. */
export const TABLES = [CONVERSATIONS, MESSAGES, READS, ENTRIES, LOG, HEAD] as const;
