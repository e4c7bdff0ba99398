import { randomBytes } from 'node:crypto';
import { secretHash } from '../../lib/secret-hash.ts';
import { type Actor, authorize } from '../access.ts';
import type { Entry } from '../change.ts';
import type { Chat } from '../chat.ts';
import { GuichetError } from '../errors.ts';
import type { AuditNote } from '../model/audit.ts';
import type { Agent, AgentSession } from '../model/directory.ts';
import { noteOf } from './audit-log.ts';

const SESSION_DAYS = 30;
/** How long a session lasts, in seconds. */
export const SESSION_SECONDS = SESSION_DAYS * 24 * 60 * 60;
const TOKEN_BYTES = 32;
const CLIENT_MAX = 200;

/** Signs an agent in; answers the token, which is stored nowhere: the log knows it by its hash. */
export const openSession = async (chat: Chat, agent: Agent, client?: string): Promise<string> => {
  const token = `a1.${randomBytes(TOKEN_BYTES).toString('base64url')}`;
  const now = Date.now();
  const value = {
    id: secretHash(token),
    agentId: agent.id,
    createdAt: new Date(now).toISOString(),
    expiresAt: new Date(now + SESSION_SECONDS * 1000).toISOString(),
    revoked: false,
    ...(client && { client: client.slice(0, CLIENT_MAX).replace(/[^\x20-\x7e]/g, '?') }),
  };
  const audit: AuditNote = { by: { type: 'agent', id: agent.id }, action: 'signIn', about: agent.id };
  await chat.log.commit({ type: 'putEntries', mode: 'create', entries: [{ kind: 'session', value }], audit });
  return token;
};

/** Whose token this is; `null` for one that is none, is over, or belongs to an agent who is not active any more. */
export const sessionOwner = async (chat: Pick<Chat, 'store'>, token: string): Promise<Actor | null> => {
  const session = await chat.store.entry('session', secretHash(token));
  if (session === undefined || !counts(session)) return null;
  const agent = await chat.store.entry('agent', session.agentId);
  if (!agent?.active) return null;
  return { type: 'agent', id: agent.id, role: agent.role, until: Date.parse(session.expiresAt) };
};

const counts = ({ revoked, expiresAt }: AgentSession): boolean => !revoked && Date.parse(expiresAt) > Date.now();

/** Signs out: the token is worth nothing from then on. A token that is none changes nothing. */
export const endSession = async (chat: Chat, token: string): Promise<void> => {
  const session = await chat.store.entry('session', secretHash(token));
  if (session === undefined || session.revoked) return;
  const value = { ...session, revoked: true };
  await chat.log.commit({ type: 'putEntries', mode: 'replace', entries: [{ kind: 'session', value }] });
};

/** The caller's sign-ins that still count, newest first. */
export const ownSessions = async (chat: Chat, actor: Actor): Promise<AgentSession[]> => {
  authorize(actor, 'account.manage');
  const sessions = await chat.store.entries('session');
  return sessions
    .filter((session) => session.agentId === actor.id && counts(session))
    .sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
};

/** Ends one of the caller's sign-ins, wherever it is. Another's is `not_found`. */
export const endOwnSession = async (chat: Chat, actor: Actor, id: string): Promise<void> => {
  const session = (await ownSessions(chat, actor)).find((one) => one.id === id);
  if (session === undefined) throw new GuichetError('not_found');
  const value = { ...session, revoked: true };
  await chat.log.commit({ type: 'putEntries', mode: 'replace', entries: [{ kind: 'session', value }] });
};

/** Ends all of the caller's sign-ins but the one that asks. */
export const endOtherSessions = async (chat: Chat, actor: Actor, token: string | undefined): Promise<void> => {
  authorize(actor, 'account.manage');
  const entries = await endedSessions(chat, actor.id, token);
  if (entries.length === 0) return;
  const audit = noteOf(actor, 'signOut.others', actor.id, String(entries.length));
  await chat.log.commit({ type: 'putEntries', mode: 'replace', entries, audit });
};

/** Entries that end the sessions of an agent, but one. */
export const endedSessions = async (chat: Chat, agentId: string, butToken?: string): Promise<Entry[]> => {
  const kept = butToken === undefined ? undefined : secretHash(butToken);
  const sessions = await chat.store.entries('session');
  return sessions
    .filter((session) => session.agentId === agentId && !session.revoked && session.id !== kept)
    .map((session) => ({ kind: 'session', value: { ...session, revoked: true } }));
};
