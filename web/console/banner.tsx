import type { JSX } from 'preact';
import type { Desk } from './desk.ts';
import { hrefOf, PAGES } from './route.ts';
import { common, words } from './words.ts';

/** One line above everything, only when something is not as it should be. */
export const Banner = ({ desk }: { desk: Desk }): JSX.Element => (
  <p class="banner" role="status">
    {bannerText(desk)}
    {isAboutStorage(desk) && (
      <>
        {' '}
        <a href={PAGES.storage}>{words.value.storagePage.look}</a>
      </>
    )}
    <Stuck desk={desk} />
  </p>
);

const isAboutStorage = ({ connection, storage }: Desk): boolean => {
  const { value: known } = storage;
  return connection.value !== 'offline' && known !== undefined && (known === 'unavailable' || known.degraded);
};

/** A message that was refused for good must not wait unseen in a conversation that is not open. */
const Stuck = ({ desk }: { desk: Desk }): JSX.Element | null => {
  const { value: conversationId } = desk.stuck;
  if (conversationId === undefined) return null;
  return (
    <>
      {' '}
      {common.value.stuck} <a href={hrefOf(conversationId)}>{common.value.showStuck}</a>
    </>
  );
};

const bannerText = (desk: Desk): string => {
  const { banner } = words.value;
  const { value: connection } = desk.connection;
  const { value: storage } = desk.storage;
  if (connection === 'offline') return banner.offline;
  if (storage === 'unavailable') return banner.unavailable;
  if (storage?.degraded) return storage.committing === null ? banner.unavailable : banner.degraded;
  if (connection === 'polling') return banner.polling;
  return desk.client.outbox.persistent ? '' : common.value.notPersistent;
};
