import { RATING_COMMENT_MAX, RATING_MAX, RATING_MIN } from '../../protocol/limits.ts';
import type { Actor } from '../access.ts';
import type { Chat } from '../chat.ts';
import { GuichetError } from '../errors.ts';
import type { ConversationHead } from '../model/conversation.ts';
import { checkText } from '../model/text.ts';

/** Says what the visitor who calls thought of a closed conversation of theirs; an empty comment is none. */
export const rateConversation = async (
  chat: Chat,
  actor: Actor,
  id: string,
  { score, comment }: { readonly score: number; readonly comment?: string | null | undefined },
): Promise<ConversationHead> => {
  if (!Number.isInteger(score) || score < RATING_MIN || score > RATING_MAX) {
    throw new GuichetError('invalid', `score must be a whole number from ${RATING_MIN} to ${RATING_MAX}.`);
  }
  const text = comment?.trim() ? checkText('comment', comment.trim(), 1, RATING_COMMENT_MAX) : null;
  const { done } = await chat.log.commit({ type: 'rateConversation', actor, id, score, comment: text });
  return done.head!;
};
