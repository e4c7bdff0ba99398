import { type Actor, authorize } from '../access.ts';
import type { Chat } from '../chat.ts';
import { GuichetError } from '../errors.ts';
import type { Contact } from '../model/directory.ts';
import { noteOf } from './audit-log.ts';
import { revoked } from './merge-visitor.ts';

/** Whether a contact may come in at all with what was made before `generation` revocations. */
export const isWelcome = (contact: Contact | undefined, generation: number): contact is Contact =>
  contact !== undefined && contact.mergedInto === undefined && generation >= (contact.tokenGeneration ?? 0);

/** Makes every token of a visitor worth nothing; answers the contact as it is then. */
export const revokeVisitor = async (chat: Chat, actor: Actor, id: string): Promise<Contact> => {
  if (actor.type !== 'visitor' || actor.id !== id) authorize(actor, 'visitor.revoke');
  const contact = await chat.store.entry('contact', id);
  if (contact === undefined) throw new GuichetError('not_found');
  const value = revoked(contact);
  const audit = noteOf(actor, 'visitor.revoke', id);
  await chat.log.commit({ type: 'putEntries', mode: 'replace', entries: [{ kind: 'contact', value }], audit });
  return value;
};
