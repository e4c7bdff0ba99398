import { LABEL_MAX, LABELS_MAX } from '../../protocol/limits.ts';
import type { Actor } from '../access.ts';
import type { ChangeConversation } from '../change.ts';
import type { Chat } from '../chat.ts';
import { GuichetError } from '../errors.ts';
import type { ConversationHead } from '../model/conversation.ts';
import { checkLine, checkSubject, checkTime } from '../model/text.ts';

/** Changes status, agent, subject, labels or snooze of a conversation; answers it as it is then. */
export const changeConversation = async (
  chat: Chat,
  actor: Actor,
  id: string,
  patch: ChangeConversation['patch'],
): Promise<ConversationHead> => {
  const { labels, subject, snoozedUntil } = patch;
  if (labels !== undefined && labels.length > LABELS_MAX) {
    throw new GuichetError('invalid', `A conversation has at most ${LABELS_MAX} labels.`);
  }
  const checked = {
    ...patch,
    ...(subject !== undefined && { subject: checkSubject(subject) }),
    ...(labels !== undefined && { labels: labels.map((label) => checkLine('label', label, 1, LABEL_MAX)) }),
    ...(typeof snoozedUntil === 'string' && { snoozedUntil: checkTime('snoozedUntil', snoozedUntil) }),
  };
  const { done } = await chat.log.commit({ type: 'changeConversation', actor, id, patch: checked });
  return done.head!;
};
