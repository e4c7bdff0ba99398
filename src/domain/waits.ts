import type { ConversationHead } from './model/conversation.ts';
import type { Store } from './store.ts';

/** Whether the visitor has the last word in a conversation. */
export const waits = async (store: Pick<Store, 'messages'>, { conversation }: ConversationHead): Promise<boolean> => {
  const { messages } = await store.messages(conversation.id, { limit: 1, public: true });
  return messages.at(-1)?.value.senderType === 'USER';
};
