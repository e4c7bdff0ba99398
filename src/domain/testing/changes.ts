import type { Actor } from '../access.ts';
import type {
  ChangeConversation,
  Entry,
  Import,
  ImportItem,
  MarkRead,
  MoveConversation,
  PostMessage,
  PutEntries,
  RateConversation,
  RedactMessage,
  StartConversation,
} from '../change.ts';
import type { Attachment } from '../model/attachment.ts';
import type { Agent, Contact } from '../model/directory.ts';

/** Short forms of changes, for tests. Every one can be overridden field by field. */

export const TIME = '2025-01-06T08:00:00.000Z';

export const visitor = (id: string): Actor => ({ type: 'visitor', id });
export const agent = (id: string): Actor => ({ type: 'agent', id, role: 'agent' });
export const admin = (id: string): Actor => ({ type: 'agent', id, role: 'admin' });

export const contactOf = (id: string, more: Partial<Contact> = {}): Contact => ({
  id,
  name: null,
  email: null,
  locale: null,
  createdAt: TIME,
  ...more,
});

export const agentOf = (id: string, more: Partial<Agent> = {}): Agent => ({
  id,
  email: null,
  name: id,
  role: 'agent',
  active: true,
  createdAt: TIME,
  ...more,
});

export const contactEntry = (id: string, more: Partial<Contact> = {}): Entry => ({
  kind: 'contact',
  value: contactOf(id, more),
});

export const agentEntry = (id: string, more: Partial<Agent> = {}): Entry => ({
  kind: 'agent',
  value: agentOf(id, more),
});

export const put = (...entries: Entry[]): PutEntries => ({ type: 'putEntries', mode: 'replace', entries });
export const create = (...entries: Entry[]): PutEntries => ({ type: 'putEntries', mode: 'create', entries });

export const start = (actor: Actor, id: string, more: Partial<StartConversation> = {}): StartConversation => ({
  type: 'startConversation',
  actor,
  id,
  subject: null,
  userId: actor.id,
  agentId: null,
  ...more,
});

export const post = (
  actor: Actor,
  conversationId: string,
  id: string,
  more: Partial<PostMessage> = {},
): PostMessage => ({
  type: 'postMessage',
  actor,
  id,
  conversationId,
  kind: 'message',
  content: `text of ${id}`,
  sender: { id: actor.id, type: actor.type === 'visitor' ? 'USER' : 'AGENT' },
  ...more,
});

export const attachmentOf = (name: string, more: Partial<Attachment> = {}): Attachment => ({
  id: '0a'.repeat(32),
  name,
  type: 'image/png',
  size: 70,
  width: 2,
  height: 1,
  ...more,
});

export const note = (actor: Actor, conversationId: string, id: string, more: Partial<PostMessage> = {}): PostMessage =>
  post(actor, conversationId, id, { kind: 'note', ...more });

export const patch = (actor: Actor, id: string, fields: ChangeConversation['patch']): ChangeConversation => ({
  type: 'changeConversation',
  actor,
  id,
  patch: fields,
});

export const rate = (actor: Actor, id: string, score: number, comment: string | null = null): RateConversation => ({
  type: 'rateConversation',
  actor,
  id,
  score,
  comment,
});

export const redact = (actor: Actor, conversationId: string, id: string): RedactMessage => ({
  type: 'redactMessage',
  actor,
  conversationId,
  id,
});

export const read = (actor: Actor, conversationId: string, seq: number, publicSeq = seq): MarkRead => ({
  type: 'markRead',
  actor,
  conversationId,
  seq,
  publicSeq,
});

export const move = (id: string, userId: string): MoveConversation => ({ type: 'moveConversation', id, userId });

export const importOf = (...items: ImportItem[]): Import => ({ type: 'import', items });

export const importedConversation = (
  id: string,
  userId: string,
  more: Partial<Extract<ImportItem, { type: 'conversation' }>> = {},
): ImportItem => ({
  type: 'conversation',
  id,
  subject: null,
  status: 'ACTIVE',
  userId,
  agentId: null,
  createdAt: TIME,
  ...more,
});

export const importedMessage = (
  conversationId: string,
  id: string,
  more: Partial<Extract<ImportItem, { type: 'message' }>> = {},
): Extract<ImportItem, { type: 'message' }> => ({
  type: 'message',
  id,
  conversationId,
  senderId: 'v1',
  senderType: 'USER',
  content: `text of ${id}`,
  createdAt: TIME,
  ...more,
});
