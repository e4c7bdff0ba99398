import { isolated } from '../shared/isolated.ts';
import type { Desk } from './desk.ts';
import type { Conversation, Message } from './types.ts';
import { words } from './words.ts';

/** A visitor without a name is told from the others by the end of their id. */
export const visitorName = (conversation: Pick<Conversation, 'userId' | 'contact'> | undefined): string =>
  conversation?.contact?.name ||
  conversation?.contact?.email ||
  words.value.visitor((conversation?.userId ?? '').slice(-4).toUpperCase());

export const agentName = (desk: Desk, id: string): string => {
  if (id === desk.me.id) return words.value.you;
  return desk.catalogue.agents.value.get(id)?.name ?? (id === 'admin' ? 'admin' : words.value.formerAgent);
};

export const senderName = (
  desk: Desk,
  conversation: Conversation | undefined,
  id: string,
  type: Message['senderType'],
): string => {
  if (type === 'USER') return visitorName(conversation);
  return type === 'AGENT' ? agentName(desk, id) : id;
};

const nameInSentence = (desk: Desk, id: string): string =>
  id === desk.me.id ? words.value.you : isolated(agentName(desk, id));

/** What an event tells, as a sentence. */
export const eventText = (desk: Desk, message: Message): string => {
  const { events } = words.value;
  const { event, senderId, senderType } = message;
  if (!event) return '';
  if (event.type === 'reopened') return events.reopened;
  if (senderType === 'SYSTEM' && event.type === 'agent' && event.to !== null) {
    return events.assignedBySystem(nameInSentence(desk, event.to));
  }
  if (senderType === 'SYSTEM' || senderType === 'USER') return events.awake;
  const who = nameInSentence(desk, senderId);
  if (event.type === 'status') return events.status[event.to](who);
  if (event.to === null) return events.unassigned(who);
  return event.to === senderId ? events.took(who) : events.assigned(who, nameInSentence(desk, event.to));
};
