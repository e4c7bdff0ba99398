import { LABEL_MAX } from '../../protocol/limits.ts';
import { type Actor, authorize } from '../access.ts';
import type { Chat } from '../chat.ts';
import { GuichetError } from '../errors.ts';
import type { Label } from '../model/directory.ts';
import { checkLine } from '../model/text.ts';

/** Labels of an installation; past it a team has lost sight of them, and lists would be long. */
const COUNT_MAX = 500;

/** Makes a label or changes one; answers it. Conversations bear it by its id, so that a new name reaches them all. */
export const putLabel = async (chat: Chat, actor: Actor, label: Label): Promise<Label> => {
  authorize(actor, 'labels.change');
  const value: Label = {
    id: checkLine('id', label.id, 1, LABEL_MAX),
    name: checkLine('name', label.name.trim(), 1, LABEL_MAX),
    color: label.color,
    archived: label.archived,
  };
  const labels = await chat.store.entries('label');
  if (labels.length >= COUNT_MAX && labels.every(({ id }) => id !== value.id)) {
    throw new GuichetError('invalid', `There are ${COUNT_MAX} labels already. Change one of them instead.`);
  }
  await chat.log.commit({ type: 'putEntries', mode: 'replace', entries: [{ kind: 'label', value }] });
  return value;
};
