import { randomUUIDv7 } from 'node:crypto';
import type { SenderType } from '../../protocol/entities.ts';
import { MENTIONS_MAX } from '../../protocol/limits.ts';
import { type Actor, authorize, type Sender, senderOf } from '../access.ts';
import type { PostMessage } from '../change.ts';
import type { Chat } from '../chat.ts';
import { GuichetError } from '../errors.ts';
import type { Attachment } from '../model/attachment.ts';
import type { ConversationHead } from '../model/conversation.ts';
import type { LogRecord } from '../model/record.ts';
import { checkContent, checkNewId, checkText } from '../model/text.ts';
import type { Commitment } from '../store.ts';

export interface PostInput {
  readonly id?: string | undefined;
  readonly content: string;
  readonly kind?: 'message' | 'note' | undefined;
  /** As {@link Attachments.claim} gave them. With any the text may be empty. */
  readonly attachments?: readonly Attachment[] | undefined;
  /** Admins only: in whose name. */
  readonly senderId?: string | undefined;
  readonly senderType?: SenderType | undefined;
  /** What the sender has seen: with anything behind it the post is refused as `stale`. */
  readonly ifLastSeq?: number | undefined;
  /** Agents that a note names. */
  readonly mentions?: readonly string[] | undefined;
}

export interface Posted {
  readonly head: ConversationHead;
  readonly message: LogRecord<'message'>;
  /** It was there before this call. */
  readonly repeated: boolean;
  readonly commitment: Commitment;
}

/** A post as a change, checked and normalised; throws `invalid` or `forbidden`. */
export const postChange = (actor: Actor, conversationId: string, input: PostInput): PostMessage => {
  const { id, kind = 'message', content, attachments = [], ifLastSeq, mentions } = input;
  const hasFiles = attachments.length > 0;
  return {
    type: 'postMessage',
    actor,
    id: id === undefined ? randomUUIDv7() : checkNewId('id', id),
    conversationId,
    kind,
    content: hasFiles && content === '' ? '' : checkContent(content),
    ...(hasFiles && { attachments }),
    sender: senderFor(actor, input),
    ...(ifLastSeq !== undefined && { ifLastSeq }),
    ...(mentions !== undefined && { mentions: checkMentions(kind, mentions) }),
  };
};

const checkMentions = (kind: 'message' | 'note', mentions: readonly string[]): readonly string[] => {
  if (kind !== 'note') throw new GuichetError('invalid', 'mentions go with a note.');
  if (mentions.length > MENTIONS_MAX) throw new GuichetError('invalid', `A note names at most ${MENTIONS_MAX} agents.`);
  return [...new Set(mentions)];
};

/** Posts a message or a note. Rejects with the errors of the change and of the store. */
export const postMessage = async (
  chat: Chat,
  actor: Actor,
  conversationId: string,
  input: PostInput,
): Promise<Posted> => {
  const { done, commitment } = await chat.log.commit(postChange(actor, conversationId, input));
  return { head: done.head!, message: done.message!, repeated: done.repeated, commitment };
};

/** The caller, or with the right to it somebody else. */
export const senderFor = (actor: Actor, input: Pick<PostInput, 'senderId' | 'senderType'>): Sender => {
  const own = senderOf(actor);
  const { senderId, senderType } = input;
  if (senderId === undefined && senderType === undefined) return own;
  authorize(actor, 'message.postForOthers');
  if (senderType === undefined) throw new GuichetError('invalid', 'senderId goes with senderType.');
  if (senderId === undefined) {
    if (senderType !== 'BOT' && senderType !== 'SYSTEM') {
      throw new GuichetError('invalid', 'senderType USER or AGENT goes with senderId.');
    }
    return { id: senderType.toLowerCase(), type: senderType };
  }
  return { id: checkText('senderId', senderId, 1, 255), type: senderType };
};
