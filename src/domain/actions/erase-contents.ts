import { SYSTEM } from '../access.ts';
import type { Chat } from '../chat.ts';
import type { ConversationHead } from '../model/conversation.ts';
import type { Message } from '../model/message.ts';

const PAGE = 200;

/** What an erasure takes away, in figures. */
export interface Erased {
  readonly conversations: number;
  readonly messages: number;
}

export const hasContent = ({ kind, redacted }: Message): boolean => kind !== 'event' && redacted !== true;

/** Messages and notes of a conversation that hold something, page by page. */
async function* contentsOf({ store }: Chat, conversationId: string): AsyncGenerator<Message[]> {
  let after = 0;
  for (;;) {
    const { messages, hasMore } = await store.messages(conversationId, { after, limit: PAGE });
    yield messages.map(({ value }) => value).filter(hasContent);
    after = messages.at(-1)?.value.seq ?? after;
    if (!hasMore) return;
  }
}

/** How many messages {@link eraseContents} would take away. */
export const countContents = async (chat: Chat, { conversation }: Pick<ConversationHead, 'conversation'>) => {
  let count = 0;
  for await (const messages of contentsOf(chat, conversation.id)) count += messages.length;
  return count;
};

/**
 * Takes the contents of a conversation away for good: text and files of every message and note, subject, labels and the words
 * of a rating.
 * Places in the order, senders and times stay. Answers how many messages it was.
 * @param until UTC ISO time: what is younger stays; by default nothing does
 */
export const eraseContents = async (
  chat: Chat,
  { conversation }: Pick<ConversationHead, 'conversation'>,
  until?: string,
): Promise<number> => {
  const { id: conversationId } = conversation;
  let erased = 0;
  for await (const messages of contentsOf(chat, conversationId)) {
    const old = messages.filter(({ createdAt }) => until === undefined || createdAt <= until);
    const redactions = old.map(({ id }) =>
      chat.log.commit({ type: 'redactMessage', actor: SYSTEM, conversationId, id }),
    );
    await Promise.all(redactions);
    erased += old.length;
  }
  await chat.log.commit({ type: 'clearConversation', id: conversationId });
  return erased;
};
