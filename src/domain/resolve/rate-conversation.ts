import { authorizeOn } from '../access.ts';
import type { Done, RateConversation } from '../change.ts';
import { GuichetError } from '../errors.ts';
import { withDefaults } from '../model/settings.ts';
import { putChanged } from './change-conversation.ts';
import type { Draft } from './draft.ts';

/** Keeps what the visitor thought of a conversation that is closed; the same said again changes nothing. */
export const rateConversation = (change: RateConversation, draft: Draft): Done => {
  const { score, comment } = change;
  const { conversation } = authorizeOn(change.actor, 'conversation.rate', draft.head(change.id));
  if (conversation.status !== 'CLOSED') {
    throw new GuichetError('invalid', 'A conversation is rated once it is closed.');
  }
  if (!withDefaults(draft.entry('settings', 'settings')).rating) {
    throw new GuichetError('invalid', 'Ratings are switched off here.');
  }
  const { rating } = conversation;
  if (rating?.score !== score || rating.comment !== comment) {
    putChanged(conversation, { ...conversation, rating: { score, comment, at: draft.at } }, draft);
  }
  return draft.done({ head: draft.head(change.id)! });
};
