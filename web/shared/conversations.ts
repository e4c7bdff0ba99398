import { forAgents } from '../../src/client/for-agents.ts';
import type { Change, Conversation, Message, ReadMark } from '../../src/protocol/entities.ts';

/** Conversations by id, as far as they are known here. Never altered in place, so that a signal can hold it. */
export type Conversations = ReadonlyMap<string, Conversation>;

/** Who counts. A visitor reads and writes all there is of the visitor's side, under whatever id. */
export type Viewer = { readonly type: 'visitor' } | { readonly type: 'agent'; readonly id: string };

const isOwnMark = ({ readerType, readerId }: ReadMark, me: Viewer): boolean =>
  !forAgents || me.type === 'visitor' ? readerType === 'USER' : readerType === 'AGENT' && readerId === me.id;

const ownMark = (conversation: Conversation, me: Viewer): number =>
  Math.max(0, ...(conversation.reads ?? []).filter((mark) => isOwnMark(mark, me)).map(({ seq }) => seq));

export const withConversations = (known: Conversations, news: readonly Conversation[], me: Viewer): Conversations => {
  const next = new Map(known);
  for (const conversation of news) {
    const before = known.get(conversation.id);
    next.set(conversation.id, before ? withNews(before, conversation, me) : conversation);
  }
  return next;
};

/**
 * A conversation as a list or the feed says it is. What is counted here was counted message by message from the feed,
 * and the feed has no gaps: an answer that was overtaken by it, and a bare conversation, which is ahead of the messages
 * and marks that the feed is about to bring, change no count. Nor do they move one's own mark: a count belongs to a
 * mark, and of one that had moved already the feed would tell no news.
 */
const withNews = (before: Conversation, news: Conversation, me: Viewer): Conversation => {
  // What lists add to a conversation is kept when a bare one replaces it; a rating is told by both.
  const { rating: _, ...kept } = before;
  const isOvertaken = news.lastSeq < before.lastSeq || ownMark(news, me) < ownMark(before, me);
  const isBehind = news.unread === undefined || isOvertaken;
  const { lastSeq, unread, lastMessage } = before;
  const counts = { lastSeq, unread, lastMessage } as Pick<Conversation, 'lastSeq' | 'unread' | 'lastMessage'>;
  // What was said last is worth more in a list than that somebody was assigned since.
  const spoken = forAgents && news.lastMessage?.kind === 'event' && lastMessage;
  return {
    ...kept,
    ...news,
    ...(spoken && { lastMessage: spoken }),
    ...(isBehind && counts),
    ...(news.reads && {
      reads: news.reads.filter((mark) => !isBehind || !isOwnMark(mark, me)).reduce(withMark, before.reads ?? []),
    }),
  };
};

/**
 * The conversations after one entry of the feed; the same map when it changes none that is known. One that is not known
 * stays so until a list brings it: bare as the feed has it, nobody could say how much of it is unread.
 */
export const afterChange = (known: Conversations, change: Change, me: Viewer): Conversations => {
  const { conversation, message, read, contact } = change;
  if (conversation) return replaced(known, conversation.id, (before) => withNews(before, conversation, me));
  if (message) return replaced(known, message.conversationId, (before) => afterMessage(before, message, me));
  if (read) return replaced(known, read.conversationId, (before) => afterRead(before, read, me));
  if (forAgents && contact) {
    const next = new Map(known);
    for (const [key, value] of known) if (value.userId === contact.id) next.set(key, { ...value, contact });
    return next;
  }
  return known;
};

/**
 * Whether only the server can say how much is unread after this: one's own mark, of another device, in the middle of
 * what is unread. The conversation is then to be asked for.
 */
export const mustRecount = (known: Conversations, { read }: Change, me: Viewer): boolean => {
  const before = read && isOwnMark(read, me) ? known.get(read.conversationId) : undefined;
  if (!before) return false;
  return read!.seq > ownMark(before, me) && read!.seq < before.lastSeq && unreadOf(before, me) > 0;
};

const replaced = (known: Conversations, id: string, change: (before: Conversation) => Conversation): Conversations => {
  const before = known.get(id);
  return before ? new Map(known).set(id, change(before)) : known;
};

const isOfOtherSide = (message: Message, me: Viewer): boolean =>
  message.kind === 'message' && message.senderType === (!forAgents || me.type === 'visitor' ? 'AGENT' : 'USER');

/** Whoever answers has read what is above; the log says so with the message itself, and sends no mark. */
const markOf = ({ kind, conversationId, senderId, senderType, seq }: Message): ReadMark | undefined =>
  kind === 'message' && (senderType === 'USER' || senderType === 'AGENT')
    ? { conversationId, readerId: senderId, readerType: senderType, seq }
    : undefined;

const afterMessage = (before: Conversation, message: Message, me: Viewer): Conversation => {
  // The feed may repeat, after a reconnect, what a list that was loaded later has counted already.
  const isNew = message.seq > before.lastSeq;
  const isLast = message.seq >= (before.lastMessage?.seq ?? 0) && (!forAgents || message.kind !== 'event');
  const mark = markOf(message);
  const isOwn = mark !== undefined && isOwnMark(mark, me);
  return {
    ...before,
    ...(mark && { reads: withMark(before.reads ?? [], mark) }),
    lastSeq: Math.max(before.lastSeq, message.seq),
    ...(isLast ? { lastMessage: message } : {}),
    ...(isNew && message.createdAt > before.updatedAt ? { updatedAt: message.createdAt } : {}),
    unread: isNew && isOwn ? 0 : unreadOf(before, me) + (isNew && isOfOtherSide(message, me) ? 1 : 0),
  };
};

const afterRead = (before: Conversation, read: ReadMark, me: Viewer): Conversation => ({
  ...before,
  reads: withMark(before.reads ?? [], read),
  // Of a mark in the middle this is the most that can be left; see `mustRecount`.
  ...(isOwnMark(read, me) ? { unread: Math.min(unreadOf(before, me), Math.max(0, before.lastSeq - read.seq)) } : {}),
});

/** Marks only go forward, in whatever order they are heard of. */
const withMark = (reads: readonly ReadMark[], mark: ReadMark): ReadMark[] => {
  const isSame = ({ readerId, readerType }: ReadMark): boolean =>
    readerId === mark.readerId && readerType === mark.readerType;
  const former = reads.find(isSame);
  return former && former.seq >= mark.seq ? [...reads] : [...reads.filter((each) => !isSame(each)), mark];
};

/** Messages of the other side that this person has not read; from the read marks where the server does not count. */
export const unreadOf = (conversation: Conversation, me: Viewer): number =>
  conversation.unread ?? Math.max(0, conversation.lastSeq - ownMark(conversation, me));

/** Newest activity first. */
export const byActivity = (a: Conversation, b: Conversation): number =>
  a.updatedAt === b.updatedAt ? (a.id < b.id ? 1 : -1) : a.updatedAt < b.updatedAt ? 1 : -1;

/** What a list shows of a message: its text, or where there is none the name of its first file. */
export const gistOf = (message: Pick<Message, 'content' | 'attachments'> | null | undefined): string =>
  message?.content || message?.attachments?.[0]?.name || '';
