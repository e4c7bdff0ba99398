import { type Actor, authorize } from '../access.ts';
import type { Chat } from '../chat.ts';
import { GuichetError } from '../errors.ts';
import type { Block, Contact } from '../model/directory.ts';
import { noteOf } from './audit-log.ts';

/** Throws `blocked` when nobody is let in from this address (see `addressKey`). */
export const requireOpenAddress = async ({ store }: Pick<Chat, 'store'>, address: string): Promise<void> => {
  if ((await store.entry('block', address))?.active) throw new GuichetError('blocked');
};

/** Lets a visitor in no more, or again. Their sockets end at once. */
export const blockVisitor = async (chat: Chat, actor: Actor, id: string, isBlocked: boolean): Promise<void> => {
  authorize(actor, 'visitor.block');
  const contact = await chat.store.entry('contact', id);
  if (contact === undefined) throw new GuichetError('not_found');
  const { blocked: _, ...open } = contact;
  const value: Contact = isBlocked ? { ...open, blocked: true } : open;
  const audit = noteOf(actor, isBlocked ? 'visitor.block' : 'visitor.unblock', id);
  await chat.log.commit({ type: 'putEntries', mode: 'replace', entries: [{ kind: 'contact', value }], audit });
};

/** Lets no visitor in from an address, or again. Agents come in from it all the same. */
export const blockAddress = async (chat: Chat, actor: Actor, address: string, isBlocked: boolean): Promise<void> => {
  authorize(actor, 'visitor.block');
  const known = await chat.store.entry('block', address);
  if (known?.active === isBlocked || (known === undefined && !isBlocked)) return;
  const value: Block = { id: address, active: isBlocked, at: new Date().toISOString(), by: actor.id };
  const audit = noteOf(actor, isBlocked ? 'address.block' : 'address.unblock', address);
  await chat.log.commit({ type: 'putEntries', mode: 'replace', entries: [{ kind: 'block', value }], audit });
};

/** Addresses that no visitor is let in from, newest first. */
export const blockedAddresses = async (chat: Chat, actor: Actor): Promise<Block[]> => {
  authorize(actor, 'visitor.block');
  const blocks = await chat.store.entries('block');
  return blocks.filter(({ active }) => active).sort((a, b) => (a.at < b.at ? 1 : -1));
};
