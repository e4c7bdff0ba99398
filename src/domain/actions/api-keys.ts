import { randomBytes } from 'node:crypto';
import { secretHash } from '../../lib/secret-hash.ts';
import { type Actor, authorize } from '../access.ts';
import type { Chat } from '../chat.ts';
import { GuichetError } from '../errors.ts';
import type { ApiKey, ApiKeyScope } from '../model/directory.ts';
import { checkName } from '../model/person.ts';
import { noteOf } from './audit-log.ts';

const PREFIX = 'k1.';
const KEY_BYTES = 32;
const DAY_MS = 24 * 60 * 60 * 1000;
const DAYS_MAX = 3650;
/** Keys of one agent that count at a time. */
const KEYS_MAX = 50;

export interface ApiKeyInput {
  readonly name: string;
  readonly scope: ApiKeyScope;
  /** null: until it is revoked. */
  readonly days: number | null;
}

export const isApiKey = (token: string): boolean => token.startsWith(PREFIX);

/** Makes a key for a program; the key is told this once and stored nowhere. */
export const addApiKey = async (
  chat: Chat,
  actor: Actor,
  { name, scope, days }: ApiKeyInput,
): Promise<{ apiKey: ApiKey; key: string }> => {
  authorize(actor, 'account.manage');
  if (actor.type !== 'agent' || actor.automation) throw new GuichetError('forbidden', 'A key belongs to a person.');
  if (scope === 'admin' && actor.role !== 'admin') throw new GuichetError('forbidden', 'Only admins have such keys.');
  if (days !== null && !(Number.isInteger(days) && days >= 1 && days <= DAYS_MAX)) {
    throw new GuichetError('invalid', `days must be a whole number from 1 to ${DAYS_MAX}, or null.`);
  }
  if ((await ownApiKeys(chat, actor)).length >= KEYS_MAX) {
    throw new GuichetError('invalid', `There are ${KEYS_MAX} keys. Revoke one first.`);
  }
  const key = `${PREFIX}${randomBytes(KEY_BYTES).toString('base64url')}`;
  const now = Date.now();
  const value: ApiKey = {
    ...{ id: secretHash(key), agentId: actor.id, name: checkName(name), scope },
    createdAt: new Date(now).toISOString(),
    expiresAt: days === null ? null : new Date(now + days * DAY_MS).toISOString(),
    revoked: false,
  };
  const audit = noteOf(actor, 'apiKey.add', value.id.slice(0, 12), scope);
  await chat.log.commit({ type: 'putEntries', mode: 'create', entries: [{ kind: 'apiKey', value }], audit });
  return { apiKey: value, key };
};

/** The caller's keys that still count, newest first. */
export const ownApiKeys = async (chat: Chat, actor: Actor): Promise<ApiKey[]> => {
  authorize(actor, 'account.manage');
  const keys = await chat.store.entries('apiKey');
  return keys
    .filter((key) => key.agentId === actor.id && counts(key))
    .sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
};

/** Makes a key worth nothing, at once. Another's is `not_found`. */
export const revokeApiKey = async (chat: Chat, actor: Actor, id: string): Promise<void> => {
  const key = (await ownApiKeys(chat, actor)).find((one) => one.id === id);
  if (key === undefined) throw new GuichetError('not_found');
  const value = { ...key, revoked: true };
  const audit = noteOf(actor, 'apiKey.revoke', id.slice(0, 12));
  await chat.log.commit({ type: 'putEntries', mode: 'replace', entries: [{ kind: 'apiKey', value }], audit });
};

/** Who a key acts as: its owner, with what its scope leaves; `null` when it does not count (any more). */
export const apiKeyOwner = async ({ store }: Pick<Chat, 'store'>, token: string): Promise<Actor | null> => {
  const key = await store.entry('apiKey', secretHash(token));
  if (key === undefined || !counts(key)) return null;
  const agent = await store.entry('agent', key.agentId);
  if (!agent?.active) return null;
  // An owner who is no admin any more leaves a key that is none either.
  const role = key.scope === 'admin' ? agent.role : 'agent';
  return {
    ...{ type: 'agent', id: agent.id, role, key: key.scope },
    ...(role === 'admin' && { automation: true }),
    ...(key.expiresAt !== null && { until: Date.parse(key.expiresAt) }),
  };
};

const counts = ({ revoked, expiresAt }: ApiKey): boolean =>
  !revoked && (expiresAt === null || Date.parse(expiresAt) > Date.now());
