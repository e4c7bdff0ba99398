import { type Actor, authorize } from '../access.ts';
import type { Chat } from '../chat.ts';
import { noteDown, noteOf } from './audit-log.ts';

/**
 * Takes what was erased out of the history of the stores now, instead of when it ages out. A keeper of files holds two
 * copies of the state and the history since the older: after two new copies nothing of before is left.
 * @returns false when the stores keep no such history, or a copy could not be written
 */
export const purgeHistory = async (chat: Chat, actor: Actor): Promise<boolean> => {
  authorize(actor, 'visitor.erase');
  const first = await chat.store.takeSnapshot?.(true);
  await noteDown(chat, noteOf(actor, 'history.purge', null));
  const second = await chat.store.takeSnapshot?.(true);
  return first === true && second === true;
};
