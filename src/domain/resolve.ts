import type { Change, Done, Outcome } from './change.ts';
import { asGuichetError } from './errors.ts';
import { AUDIT_HEAD } from './model/audit.ts';
import type { ConversationHead } from './model/conversation.ts';
import type { LogRecord } from './model/record.ts';
import { changeConversation } from './resolve/change-conversation.ts';
import { changeVisitor } from './resolve/change-visitor.ts';
import { clearConversation } from './resolve/clear-conversation.ts';
import { Draft } from './resolve/draft.ts';
import { importItems, importViewIds } from './resolve/import-items.ts';
import { markRead } from './resolve/mark-read.ts';
import { moveConversation } from './resolve/move-conversation.ts';
import { postMessage } from './resolve/post-message.ts';
import { putEntries } from './resolve/put-entries.ts';
import { rateConversation } from './resolve/rate-conversation.ts';
import { redactMessage } from './resolve/redact-message.ts';
import { startConversation } from './resolve/start-conversation.ts';
import type { View, ViewRequest } from './store.ts';

export interface Resolution {
  /** In order of position, one block per change that added something. */
  readonly records: readonly LogRecord[];
  /** One per change, in the order of the changes. */
  readonly outcomes: readonly Outcome[];
  /** Conversations that were touched, as they are after all of `records`. */
  readonly heads: ReadonlyMap<string, ConversationHead>;
  /** Ids of attachments that a message of before no longer names. */
  readonly released: ReadonlySet<string>;
}

/**
 * Decides and numbers changes: the one place where position, seq, publicSeq and time are given. Pure.
 *
 * Changes are taken in order, each against the view and what those before it did. A change that is not allowed or not
 * possible gets its error and leaves no trace; a repeat of something known gets the first result.
 * @param view holds at least what {@link viewRequestOf} asked for, as of the head it names
 * @param now epoch ms; a clock that went back is held at the time of the newest record
 */
export const resolve = (changes: readonly Change[], view: View, now: number): Resolution => {
  const draft = new Draft(view, now);
  const outcomes = changes.map((change): Outcome => {
    draft.begin();
    try {
      return decide(change, draft);
    } catch (error) {
      draft.undo();
      return { ok: false, error: asGuichetError(error) };
    }
  });
  return { records: draft.records, outcomes, heads: draft.heads, released: draft.released };
};

const decide = (change: Change, draft: Draft): Done => {
  switch (change.type) {
    case 'postMessage':
      return postMessage(change, draft);
    case 'startConversation':
      return startConversation(change, draft);
    case 'changeConversation':
      return changeConversation(change, draft);
    case 'rateConversation':
      return rateConversation(change, draft);
    case 'changeVisitor':
      return changeVisitor(change, draft);
    case 'redactMessage':
      return redactMessage(change, draft);
    case 'markRead':
      return markRead(change, draft);
    case 'clearConversation':
      return clearConversation(change, draft);
    case 'moveConversation':
      return moveConversation(change, draft);
    case 'putEntries':
      return putEntries(change, draft);
    case 'import':
      return importItems(change, draft);
  }
};

/** What `resolve` will look at for these changes. */
export const viewRequestOf = (changes: readonly Change[]): ViewRequest => {
  const conversations = new Set<string>();
  const messages = new Set<string>();
  const entries = new Map<string, ViewRequest['entries'][number]>();
  const agentEmails = new Set<string>();
  const entry = (kind: ViewRequest['entries'][number]['kind'], id: string): void => {
    entries.set(`${kind} ${id}`, { kind, id });
  };
  for (const change of changes) {
    if ('audit' in change) entry('audit', AUDIT_HEAD);
    switch (change.type) {
      case 'postMessage':
      case 'redactMessage':
        conversations.add(change.conversationId);
        messages.add(change.id);
        if (change.type === 'postMessage') for (const id of change.mentions ?? []) entry('agent', id);
        break;
      case 'changeVisitor':
        entry('contact', change.of ?? change.actor.id);
        break;
      case 'rateConversation':
        conversations.add(change.id);
        entry('settings', 'settings');
        break;
      case 'startConversation':
        conversations.add(change.id);
        if (change.message !== undefined) messages.add(change.message.id);
        entry('contact', change.userId);
        if (change.agentId !== null) entry('agent', change.agentId);
        break;
      case 'changeConversation':
        conversations.add(change.id);
        if (typeof change.patch.agentId === 'string') entry('agent', change.patch.agentId);
        break;
      case 'markRead':
        conversations.add(change.conversationId);
        break;
      case 'clearConversation':
        conversations.add(change.id);
        break;
      case 'moveConversation':
        conversations.add(change.id);
        entry('contact', change.userId);
        break;
      case 'putEntries':
        for (const { kind, value } of change.entries) {
          entry(kind, value.id);
          if (kind === 'agent' && value.email) agentEmails.add(value.email);
        }
        break;
      case 'import':
        importViewIds(change, { conversations, messages, agentEmails, entry });
        break;
    }
  }
  return {
    conversations: [...conversations],
    messages: [...messages],
    entries: [...entries.values()],
    agentEmails: [...agentEmails],
  };
};
