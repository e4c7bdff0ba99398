import Type from 'typebox';
import { addAgent } from '../../domain/actions/add-agent.ts';
import { changeAgent } from '../../domain/actions/change-agent.ts';
import { agentView } from '../../live/people.ts';
import { Agent, Role } from '../../protocol/entities.ts';
import { created, ok, operation } from '../operation.ts';
import { closed } from '../schema.ts';

const OneAgent = Type.Object({ agent: Agent });

export const getAgents = operation({
  summary: 'All agents, also those who are not active any more',
  answers: { 200: Type.Object({ agents: Type.Array(Agent) }) },
  async run({ running }) {
    const agents = await running.chat.store.entries('agent');
    return ok({ agents: agents.map(agentView) });
  },
});

export const postAgent = operation({
  summary: 'Adds an agent',
  body: closed({ email: Type.String(), name: Type.String(), role: Type.Optional(Role), password: Type.String() }),
  answers: { 201: OneAgent },
  async run({ actor, body, running }) {
    const agent = await addAgent(running.chat, actor, { ...body, role: body.role ?? 'agent' });
    return created({ agent: agentView(agent) });
  },
});

export const patchAgent = operation({
  summary: 'Changes an agent; an inactive one is signed out and cannot sign in',
  params: closed({ id: Type.String() }),
  body: closed({
    email: Type.Optional(Type.String()),
    name: Type.Optional(Type.String()),
    role: Type.Optional(Role),
    active: Type.Optional(Type.Boolean()),
    password: Type.Optional(Type.String()),
  }),
  answers: { 200: OneAgent },
  run: async ({ actor, params, body, running }) =>
    ok({ agent: agentView(await changeAgent(running.chat, actor, params.id, body)) }),
});
