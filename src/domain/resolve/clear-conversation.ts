import type { ClearConversation, Done } from '../change.ts';
import { GuichetError } from '../errors.ts';
import { clearedConversation } from '../model/erased.ts';
import type { Draft } from './draft.ts';

/** Takes away what a conversation says of its own: subject, labels and the words of a rating. */
export const clearConversation = ({ id }: ClearConversation, draft: Draft): Done => {
  const head = draft.head(id);
  if (head === undefined) throw new GuichetError('not_found');
  const { conversation } = head;
  const cleared = clearedConversation(conversation);
  if (cleared === conversation) return draft.done({ head });
  draft.putConversation({
    ...cleared,
    changedAt: draft.at,
    publicAt: draft.at,
    publicPosition: draft.nextPosition,
  });
  return draft.done({ head: draft.head(id)! });
};
