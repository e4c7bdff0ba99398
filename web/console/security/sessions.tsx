import type { JSX } from 'preact';
import { Loading } from '../loading.tsx';
import { times } from '../words.ts';
import { api, say } from './say.ts';
import { Problem, Section } from './section.tsx';
import { useList } from './use-list.ts';

/** Where the agent is signed in, and ending it there. */
export const Sessions = (): JSX.Element => {
  const { account: text } = say.value;
  const { items, sending, act } = useList(async () => (await api.sessions()).sessions);
  return (
    <Section title={text.sessions}>
      {items.value === undefined && <Loading />}
      <ul class="entries">
        {items.value?.map(({ id, client, createdAt, current }) => (
          <li key={id} class="entry">
            <div class="entry-text">
              <strong>{client === null ? text.unknownClient : nameOf(client)}</strong>{' '}
              {current && <small class="muted">({text.thisOne})</small>}
              <small class="muted">{text.signedIn(times.value.full(createdAt))}</small>
            </div>
            {!current && (
              <button type="button" class="button" onClick={() => void act(() => api.endSession(id))}>
                {text.end}
              </button>
            )}
          </li>
        ))}
      </ul>
      <Problem sending={sending} />
      {items.value !== undefined && items.value.length > 1 && (
        <button type="button" class="button" onClick={() => void act(() => api.endOtherSessions())}>
          {text.endOthers}
        </button>
      )}
    </Section>
  );
};

/** Browser and system, from what a browser says at length; all of it where neither is found. */
const nameOf = (client: string): string => {
  const browser = /(Firefox|Edg|OPR|Chrome|Safari)\/(\d+)/.exec(client);
  const system = /(Windows|Android|iPhone|iPad|Mac OS X|Linux)/.exec(client)?.[1];
  if (browser === null) return client.slice(0, 60);
  const name = { Edg: 'Edge', OPR: 'Opera' }[browser[1] as string] ?? browser[1];
  return system === undefined ? `${name} ${browser[2]}` : `${name} ${browser[2]}, ${system}`;
};
