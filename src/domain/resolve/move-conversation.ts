import type { Done, MoveConversation } from '../change.ts';
import { GuichetError } from '../errors.ts';
import { markOf } from '../model/conversation.ts';
import type { Draft } from './draft.ts';

/** Gives a conversation to another contact, with how far its former one had read. Nothing else of it changes. */
export const moveConversation = (change: MoveConversation, draft: Draft): Done => {
  const head = draft.head(change.id);
  if (head === undefined || draft.entry('contact', change.userId) === undefined) throw new GuichetError('not_found');
  const { conversation } = head;
  if (conversation.userId === change.userId) return draft.done({ head });
  draft.putConversation({
    ...conversation,
    userId: change.userId,
    changedAt: draft.at,
    publicAt: draft.at,
    publicPosition: draft.nextPosition,
  });
  const mark = markOf(head.reads, { readerType: 'USER', readerId: conversation.userId });
  if (mark !== undefined) {
    const { position: _, ...read } = mark;
    draft.putRead({ ...read, readerId: change.userId, at: draft.at, publicPosition: draft.nextPosition });
  }
  return draft.done({ head: draft.head(change.id)! });
};
