import { hashPassword } from '../../lib/password-hash.ts';
import { type Actor, authorize } from '../access.ts';
import type { Entry } from '../change.ts';
import type { Chat } from '../chat.ts';
import { GuichetError } from '../errors.ts';
import type { Agent, Role } from '../model/directory.ts';
import { checkAgentEmail, checkName, checkPassword } from '../model/person.ts';
import { endedSessions } from './agent-sessions.ts';
import { noteOf } from './audit-log.ts';

export interface AgentPatch {
  readonly email?: string | undefined;
  readonly name?: string | undefined;
  readonly role?: Role | undefined;
  readonly active?: boolean | undefined;
  /** A new password ends all sessions of the agent. */
  readonly password?: string | undefined;
}

/**
 * Changes an agent; answers it as it is then. An agent made inactive is signed out everywhere. The last admin who can
 * sign in stays one, or nobody could undo it.
 */
export const changeAgent = async (chat: Chat, actor: Actor, id: string, patch: AgentPatch): Promise<Agent> => {
  authorize(actor, 'agents.manage');
  const known = await chat.store.entry('agent', id);
  if (known === undefined) throw new GuichetError('not_found');
  const agent: Agent = {
    ...known,
    email: patch.email === undefined ? known.email : checkAgentEmail(patch.email),
    name: patch.name === undefined ? known.name : checkName(patch.name),
    role: patch.role ?? known.role,
    active: patch.active ?? known.active,
  };
  if (isAdmin(known) && !isAdmin(agent)) await requireOtherAdmin(chat, id);
  const entries: Entry[] = [{ kind: 'agent', value: agent }];
  if (patch.password !== undefined) {
    const passwordHash = await hashPassword(checkPassword(patch.password));
    const credential = await chat.store.entry('credential', id);
    entries.push({ kind: 'credential', value: { ...credential, id, passwordHash } });
  }
  if (patch.password !== undefined || !agent.active) entries.push(...(await endedSessions(chat, id)));
  const audit = noteOf(actor, 'agent.change', id, Object.keys(patch).toSorted().join(' '));
  await chat.log.commit({ type: 'putEntries', mode: 'replace', entries, audit });
  return agent;
};

const isAdmin = (agent: Agent): boolean => agent.active && agent.role === 'admin';

const requireOtherAdmin = async (chat: Chat, id: string): Promise<void> => {
  for (const agent of await chat.store.entries('agent')) {
    if (agent.id === id || !isAdmin(agent)) continue;
    if ((await chat.store.entry('credential', agent.id))?.passwordHash !== undefined) return;
  }
  throw new GuichetError('invalid', 'This is the last admin who can sign in. Make another one first.');
};
