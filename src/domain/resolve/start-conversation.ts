import { authorize, authorizeOn } from '../access.ts';
import type { Done, StartConversation } from '../change.ts';
import { GuichetError } from '../errors.ts';
import { requireAgent } from './change-conversation.ts';
import type { Draft } from './draft.ts';
import { addPost, knownMessage, type Post } from './post-message.ts';

/** Starts a conversation, with its first message if there is one: both or neither. */
export const startConversation = (change: StartConversation, draft: Draft): Done => {
  const { actor, id, userId } = change;
  authorize(actor, userId === actor.id ? 'conversation.start' : 'conversation.startForOthers');
  const post: Post | undefined = change.message && { ...change.message, conversationId: id, kind: 'message' };

  const known = draft.head(id);
  if (known !== undefined) return repeatStart(change, post, draft);

  if (post !== undefined && knownMessage(post, draft) !== undefined) throw new GuichetError('id_taken');
  requireAgent(change.agentId, draft);
  const contact = draft.entry('contact', userId);
  // Who became somebody else since the token was looked at would start a conversation that nobody can reach.
  if (contact?.mergedInto !== undefined && actor.type === 'visitor') throw new GuichetError('unauthorized');
  if (contact === undefined) {
    const mayMake = actor.type === 'system' || (actor.type === 'agent' && actor.role === 'admin');
    if (!mayMake) throw new GuichetError('invalid', `There is no visitor with the id ${JSON.stringify(userId)}.`);
    draft.putEntry('contact', { id: userId, name: null, email: null, locale: null, createdAt: draft.at });
  }
  draft.putConversation({
    id,
    subject: change.subject,
    status: 'ACTIVE',
    userId,
    agentId: change.agentId,
    labels: [],
    snoozedUntil: null,
    createdAt: draft.at,
    changedAt: draft.at,
    publicAt: draft.at,
    publicPosition: draft.nextPosition,
  });
  const message = post && addPost(post, draft);
  return draft.done({ head: draft.head(id)!, ...(message && { message }) });
};

/** The same caller starting the same conversation again; subject and agent may have changed since and do not count. */
const repeatStart = (change: StartConversation, post: Post | undefined, draft: Draft): Done => {
  const head = draft.head(change.id)!;
  if (head.conversation.userId !== change.userId) throw new GuichetError('id_taken');
  authorizeOn(change.actor, 'conversation.start', head);
  if (post === undefined) return draft.done({ head });
  const message = knownMessage(post, draft);
  if (message === undefined) throw new GuichetError('id_taken');
  return draft.done({ head, message });
};
