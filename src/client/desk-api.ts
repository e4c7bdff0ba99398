import type {
  Agent,
  CannedReply,
  Conversation,
  Label,
  Mention,
  Message,
  Role,
  Settings,
  Statistics,
  Status,
  StorageReport,
  Visitor,
} from '../protocol/entities.ts';
import { at } from './api.ts';
import { type Call, createCall } from './http.ts';

export interface ConversationPatch {
  status?: Status;
  agentId?: string | null;
  subject?: string | null;
  labels?: readonly string[];
  snoozedUntil?: string | null;
}

export interface AgentPatch {
  email?: string;
  name?: string;
  role?: Role;
  active?: boolean;
}

/** The HTTP calls of agents, apart from those that a widget has to carry. */
export const createDeskApi = (call: Call) => ({
  signIn: (body: { email: string; password: string; code?: string }) =>
    call<{ agent: Agent; token: string }>('POST', '/sessions', { body }),
  setUp: (body: { token: string; email: string; name: string; password: string }) =>
    call<{ agent: Agent; token: string }>('POST', '/setup', { body }),
  signOut: () => call<void>('DELETE', '/sessions/current'),

  patchConversation: (id: string, body: ConversationPatch) =>
    call<{ conversation: Conversation }>('PATCH', at(id), { body }),
  patchContact: (id: string, body: { name?: string | null; email?: string | null }) =>
    call<{ visitor: Visitor }>('PATCH', `/contacts/${encodeURIComponent(id)}`, { body }),
  redact: (id: string, messageId: string) =>
    call<void>('DELETE', `${at(id)}/messages/${encodeURIComponent(messageId)}`),

  search: (query: { q: string; limit?: number; cursor?: string | undefined }) =>
    call<{ messages: Message[]; conversations: Conversation[]; nextCursor: string | null }>('GET', '/search', {
      query,
    }),
  mentions: () => call<{ mentions: Mention[]; conversations: Conversation[] }>('GET', '/mentions'),
  seeMention: (conversationId: string) => call<void>('POST', `/mentions/${encodeURIComponent(conversationId)}/seen`),
  labels: () => call<{ labels: Label[] }>('GET', '/labels'),
  putLabel: ({ id, ...body }: Label) => call<{ label: Label }>('PUT', `/labels/${encodeURIComponent(id)}`, { body }),
  cannedReplies: () => call<{ cannedReplies: CannedReply[] }>('GET', '/canned-replies'),
  putCannedReply: ({ id, ...body }: CannedReply) =>
    call<{ cannedReply: CannedReply }>('PUT', `/canned-replies/${encodeURIComponent(id)}`, { body }),

  agents: () => call<{ agents: Agent[] }>('GET', '/agents'),
  addAgent: (body: { email: string; name: string; role: Role; password: string }) =>
    call<{ agent: Agent }>('POST', '/agents', { body }),
  patchAgent: (id: string, body: AgentPatch) =>
    call<{ agent: Agent }>('PATCH', `/agents/${encodeURIComponent(id)}`, { body }),
  settings: () => call<{ settings: Settings }>('GET', '/settings'),
  putSettings: (body: Settings) => call<{ settings: Settings }>('PUT', '/settings', { body }),
  statistics: (days: number, timezone: string) => call<Statistics>('GET', '/statistics', { query: { days, timezone } }),
  storage: () => call<StorageReport>('GET', '/storage'),
});

export type DeskApi = ReturnType<typeof createDeskApi>;

/** On the page's own cookie; once it is known whose that is, on the cookie of nobody else. */
export const connectDeskApi = (baseUrl: string, as?: string): DeskApi =>
  createDeskApi(createCall({ baseUrl, token: () => undefined, as, fetch: (...args) => fetch(...args) }));
