import { authorizeOn, postAction, type Sender } from '../access.ts';
import type { Done, PostMessage } from '../change.ts';
import { GuichetError } from '../errors.ts';
import { type Attachment, sameAttachments } from '../model/attachment.ts';
import type { ConversationHead } from '../model/conversation.ts';
import { mentionId } from '../model/directory.ts';
import type { Message } from '../model/message.ts';
import type { LogRecord } from '../model/record.ts';
import { requireAgent, setStatus } from './change-conversation.ts';
import type { Draft } from './draft.ts';

/** Adds a message, or answers the first result when it is a repeat. A visitor's message reopens. */
export const postMessage = (change: PostMessage, draft: Draft): Done => {
  const head = authorizeOn(change.actor, postAction(change.kind), draft.head(change.conversationId));
  const known = knownMessage(change, draft);
  if (known !== undefined) return draft.done({ head, message: known });
  refuseStale(change, head);
  const message = addPost(change, draft);
  for (const agentId of change.mentions ?? []) mention(agentId, message.value, draft);
  if (change.kind === 'message') reopen(change.conversationId, change.sender, draft);
  return draft.done({ head: draft.head(change.conversationId)!, message });
};

/** What the message of a post is made of, whichever change it comes with. */
export interface Post {
  readonly id: string;
  readonly conversationId: string;
  readonly kind: 'message' | 'note';
  readonly content: string;
  readonly attachments?: readonly Attachment[];
  readonly sender: Sender;
}

/** The message that a post repeats; `undefined` when its id is new. Anything else under that id is `id_taken`. */
export const knownMessage = (post: Post, draft: Draft): LogRecord<'message'> | undefined => {
  const known = draft.message(post.id);
  if (known === undefined) return undefined;
  const owner = draft.head(post.conversationId)?.conversation.userId;
  if (!isRepeat(post, known.value, owner)) throw new GuichetError('id_taken');
  return known;
};

/** A redacted message has no text and no files to compare any more; its id, place, kind and sender still decide. */
const isRepeat = (post: Post, known: Message, owner: string | undefined): boolean =>
  known.conversationId === post.conversationId &&
  known.kind === post.kind &&
  known.senderType === post.sender.type &&
  // A visitor who got another id since is still who wrote here: see moveConversation.
  (known.senderId === post.sender.id || (post.sender.type === 'USER' && post.sender.id === owner)) &&
  (known.redacted === true || (known.content === post.content && sameAttachments(known.attachments, post.attachments)));

export const addPost = (post: Post, draft: Draft): LogRecord<'message'> =>
  draft.addMessage({
    id: post.id,
    conversationId: post.conversationId,
    kind: post.kind,
    senderId: post.sender.id,
    senderType: post.sender.type,
    content: post.content,
    createdAt: draft.at,
    ...(post.attachments?.length && { attachments: post.attachments }),
  });

/** Whoever answers has seen what is there, if they said so. */
const refuseStale = ({ actor, ifLastSeq }: PostMessage, head: ConversationHead): void => {
  const last = actor.type === 'visitor' ? head.lastPublicSeq : head.lastSeq;
  if (ifLastSeq !== undefined && last > ifLastSeq) throw new GuichetError('stale');
};

/** Tells an agent of a note that names them; the next note of the conversation that does takes its place. */
const mention = (agentId: string, note: Message, draft: Draft): void => {
  requireAgent(agentId, draft);
  if (agentId === note.senderId) return;
  const { conversationId, id: messageId, seq, senderId: byId, createdAt: at } = note;
  const id = mentionId(agentId, conversationId);
  draft.putEntry('mention', { id, agentId, conversationId, messageId, seq, byId, at, seen: false });
};

const reopen = (conversationId: string, sender: Sender, draft: Draft): void => {
  const { conversation } = draft.head(conversationId) as ConversationHead;
  if (sender.type !== 'USER' || conversation.status === 'ACTIVE') return;
  setStatus(conversation, 'ACTIVE', null, { type: 'reopened', from: conversation.status }, sender, draft);
};
