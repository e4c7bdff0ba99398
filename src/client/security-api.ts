import type { ApiKey, ApiKeyScope, AuditLine, SessionLine } from '../protocol/entities.ts';
import { type Call, createCall } from './http.ts';

/** What an erasure or a policy takes away. */
export interface ErasedFigures {
  conversations: number;
  messages: number;
}

const visitor = (id: string): string => `/contacts/${encodeURIComponent(id)}`;

/** The HTTP calls about accounts, who is let in, and what is kept of visitors. */
const createSecurityApi = (call: Call) => ({
  changePassword: (body: { currentPassword: string; password: string }) => call<void>('PUT', '/me/password', { body }),
  resetPassword: (body: { token: string; password: string }) => call<void>('POST', '/password-reset', { body }),
  sessions: () => call<{ sessions: SessionLine[] }>('GET', '/me/sessions'),
  endSession: (id: string) => call<void>('DELETE', `/me/sessions/${encodeURIComponent(id)}`),
  endOtherSessions: () => call<void>('DELETE', '/me/sessions'),
  secondFactor: () => call<{ enabled: boolean; recoveryCodesLeft: number }>('GET', '/me/second-factor'),
  beginSecondFactor: (password: string) =>
    call<{ secret: string; uri: string }>('POST', '/me/second-factor', { body: { password } }),
  confirmSecondFactor: (code: string) =>
    call<{ recoveryCodes: string[] }>('PUT', '/me/second-factor', { body: { code } }),
  endSecondFactor: (password: string) => call<void>('POST', '/me/second-factor/off', { body: { password } }),
  apiKeys: () => call<{ apiKeys: ApiKey[] }>('GET', '/me/api-keys'),
  addApiKey: (body: { name: string; scope: ApiKeyScope; days: number | null }) =>
    call<{ apiKey: ApiKey; key: string }>('POST', '/me/api-keys', { body }),
  revokeApiKey: (id: string) => call<void>('DELETE', `/me/api-keys/${encodeURIComponent(id)}`),
  resetLink: (agentId: string) =>
    call<{ path: string; expiresAt: string }>('POST', `/agents/${encodeURIComponent(agentId)}/reset-link`),
  removeSecondFactor: (agentId: string) => call<void>('DELETE', `/agents/${encodeURIComponent(agentId)}/second-factor`),

  audit: (query: { before?: number | undefined; limit: number }) =>
    call<{ entries: AuditLine[]; before: number | null }>('GET', '/audit', { query }),
  retention: () => call<{ closedForDays: number | null }>('GET', '/retention'),
  putRetention: (closedForDays: number | null) => call<void>('PUT', '/retention', { body: { closedForDays } }),
  previewRetention: (closedForDays: number) =>
    call<ErasedFigures>('POST', '/retention/preview', { body: { closedForDays } }),
  blockedAddresses: () =>
    call<{ addresses: { address: string; at: string; by: string }[] }>('GET', '/blocked-addresses'),
  blockAddress: (address: string, blocked: boolean) =>
    call<void>('PUT', `/blocked-addresses/${encodeURIComponent(address)}`, { body: { blocked } }),

  visitorBlock: (id: string) => call<{ blocked: boolean; address: string | null }>('GET', `${visitor(id)}/block`),
  blockVisitor: (id: string, blocked: boolean) => call<void>('PUT', `${visitor(id)}/block`, { body: { blocked } }),
  revokeVisitor: (id: string) => call<void>('DELETE', `${visitor(id)}/tokens`),
  eraseVisitor: (id: string, purge: boolean) =>
    call<ErasedFigures>('POST', `${visitor(id)}/erase`, { body: { purge } }),
  exportUrl: (id: string) => `/api/v1${visitor(id)}/export`,
});

export type SecurityApi = ReturnType<typeof createSecurityApi>;

/** On the page's own cookie. */
export const connectSecurityApi = (baseUrl: string): SecurityApi =>
  createSecurityApi(createCall({ baseUrl, token: () => undefined, fetch: (...args) => fetch(...args) }));
