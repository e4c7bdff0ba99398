import { authorizeOn, type Sender, senderOf } from '../access.ts';
import type { ChangeConversation, Done } from '../change.ts';
import { GuichetError } from '../errors.ts';
import { type Conversation, later, type Status } from '../model/conversation.ts';
import type { MessageEvent } from '../model/message.ts';
import type { Draft } from './draft.ts';

/** Changes what a conversation says of itself; status and agent leave an event in the thread. */
export const changeConversation = (change: ChangeConversation, draft: Draft): Done => {
  const { conversation } = authorizeOn(change.actor, 'conversation.change', draft.head(change.id));
  const { patch, expected } = change;
  if (expected !== undefined && !isAs(conversation, expected)) return draft.done({ head: draft.head(change.id)! });
  const sender = senderOf(change.actor);
  requireAgent(patch.agentId, draft);

  const status = patch.status ?? (patch.snoozedUntil ? 'SNOOZED' : conversation.status);
  if (patch.snoozedUntil && status !== 'SNOOZED') {
    throw new GuichetError('invalid', 'snoozedUntil goes with the status SNOOZED.');
  }
  const snoozedUntil = status === 'SNOOZED' ? untilOf(patch, conversation) : null;
  const next = {
    ...conversation,
    subject: patch.subject === undefined ? conversation.subject : patch.subject,
    agentId: patch.agentId === undefined ? conversation.agentId : patch.agentId,
    labels: patch.labels === undefined ? conversation.labels : [...new Set(patch.labels)],
    status,
    snoozedUntil,
  };
  putChanged(conversation, next, draft);
  if (next.status !== conversation.status) {
    addEvent(conversation.id, { type: 'status', from: conversation.status, to: next.status }, sender, draft);
  }
  if (next.agentId !== conversation.agentId) {
    addEvent(conversation.id, { type: 'agent', from: conversation.agentId, to: next.agentId }, sender, draft);
  }
  return draft.done({ head: draft.head(conversation.id)! });
};

const isAs = (conversation: Conversation, expected: NonNullable<ChangeConversation['expected']>): boolean =>
  Object.entries(expected).every(([field, value]) => conversation[field as keyof typeof expected] === value);

/** A status that changes as a consequence of something else, with the event that tells it. */
export const setStatus = (
  conversation: Conversation,
  status: Status,
  snoozedUntil: string | null,
  event: MessageEvent,
  sender: Sender,
  draft: Draft,
): void => {
  putChanged(conversation, { ...conversation, status, snoozedUntil }, draft);
  addEvent(conversation.id, event, sender, draft);
};

export const requireAgent = (agentId: string | null | undefined, draft: Draft): void => {
  if (agentId === undefined || agentId === null) return;
  const agent = draft.entry('agent', agentId);
  if (agent === undefined || !agent.active) {
    throw new GuichetError('invalid', `There is no active agent with the id ${JSON.stringify(agentId)}.`);
  }
};

/** Snoozing anew without a time means: until somebody writes. */
const untilOf = (patch: ChangeConversation['patch'], conversation: Conversation): string | null => {
  if (patch.snoozedUntil !== undefined) return patch.snoozedUntil;
  return patch.status === undefined ? conversation.snoozedUntil : null;
};

/** Writes the conversation if anything is different; what only agents see moves none of the public marks. */
export const putChanged = (from: Conversation, to: Conversation, draft: Draft): void => {
  const shown =
    from.subject !== to.subject ||
    from.status !== to.status ||
    from.agentId !== to.agentId ||
    from.rating !== to.rating;
  const hidden =
    from.snoozedUntil !== to.snoozedUntil ||
    from.labels.length !== to.labels.length ||
    from.labels.some((label, i) => label !== to.labels[i]);
  if (!shown && !hidden) return;
  // Imported times may lie ahead of ours; what a list was ordered by never goes back.
  const publicMarks = shown ? { publicAt: later(from.publicAt, draft.at), publicPosition: draft.nextPosition } : {};
  draft.putConversation({ ...to, changedAt: later(from.changedAt, draft.at), ...publicMarks });
};

/** Events are known by where they stand. A full stop is in no id a client may choose, and a position is given once. */
const eventId = (position: number): string => `event.${position}`;

/** Whether an id is of the form that events have: nothing else may bear one. */
export const isEventId = (id: string): boolean => id.startsWith('event.');

const addEvent = (conversationId: string, event: MessageEvent, sender: Sender, draft: Draft): void => {
  draft.addMessage({
    id: eventId(draft.nextPosition),
    conversationId,
    kind: 'event',
    senderId: sender.id,
    senderType: sender.type,
    content: '',
    createdAt: draft.at,
    event,
  });
};
