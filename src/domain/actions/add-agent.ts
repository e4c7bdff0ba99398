import { randomUUIDv7 } from 'node:crypto';
import { hashPassword } from '../../lib/password-hash.ts';
import { type Actor, authorize } from '../access.ts';
import type { Committing } from '../chat.ts';
import type { Agent, Role } from '../model/directory.ts';
import { checkAgentEmail, checkName, checkPassword } from '../model/person.ts';
import { noteOf } from './audit-log.ts';

export interface AgentInput {
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly password: string;
}

/** Adds an agent who can sign in from then on. Rejects with `email_taken` when the address is another agent's. */
export const addAgent = async (chat: Committing, actor: Actor, input: AgentInput): Promise<Agent> => {
  authorize(actor, 'agents.manage');
  const id = randomUUIDv7();
  const agent: Agent = {
    id,
    email: checkAgentEmail(input.email),
    name: checkName(input.name),
    role: input.role,
    active: true,
    createdAt: new Date().toISOString(),
  };
  const passwordHash = await hashPassword(checkPassword(input.password));
  await chat.log.commit({
    type: 'putEntries',
    mode: 'create',
    entries: [
      { kind: 'agent', value: agent },
      { kind: 'credential', value: { id, passwordHash } },
    ],
    audit: noteOf(actor, 'agent.add', id, input.role),
  });
  return agent;
};
