import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { ApiKeyScope } from '../../../src/protocol/entities.ts';
import { FormEnd } from '../settings/form-end.tsx';
import { times } from '../words.ts';
import { api, say } from './say.ts';
import { Entries, onSend, Section } from './section.tsx';
import { useList } from './use-list.ts';

/** Keys of programs: what there is, a new one that is shown once, and revoking. */
export const ApiKeys = ({ isAdmin }: { isAdmin: boolean }): JSX.Element => {
  const { account: text } = say.value;
  const { items, sending, act } = useList(async () => (await api.apiKeys()).apiKeys);
  const made = useSignal('');
  const add = onSend(({ name = '', scope = 'read', days = '' }, form) => {
    const wish = { name, scope: scope as ApiKeyScope, days: days === '' ? null : Number(days) };
    void act(async () => {
      made.value = (await api.addApiKey(wish)).key;
      form.reset();
    });
  });
  const scopes = (['read', 'agent', 'admin'] as const).filter((scope) => isAdmin || scope !== 'admin');
  return (
    <Section title={text.keys} lead={text.keysLead}>
      <Entries
        items={items.value}
        none={text.noKeys}
        keyOf={({ id }) => id}
        draw={({ id, name, scope, expiresAt }) => ({
          title: name,
          more: `${text.scopes[scope]}, ${expiresAt === null ? text.forEver : text.until(times.value.date(expiresAt))}`,
          act: text.revoke,
          onAct: () => void act(() => api.revokeApiKey(id)),
        })}
      />
      {made.value && (
        <div class="plain" role="status">
          <p>{text.keyOnce}</p>
          <pre class="once">{made.value}</pre>
        </div>
      )}
      <form class="plain" onSubmit={add}>
        <label class="field">
          <span>{text.keyName}</span>
          <input class="input" name="name" required maxLength={200} autocomplete="off" />
        </label>
        <label class="field">
          <span>{text.scope}</span>
          <select class="input" name="scope">
            {scopes.map((scope) => (
              <option key={scope} value={scope}>
                {text.scopes[scope]}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          <span>{text.days}</span>
          <select class="input" name="days">
            {Object.entries(text.dayChoices).map(([value, name]) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <FormEnd sending={sending} submit={text.addKey} />
      </form>
    </Section>
  );
};
