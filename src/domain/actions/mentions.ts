import { type Actor, authorize } from '../access.ts';
import type { Chat } from '../chat.ts';
import { GuichetError } from '../errors.ts';
import { type MentionEntry, mentionId, mentionPrefix } from '../model/directory.ts';

/** As many as one looks through. */
const SHOWN_MAX = 200;
const PAGE = 500;

/** Where notes name the agent who asks, newest first. */
export const mentionsOf = async (chat: Pick<Chat, 'store'>, actor: Actor): Promise<MentionEntry[]> => {
  authorize(actor, 'mentions.read');
  const prefix = mentionPrefix(actor.id);
  const found: MentionEntry[] = [];
  let after = prefix;
  for (;;) {
    const page = await chat.store.entries('mention', { after, limit: PAGE });
    const own = page.filter(({ id }) => id.startsWith(prefix));
    found.push(...own);
    if (own.length < PAGE) break;
    after = own.at(-1)!.id;
  }
  return found.sort((a, b) => (a.at < b.at ? 1 : -1)).slice(0, SHOWN_MAX);
};

/** The agent who asks has seen what names them in a conversation; nothing happens when nothing does. */
export const seeMention = async (chat: Chat, actor: Actor, conversationId: string): Promise<void> => {
  authorize(actor, 'mentions.read');
  const held = await chat.store.entry('mention', mentionId(actor.id, conversationId));
  if (held === undefined) throw new GuichetError('not_found');
  const value = { ...held, seen: true };
  await chat.log.commit({ type: 'putEntries', mode: 'replace', entries: [{ kind: 'mention', value }] });
};
