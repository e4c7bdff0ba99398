import { type Actor, authorizeOn } from '../access.ts';
import type { Chat } from '../chat.ts';

/**
 * Moves the caller's read mark to `seq` (for a visitor a publicSeq); past the end means the end, and a mark never goes
 * back. Rejects with `not_found` for a conversation that is not the caller's.
 */
export const markRead = async (chat: Chat, actor: Actor, conversationId: string, seq: number): Promise<void> => {
  const head = authorizeOn(actor, 'read.mark', await chat.store.conversation(conversationId));
  const shown = actor.type === 'visitor';
  const last = shown ? head.lastPublicSeq : head.lastSeq;
  if (last === 0) return;
  // A page that ends just behind the mark has the marked message as its last.
  const range = { before: Math.min(seq, last) + 1, limit: 1, public: shown };
  const { messages } = await chat.store.messages(conversationId, range);
  const marked = messages.at(-1)?.value;
  if (marked === undefined) return;
  const { seq: at, publicSeq } = marked;
  await chat.log.commit({ type: 'markRead', actor, conversationId, seq: at, publicSeq });
};
