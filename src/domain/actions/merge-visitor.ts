import type { Chat } from '../chat.ts';
import type { AuditNote } from '../model/audit.ts';
import type { Contact } from '../model/directory.ts';

const PAGE = 100;

/**
 * A visitor who was nobody in particular is known now: the conversations go to the contact that a site vouches for,
 * and the former contact is worth nothing any more. Does nothing for a contact that is vouched for itself.
 *
 * The conversations go first, so that a crash in between leaves a token with which the same call is made again; what
 * was begun with it meanwhile goes in the second sweep.
 */
export const mergeVisitor = async (chat: Chat, from: Contact, into: Contact): Promise<void> => {
  if (from.id === into.id || from.identified) return;
  if (from.mergedInto !== undefined && from.mergedInto !== into.id) return;
  await moveAll(chat, from.id, into.id);
  if (from.mergedInto === into.id) return;
  const { id, createdAt, tokenGeneration, tokensFrom } = revoked(from);
  // What was known of them is known of the other one now, and must not outlive an erasure here.
  const kept = { id, name: null, email: null, locale: null, createdAt, tokenGeneration, tokensFrom };
  const audit: AuditNote = { by: { type: 'visitor', id: into.id }, action: 'visitor.merge', about: from.id };
  await chat.log.commit({
    type: 'putEntries',
    mode: 'replace',
    entries: [{ kind: 'contact', value: { ...kept, mergedInto: into.id } }],
    audit,
  });
  await moveAll(chat, from.id, into.id);
};

/** The contact with every token of before worth nothing. */
export const revoked = (contact: Contact): Contact & Required<Pick<Contact, 'tokenGeneration' | 'tokensFrom'>> => ({
  ...contact,
  tokenGeneration: (contact.tokenGeneration ?? 0) + 1,
  tokensFrom: new Date().toISOString(),
});

const moveAll = async (chat: Chat, from: string, into: string): Promise<void> => {
  for (;;) {
    const { conversations } = await chat.store.conversations({ userId: from, limit: PAGE });
    if (conversations.length === 0) return;
    const moves = conversations.map(({ conversation: { id } }) =>
      chat.log.commit({ type: 'moveConversation', id, userId: into }),
    );
    await Promise.all(moves);
  }
};
