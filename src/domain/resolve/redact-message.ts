import { authorizeOn } from '../access.ts';
import type { Done, RedactMessage } from '../change.ts';
import { GuichetError } from '../errors.ts';
import { erasedMessage } from '../model/erased.ts';
import type { Draft } from './draft.ts';

/** Takes the content of a message and its files away for good; its place in the order, sender and time stay. */
export const redactMessage = (change: RedactMessage, draft: Draft): Done => {
  const head = authorizeOn(change.actor, 'message.redact', draft.head(change.conversationId));
  const known = draft.message(change.id);
  if (known === undefined || known.value.conversationId !== change.conversationId) throw new GuichetError('not_found');
  if (known.value.kind === 'event') throw new GuichetError('invalid', 'An event has no content to redact.');
  if (known.value.redacted) return draft.done({ head, message: known });
  const message = draft.putMessage(erasedMessage(known.value));
  if (change.audit !== undefined) draft.note(change.audit);
  return draft.done({ head: draft.head(change.conversationId)!, message });
};
