import { type Actor, authorize, SYSTEM } from '../access.ts';
import type { Chat } from '../chat.ts';
import { headOf } from '../copy-log.ts';
import { conversationsOf, entriesOf } from '../digest.ts';
import { GuichetError } from '../errors.ts';
import type { Contact } from '../model/directory.ts';
import { type Erasure, erasedContact } from '../model/erased.ts';
import { noteOf } from './audit-log.ts';
import { countContents, type Erased, eraseContents } from './erase-contents.ts';
import { purgeHistory } from './purge-history.ts';

/** Looks at what came in while the last look was under way; one is enough, as the tokens are void by then. */
const SWEEPS = 3;

/**
 * Erases a visitor: who they are, and what was written in their conversations, notes included. Tokens are worth
 * nothing from then on and sockets end. Tombstones keep the order: ids, places and times stay.
 *
 * `remember` is told before anything is erased, so that an erasure which was begun is finished after a crash.
 */
export const eraseVisitor = async (
  chat: Chat,
  actor: Actor,
  id: string,
  remember: (...erasures: Erasure[]) => Promise<void>,
): Promise<Erased> => {
  authorize(actor, 'visitor.erase');
  const contact = await knownContact(chat, id);
  const at = new Date().toISOString();
  const { log } = await headOf(chat.store);
  // Who turned out to be this one was somebody else in a log of before, with conversations of their own.
  const ids = [id];
  for await (const other of entriesOf(chat.store, 'contact')) if (other.mergedInto === id) ids.push(other.id);
  await remember(...ids.map((each) => ({ id: each, at, log: log.id })));
  return erase(chat, actor, contact, at);
};

/** How far an erasure goes. */
export interface EraseHow {
  /** Out of the history of the stores too, now. */
  readonly purge: boolean;
  /** Only counts. */
  readonly dryRun: boolean;
}

export interface ErasedWhole extends Erased {
  readonly purged: boolean;
}

/** {@link eraseVisitor} with all that may be asked for beside it. */
export const eraseWhole = async (
  chat: Chat,
  actor: Actor,
  id: string,
  { purge, dryRun }: EraseHow,
  remember: (...erasures: Erasure[]) => Promise<void>,
): Promise<ErasedWhole> => {
  if (dryRun) return { ...(await previewErasure(chat, actor, id)), purged: false };
  const erased = await eraseVisitor(chat, actor, id, remember);
  return { ...erased, purged: purge && (await purgeHistory(chat, actor)) };
};

/** What {@link eraseVisitor} would take away now; changes nothing. */
const previewErasure = async (chat: Chat, actor: Actor, id: string): Promise<Erased> => {
  authorize(actor, 'visitor.erase');
  await knownContact(chat, id);
  let conversations = 0;
  let messages = 0;
  for await (const head of conversationsOf(chat.store, { userId: id })) {
    conversations += 1;
    messages += await countContents(chat, head);
  }
  return { conversations, messages };
};

const knownContact = async ({ store }: Chat, id: string): Promise<Contact> => {
  const contact = await store.entry('contact', id);
  if (contact === undefined) throw new GuichetError('not_found');
  return contact;
};

/**
 * Erases again what a log of before an erasure holds: to be called at each start, for a restore may have brought it
 * back. What came in after the erasure stays. Answers how many visitors it was.
 */
export const applyErasures = async (chat: Chat, erasures: readonly Erasure[]): Promise<number> => {
  let applied = 0;
  for (const { id, at } of erasures) {
    const contact = await chat.store.entry('contact', id);
    if (contact === undefined || (contact.erasedAt !== undefined && contact.erasedAt >= at)) continue;
    await erase(chat, SYSTEM, contact, at, at);
    applied += 1;
  }
  return applied;
};

/** The tombstone is written last, so that what a crash cut short is begun again; the tokens end first. */
const erase = async (chat: Chat, actor: Actor, contact: Contact, at: string, until?: string): Promise<Erased> => {
  const { id } = contact;
  const bare = erasedContact(contact, new Date().toISOString());
  await put(chat, bare);
  let conversations = 0;
  let messages = 0;
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    let found = 0;
    const ids: string[] = [];
    for await (const { conversation } of conversationsOf(chat.store, { userId: id })) ids.push(conversation.id);
    for (const conversationId of ids) {
      const head = await chat.store.conversation(conversationId);
      if (head === undefined || (until !== undefined && head.conversation.createdAt > until)) continue;
      found += await eraseContents(chat, head, until);
    }
    conversations = ids.length;
    messages += found;
    if (found === 0) break;
  }
  const detail = `${conversations} conversations, ${messages} messages`;
  await put(chat, { ...bare, erasedAt: at }, noteOf(actor, 'visitor.erase', id, detail));
  return { conversations, messages };
};

const put = async (chat: Chat, value: Contact, audit?: ReturnType<typeof noteOf>): Promise<void> => {
  const entries = [{ kind: 'contact', value }] as const;
  await chat.log.commit({ type: 'putEntries', mode: 'replace', entries, ...(audit && { audit }) });
};
