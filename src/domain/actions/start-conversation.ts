import { createHash, randomUUIDv7 } from 'node:crypto';
import { type Actor, type Sender, senderOf } from '../access.ts';
import type { Chat } from '../chat.ts';
import { GuichetError } from '../errors.ts';
import type { ConversationHead } from '../model/conversation.ts';
import type { LogRecord } from '../model/record.ts';
import { checkContent, checkNewId, checkSubject, checkText } from '../model/text.ts';
import type { Commitment } from '../store.ts';

export interface StartInput {
  readonly id?: string | undefined;
  readonly subject?: string | null | undefined;
  /** Default: the visitor who calls. */
  readonly userId?: string | undefined;
  readonly agentId?: string | null | undefined;
  readonly message?: { readonly id?: string | undefined; readonly content: string } | undefined;
}

export interface Started {
  readonly head: ConversationHead;
  readonly message?: LogRecord<'message'>;
  readonly repeated: boolean;
  readonly commitment: Commitment;
}

/** Starts a conversation, with a first message if one is given. Rejects with the errors of the change and the store. */
export const startConversation = async (chat: Chat, actor: Actor, input: StartInput): Promise<Started> => {
  const id = input.id === undefined ? randomUUIDv7() : checkNewId('id', input.id);
  const userId = userIdFor(actor, input.userId);
  const message = input.message && {
    id: input.message.id === undefined ? firstMessageId(id) : checkNewId('message.id', input.message.id),
    content: checkContent(input.message.content),
    sender: firstSender(actor, userId),
  };
  if (actor.type === 'visitor' && input.agentId) throw new GuichetError('forbidden');
  const { done, commitment } = await chat.log.commit({
    type: 'startConversation',
    actor,
    id,
    subject: checkSubject(input.subject),
    userId,
    agentId: input.agentId ?? null,
    ...(message && { message }),
  });
  return { head: done.head!, ...(done.message && { message: done.message }), repeated: done.repeated, commitment };
};

const userIdFor = (actor: Actor, userId: string | undefined): string => {
  if (userId !== undefined) return checkText('userId', userId, 1, 255);
  if (actor.type === 'visitor') return actor.id;
  throw new GuichetError('invalid', 'userId says whose conversation it is; an agent has to name it.');
};

/** Automation that starts a conversation for a visitor speaks as that visitor; an agent speaks as itself. */
const firstSender = (actor: Actor, userId: string): Sender =>
  actor.type === 'agent' && actor.automation ? { id: userId, type: 'USER' } : senderOf(actor);

/** A first message without an id of its own gets one that a repeat of the call gets again. */
const firstMessageId = (conversationId: string): string =>
  `first-${createHash('sha256').update(conversationId).digest('base64url').slice(0, 32)}`;
