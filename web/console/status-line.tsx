import type { JSX } from 'preact';
import type { Desk } from './desk.ts';
import { PAGES } from './route.ts';
import { words } from './words.ts';

/** The foot of the list: how the connection is, and where messages are stored. Green only when all is well. */
export const StatusLine = ({ desk }: { desk: Desk }): JSX.Element => {
  const { value: connection } = desk.connection;
  const { value: storage } = desk.storage;
  const known = storage !== undefined && storage !== 'unavailable' ? storage : undefined;
  const well = connection === 'live' && known?.degraded === false;
  const taking = known?.tiers.filter(({ state }) => state === 'member');
  const tiers = taking?.map(({ kind }) => kind).join(', ') ?? '';
  const says = known?.degraded ? words.value.storage.degraded : words.value.storage.ok;
  return (
    <div class={well ? 'status-line well' : 'status-line'}>
      <span class="lamp" aria-hidden="true" />
      <span>{words.value.connection[connection]}</span>
      {tiers !== '' && (
        <a class="status-storage" href={PAGES.storage}>
          {says(tiers)}
        </a>
      )}
    </div>
  );
};
