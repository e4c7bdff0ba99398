import type { Conversation } from './conversation.ts';
import type { Contact } from './directory.ts';
import type { Message } from './message.ts';

/** One erasure, kept outside the log: a backup of before knows nothing of it. */
export interface Erasure {
  /** Of the visitor. */
  readonly id: string;
  /** UTC ISO time. */
  readonly at: string;
  /** Id of the log; missing in lists of before. */
  readonly log?: string;
}

/*
 * What an erasure leaves: tombstones. Ids, places, senders and times stay. Each answers what it was given where there
 * is nothing to take away.
 */

export const erasedMessage = (message: Message): Message => {
  if (message.kind === 'event' || message.redacted) return message;
  const { attachments: _, ...rest } = message;
  return { ...rest, content: '', redacted: true };
};

/** Whether a conversation says anything of its own, besides its messages. */
const saysSomething = ({ subject, labels, rating }: Conversation): boolean =>
  subject !== null || labels.length > 0 || (rating?.comment ?? null) !== null;

export const clearedConversation = (conversation: Conversation): Conversation =>
  saysSomething(conversation)
    ? {
        ...conversation,
        subject: null,
        labels: [],
        ...(conversation.rating && { rating: { ...conversation.rating, comment: null } }),
      }
    : conversation;

/** A contact of whom nothing is known but that they were there; every token of before `from` is worth nothing. */
export const erasedContact = (contact: Contact, from: string): Contact => {
  const { id, createdAt, tokenGeneration = 0, identified, mergedInto, blocked } = contact;
  return {
    ...{ id, name: null, email: null, locale: null, createdAt },
    ...{ tokenGeneration: tokenGeneration + 1, tokensFrom: from },
    ...(identified && { identified }),
    ...(mergedInto !== undefined && { mergedInto }),
    ...(blocked && { blocked }),
  };
};
