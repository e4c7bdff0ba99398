import type { Actor } from '../access.ts';
import type { Chat } from '../chat.ts';
import { noteOf } from './audit-log.ts';

/** Takes the content of a message away everywhere. A second time is answered like the first. */
export const redactMessage = async (chat: Chat, actor: Actor, conversationId: string, id: string): Promise<void> => {
  const audit = noteOf(actor, 'message.redact', id);
  await chat.log.commit({ type: 'redactMessage', actor, conversationId, id, audit });
};
