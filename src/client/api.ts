import type {
  Change,
  Conversation,
  Me,
  Message,
  Status,
  StorageState,
  Stored,
  Visitor,
  WidgetInfo,
} from '../protocol/entities.ts';
import type { UploadRef } from './files.ts';
import type { Call } from './http.ts';

export interface Posted {
  message: Message;
  stored: Stored;
}

export interface Started {
  conversation: Conversation;
  message?: Message;
  stored: Stored;
}

export interface MessagePage {
  messages: Message[];
  lastSeq: number;
  hasMore: boolean;
  log: string;
}

export interface ChangePage {
  changes: Change[];
  cursor: string;
  caughtUp: boolean;
  log: string;
  /** Agents are told. */
  storage?: StorageState;
}

export interface ConversationFilter {
  status?: Status | undefined;
  /** An agent's id, `me` or `none`. */
  agent?: string | undefined;
  label?: string | undefined;
  /** The conversations of one visitor; agents only. */
  user?: string | undefined;
  q?: string | undefined;
  limit?: number | undefined;
  cursor?: string | undefined;
}

/** What is said of a visitor; `null` takes an attribute away. */
export interface VisitorInput {
  name?: string;
  email?: string;
  locale?: string;
  attributes?: Record<string, string | null>;
  page?: { url: string; title?: string };
}

export interface PostBody {
  id?: string;
  content: string;
  attachments?: UploadRef[];
  kind?: 'message' | 'note';
  /** Refused as `stale` when there is a message behind this seq. */
  ifLastSeq?: number;
  /** Ids of agents that a note names. */
  mentions?: readonly string[];
}

export const at = (conversationId: string): string => `/conversations/${encodeURIComponent(conversationId)}`;

/** The HTTP calls that visitors and agents share, one function each: those of agents alone are in desk-api.ts; times out and fails as {@link Call} says. */
export const createApi = (call: Call) => ({
  widgetInfo: () => call<WidgetInfo>('GET', '/widget'),
  createVisitor: (body: VisitorInput & { identityToken?: string | undefined }) =>
    call<{ visitor: Visitor; token: string }>('POST', '/visitors', { body }),
  changeVisitor: (body: VisitorInput) => call<{ visitor: Visitor }>('PATCH', '/visitors/me', { body }),
  me: () => call<Me>('GET', '/me'),

  conversations: (filter: ConversationFilter = {}) =>
    call<{ conversations: Conversation[]; nextCursor: string | null }>('GET', '/conversations', {
      query: { ...filter },
    }),
  conversation: (id: string) => call<{ conversation: Conversation }>('GET', at(id)),
  startConversation: (body: { id?: string; subject?: string; message?: { id?: string; content: string } }) =>
    call<Started>('POST', '/conversations', { body }),
  rate: (id: string, body: { score: number; comment?: string }) =>
    call<{ conversation: Conversation }>('POST', `${at(id)}/rating`, { body }),

  messages: (id: string, query: { after?: number; before?: number; limit?: number } = {}) =>
    call<MessagePage>('GET', `${at(id)}/messages`, { query }),
  post: (id: string, body: PostBody) => call<Posted>('POST', `${at(id)}/messages`, { body }),
  read: (id: string, seq: number) => call<void>('POST', `${at(id)}/read`, { body: { seq } }),

  /** `wait` in seconds; without `after` the answer is empty and names the cursor of now. */
  changes: (
    query: { after?: string; limit?: number; wait?: number; storage?: string | undefined },
    signal?: AbortSignal,
  ) => call<ChangePage>('GET', '/changes', { query, signal, timeoutMs: ((query.wait ?? 0) + 10) * 1000 }),
});

export type Api = ReturnType<typeof createApi>;
