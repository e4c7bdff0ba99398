import assert from 'node:assert/strict';
import type { ConversationHead } from '../../domain/model/conversation.ts';
import { DIRECTORY_KINDS, type DirectoryKind, type DirectoryValues } from '../../domain/model/directory.ts';
import type { LogRecord } from '../../domain/model/record.ts';
import type { ConversationQuery, MessagePage, MessageRange, RecordFilter, Store } from '../../domain/store.ts';

/** A record as what must be equal between keepers: all but its time, which a compacted feed can only tell about. */
export const face = (record: LogRecord): { position: number; kind: string; value: unknown } => ({
  position: record.position,
  kind: record.kind,
  value: record.is('message') ? record.json : record.value,
});

/** The whole feed from a position, page by page. */
export const feed = async (store: Store, after: number, limit: number, filter?: RecordFilter): Promise<LogRecord[]> => {
  const records: LogRecord[] = [];
  let position = after;
  for (;;) {
    const page = await store.recordsSince(position, limit, filter);
    records.push(...page.records);
    if (!page.more) return records;
    assert.ok(page.through > position, 'a page that is not the last leads on');
    position = page.through;
  }
};

/** A whole list, page by page. */
export const list = async (
  store: Store,
  query: Omit<ConversationQuery, 'limit' | 'cursor'> = {},
  limit = 3,
): Promise<ConversationHead[]> => {
  const heads: ConversationHead[] = [];
  let cursor: string | null = null;
  do {
    const page = await store.conversations({ ...query, limit, ...(cursor !== null && { cursor }) });
    heads.push(...page.conversations);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return heads;
};

export const listIds = async (...of: Parameters<typeof list>): Promise<string[]> =>
  (await list(...of)).map((head) => head.conversation.id);

/** Every message of a conversation, read forwards. */
export const thread = async (
  store: Store,
  conversationId: string,
  range: Pick<MessageRange, 'public'> = {},
  limit = 4,
): Promise<LogRecord<'message'>[]> => {
  const messages: LogRecord<'message'>[] = [];
  for (;;) {
    const last = messages.at(-1)?.value;
    const after = last === undefined ? 0 : range.public ? last.publicSeq : last.seq;
    const page: MessagePage = await store.messages(conversationId, { ...range, after, limit });
    messages.push(...page.messages);
    if (!page.hasMore) return messages;
    assert.ok(page.messages.length > 0, 'a page that is not the last holds something');
  }
};

/** Everything a store answers about its state, to be compared with another's. */
export const answers = async (store: Store): Promise<unknown> => {
  const heads = await list(store);
  const threads: unknown[] = [];
  const messageIds: string[] = [];
  const users = new Set<string>();
  for (const { conversation } of heads) {
    const { id } = conversation;
    users.add(conversation.userId);
    const messages = await thread(store, id);
    messageIds.push(...messages.map((record) => record.value.id));
    const counts = (['USER', 'AGENT', 'BOT', 'SYSTEM'] as const).flatMap((senderType) =>
      [0, 2].map((after) => ({ conversationId: id, after, through: after + 9, senderType })),
    );
    threads.push({
      head: await store.conversation(id),
      messages: messages.map(face),
      shown: (await thread(store, id, { public: true })).map(face),
      latest: await lengthOf(store.messages(id, { limit: 2 })),
      latestShown: await lengthOf(store.messages(id, { limit: 2, public: true })),
      counts: await store.countMessages(counts),
    });
  }
  const entries: Partial<Record<DirectoryKind, unknown>> = {};
  for (const kind of DIRECTORY_KINDS) entries[kind] = await store.entries(kind);
  const agents: readonly DirectoryValues['agent'][] = await store.entries('agent');
  const emails = agents.flatMap(({ email }) => email ?? []);
  const view = await store.view({
    conversations: heads.map(({ conversation }) => conversation.id),
    messages: messageIds,
    entries: agents.map(({ id }) => ({ kind: 'agent', id })),
    agentEmails: emails,
  });
  const ofUsers: unknown[] = [];
  for (const userId of [...users].sort()) {
    const records = await feed(store, 0, 3, { userId });
    ofUsers.push({ userId, list: await list(store, { userId }), feed: records.map(face) });
  }
  return {
    position: view.head.position,
    log: view.head.log,
    heads,
    threads,
    entries,
    byEmail: await Promise.all(emails.map((email) => store.agentByEmail(email))),
    viewed: [...view.conversations, ...view.entries, ...view.agentsByEmail],
    viewedMessages: [...view.messages].map(([id, record]) => [id, face(record)]),
    ofUsers,
  };
};

const lengthOf = async (asked: Promise<MessagePage>): Promise<unknown> => {
  const { messages, lastSeq, hasMore } = await asked;
  return { messages: messages.map(face), lastSeq, hasMore };
};

/** Read marks of a conversation as plain numbers. */
export const marksOf = (head: ConversationHead | undefined): Record<string, number> =>
  Object.fromEntries((head?.reads ?? []).map((mark) => [`${mark.readerType} ${mark.readerId}`, mark.seq]));
