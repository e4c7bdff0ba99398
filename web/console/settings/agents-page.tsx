import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Agent, Role } from '../../../src/protocol/entities.ts';
import type { Desk } from '../desk.ts';
import { PageFrame } from '../page-frame.tsx';
import { AgentRescue } from '../security/agent-rescue.tsx';
import { words } from '../words.ts';
import { FormEnd } from './form-end.tsx';
import { useSending } from './use-form.ts';

/** Who works here: adding somebody, what they may do, and taking them off. */
export const AgentsPage = ({ desk }: { desk: Desk }): JSX.Element => {
  const { agentsPage: text, adminsOnly } = words.value;
  const agents = [...desk.catalogue.agents.value.values()].sort(
    (a, b) => Number(b.active) - Number(a.active) || a.name.localeCompare(b.name),
  );
  const mayChange = desk.me.role === 'admin';
  return (
    <PageFrame id="agents" title={text.title} lead={mayChange ? text.lead : adminsOnly}>
      <ul class="entries">
        {agents.map((agent) => (
          <AgentRow key={agent.id} desk={desk} agent={agent} mayChange={mayChange} />
        ))}
      </ul>
      {mayChange && <NewAgent desk={desk} />}
    </PageFrame>
  );
};

const AgentRow = ({ desk, agent, mayChange }: { desk: Desk; agent: Agent; mayChange: boolean }): JSX.Element => {
  const { agentsPage: text, you } = words.value;
  const sending = useSending();
  const isMe = agent.id === desk.me.id;
  const change = (patch: { role?: Role; active?: boolean }): void =>
    void sending.send(() => desk.api.patchAgent(agent.id, patch));
  return (
    <li class={agent.active ? 'entry' : 'entry off'}>
      <div class="entry-text">
        <strong>
          <bdi>{agent.name}</bdi>
        </strong>{' '}
        {isMe && <small class="muted">({you})</small>}
        <small class="muted">
          <bdi>{agent.email ?? text.noEmail}</bdi>
        </small>
        {sending.problem.value && (
          <small class="problem" role="alert">
            {sending.problem.value}
          </small>
        )}
      </div>
      <select
        class="select"
        aria-label={text.roleOf(agent.name)}
        value={agent.role}
        disabled={!mayChange || isMe || !agent.active}
        onChange={({ currentTarget }) => change({ role: currentTarget.value as Role })}
      >
        <option value="agent">{text.roles.agent}</option>
        <option value="admin">{text.roles.admin}</option>
      </select>
      {mayChange && !isMe && agent.active && agent.email && <AgentRescue agentId={agent.id} sending={sending} />}
      {mayChange && !isMe && (
        <button
          type="button"
          class="button"
          aria-label={`${agent.active ? text.deactivate : text.activate}: ${agent.name}`}
          onClick={() => change({ active: !agent.active })}
        >
          {agent.active ? text.deactivate : text.activate}
        </button>
      )}
    </li>
  );
};

const NewAgent = ({ desk }: { desk: Desk }): JSX.Element => {
  const { agentsPage: text, setUp } = words.value;
  const sending = useSending();
  const role = useSignal<Role>('agent');
  const add = async (form: HTMLFormElement): Promise<void> => {
    const { name = '', email = '', password = '' } = Object.fromEntries(new FormData(form)) as Record<string, string>;
    const done = await sending.send(async () => {
      const { agent } = await desk.api.addAgent({ name, email, password, role: role.value });
      desk.catalogue.apply({ cursor: '', kind: 'agent', agent });
    });
    if (done) form.reset();
  };
  return (
    <form
      class="form framed"
      autocomplete="off"
      onSubmit={(event) => {
        event.preventDefault();
        void add(event.currentTarget);
      }}
    >
      <h3>{text.add}</h3>
      <label class="field">
        <span>{text.name}</span>
        <input class="input" name="name" required maxLength={200} />
      </label>
      <label class="field">
        <span>{setUp.email}</span>
        <input class="input" name="email" type="email" required maxLength={254} />
      </label>
      <label class="field">
        <span>{text.password}</span>
        <input class="input" name="password" type="password" autocomplete="new-password" required minLength={10} />
        <small class="muted">{setUp.passwordHint}</small>
      </label>
      <label class="field">
        <span>{text.role}</span>
        <select
          class="input"
          value={role.value}
          onChange={({ currentTarget }) => {
            role.value = currentTarget.value as Role;
          }}
        >
          <option value="agent">{text.roles.agent}</option>
          <option value="admin">{text.roles.admin}</option>
        </select>
      </label>
      <FormEnd sending={sending} submit={text.addDo} />
    </form>
  );
};
