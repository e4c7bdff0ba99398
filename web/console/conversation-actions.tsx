import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Desk } from './desk.ts';
import { LabelMenu } from './label-menu.tsx';
import { Menu } from './menu.tsx';
import { snoozeTimes } from './snooze-times.ts';
import type { Conversation } from './types.ts';
import { times, words } from './words.ts';

/** Label, assign, snooze, close, reopen. */
export const ConversationActions = ({
  desk,
  conversation,
}: {
  desk: Desk;
  conversation: Conversation;
}): JSX.Element => {
  const { status } = conversation;
  const { closeConversation, reopen, snooze } = words.value;
  return (
    <div class="actions">
      <Assignee desk={desk} conversation={conversation} />
      <LabelMenu desk={desk} conversation={conversation} />
      {status === 'ACTIVE' ? (
        <>
          <Menu label={snooze} name="snooze">
            {(close) => <SnoozeChoices desk={desk} conversation={conversation} onDone={close} />}
          </Menu>
          <button type="button" class="button" onClick={() => void desk.change(conversation, { status: 'CLOSED' })}>
            {closeConversation}
          </button>
        </>
      ) : (
        <button type="button" class="button" onClick={() => void desk.change(conversation, { status: 'ACTIVE' })}>
          {reopen}
        </button>
      )}
    </div>
  );
};

const MINUTE_MS = 60_000;

/** The present moment as an input of date and time wants it: in the agent's own zone, without saying so. */
const localNow = (): string => {
  const now = new Date();
  return new Date(now.getTime() - now.getTimezoneOffset() * MINUTE_MS).toISOString().slice(0, 16);
};

const SnoozeChoices = ({
  desk,
  conversation,
  onDone,
}: {
  desk: Desk;
  conversation: Conversation;
  onDone: () => void;
}): JSX.Element => {
  const { snoozes, snoozeUntil, snoozeDo } = words.value;
  const chosen = useSignal('');
  const snooze = (snoozedUntil: string): void => {
    onDone();
    void desk.change(conversation, { status: 'SNOOZED', snoozedUntil });
  };
  return (
    <>
      {snoozeTimes(new Date()).map(({ name, until }) => (
        <button key={name} type="button" class="menu-item" onClick={() => snooze(until)}>
          {snoozes[name]}
          <small class="time">{times.value.soon(until)}</small>
        </button>
      ))}
      <form
        class="menu-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (Date.parse(chosen.value) > Date.now()) snooze(new Date(chosen.value).toISOString());
        }}
      >
        <input
          class="input"
          type="datetime-local"
          required
          aria-label={snoozeUntil}
          title={snoozeUntil}
          min={localNow()}
          value={chosen.value}
          onInput={({ currentTarget }) => {
            chosen.value = currentTarget.value;
          }}
        />
        <button type="submit" class="button">
          {snoozeDo}
        </button>
      </form>
    </>
  );
};

const Assignee = ({ desk, conversation }: { desk: Desk; conversation: Conversation }): JSX.Element => {
  const { agentId } = conversation;
  const { assignedTo, nobody, you, formerAgent, takeIt } = words.value;
  const { value: agents } = desk.catalogue.agents;
  const others = [...agents.values()].filter((agent) => agent.active && agent.id !== desk.me.id);
  const known = agentId === null || agentId === desk.me.id || others.some((agent) => agent.id === agentId);
  return (
    <>
      {agentId === null && (
        <button
          type="button"
          class="button primary"
          onClick={() => void desk.change(conversation, { agentId: desk.me.id })}
        >
          {takeIt}
        </button>
      )}
      <select
        class="select"
        aria-label={assignedTo}
        title={assignedTo}
        value={agentId ?? ''}
        onChange={({ currentTarget }) => void desk.change(conversation, { agentId: currentTarget.value || null })}
      >
        <option value="">{nobody}</option>
        <option value={desk.me.id}>{you}</option>
        {others.map((agent) => (
          <option key={agent.id} value={agent.id}>
            {agent.name}
          </option>
        ))}
        {!known && <option value={agentId}>{agents.get(agentId)?.name ?? formerAgent}</option>}
      </select>
    </>
  );
};
