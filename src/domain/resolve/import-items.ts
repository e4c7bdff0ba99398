import { createHash } from 'node:crypto';
import type { Done, Import, ImportItem } from '../change.ts';
import { GuichetError } from '../errors.ts';
import type { Agent, DirectoryKind } from '../model/directory.ts';
import { isEventId } from './change-conversation.ts';
import type { Draft } from './draft.ts';

type ImportedMessage = Extract<ImportItem, { type: 'message' }>;
type ImportedConversation = Extract<ImportItem, { type: 'conversation' }>;

/** Adds what is not known yet, with the ids and times it came with. A second import of the same adds nothing. */
export const importItems = (change: Import, draft: Draft): Done => {
  for (const item of change.items) {
    if (item.type === 'conversation') importConversation(item, draft);
    else if (item.type === 'message') importMessage(item, draft);
    else if (draft.entry(item.type, item.value.id) !== undefined) continue;
    else if (item.type === 'contact') draft.putEntry('contact', item.value);
    else importAgent(item.value, draft);
  }
  return draft.done();
};

/** An address that one of our agents signs in with stays theirs. */
const importAgent = (agent: Agent, draft: Draft): void => {
  const taken = agent.email !== null && draft.agentByEmail(agent.email) !== undefined;
  draft.putEntry('agent', taken ? { ...agent, email: null } : agent);
};

const importConversation = (item: ImportedConversation, draft: Draft): void => {
  if (draft.head(item.id) !== undefined) return;
  const { type: _, createdAt, ...rest } = item;
  draft.putConversation({
    ...rest,
    labels: [],
    snoozedUntil: null,
    createdAt,
    changedAt: createdAt,
    publicAt: createdAt,
    publicPosition: draft.nextPosition,
  });
};

const importMessage = (item: ImportedMessage, draft: Draft): void => {
  if (draft.head(item.conversationId) === undefined) {
    throw new GuichetError(
      'invalid',
      `There is no conversation ${JSON.stringify(item.conversationId)} to import into.`,
    );
  }
  const known = draft.message(item.id)?.value;
  const id = known === undefined && !isEventId(item.id) ? item.id : otherId(item);
  const same = known?.conversationId === item.conversationId && known.createdAt === item.createdAt;
  if (same && known.senderId === item.senderId && (known.redacted || known.content === item.content)) return;
  if (draft.message(id) !== undefined) return;
  const { type: _, note, ...rest } = item;
  draft.addMessage({ ...rest, id, kind: note ? 'note' : 'message' });
};

/**
 * The id of a message whose own id already names another one: programs exist that number messages per conversation.
 * Made of everything that tells the message apart, so that the same file gives the same id again.
 */
export const otherId = (item: ImportedMessage): string => {
  const parts = [item.conversationId, item.id, item.senderId, item.createdAt, item.content];
  return `adopted-${createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 32)}`;
};

/** What an import looks at; see `viewRequestOf`. */
export const importViewIds = (
  change: Import,
  into: {
    conversations: Set<string>;
    messages: Set<string>;
    agentEmails: Set<string>;
    entry: (kind: DirectoryKind, id: string) => void;
  },
): void => {
  for (const item of change.items) {
    if (item.type === 'conversation') into.conversations.add(item.id);
    else if (item.type === 'message') {
      into.conversations.add(item.conversationId);
      into.messages.add(item.id);
      into.messages.add(otherId(item));
    } else {
      into.entry(item.type, item.value.id);
      if (item.type === 'agent' && item.value.email) into.agentEmails.add(item.value.email);
    }
  }
};
