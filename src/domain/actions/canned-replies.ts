import { CONTENT_MAX, SHORTCUT_MAX } from '../../protocol/limits.ts';
import { type Actor, authorize } from '../access.ts';
import type { Chat } from '../chat.ts';
import { GuichetError } from '../errors.ts';
import type { CannedReply } from '../model/directory.ts';
import { checkLine, checkNewId, checkText } from '../model/text.ts';

/** All are held by each console, so that typing finds them at once. */
const COUNT_MAX = 500;

/** Makes a canned reply or changes one; answers it. An archived one loses its text. */
export const putCannedReply = async (chat: Chat, actor: Actor, reply: CannedReply): Promise<CannedReply> => {
  authorize(actor, 'cannedReplies.change');
  const shortcut = checkLine('shortcut', reply.shortcut.trim(), 1, SHORTCUT_MAX);
  if (/\s/.test(shortcut))
    throw new GuichetError('invalid', 'shortcut must have no spaces: it is typed behind a slash.');
  const value: CannedReply = {
    id: checkNewId('id', reply.id),
    shortcut,
    content: reply.archived ? '' : checkText('content', reply.content, 1, CONTENT_MAX),
    archived: reply.archived,
  };
  const others = (await chat.store.entries('cannedReply')).filter(({ id, archived }) => id !== value.id && !archived);
  if (!value.archived && others.some((other) => other.shortcut === shortcut)) {
    throw new GuichetError('invalid', `There is a reply under ${JSON.stringify(shortcut)} already.`);
  }
  if (!value.archived && others.length >= COUNT_MAX) {
    throw new GuichetError('invalid', `There are ${COUNT_MAX} canned replies already. Remove one first.`);
  }
  await chat.log.commit({ type: 'putEntries', mode: 'replace', entries: [{ kind: 'cannedReply', value }] });
  return value;
};
