import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { Banner } from './banner.tsx';
import { ConversationView } from './conversation-view.tsx';
import type { Desk } from './desk.ts';
import { DetailsView } from './details-view.tsx';
import { InboxView } from './inbox-view.tsx';
import { KeySheet } from './key-sheet.tsx';
import { listenForKeys } from './keys.ts';
import { PAGE_VIEWS } from './pages.tsx';
import { pageInHash } from './route.ts';
import { words } from './words.ts';

/** The three columns; on a phone the list, then the conversation, then its details. */
export const DeskView = ({ desk, onSignOut }: { desk: Desk; onSignOut: () => void }): JSX.Element => {
  const thread = desk.thread.value;
  const page = pageInHash.value;
  const details = useSignal(matchMedia('(min-width: 1200px)').matches);
  const sheet = useSignal(false);
  useEffect(() => listenForKeys(desk, { sheet, details }), [desk]);
  const classes = ['desk', thread || page ? 'at-thread' : 'at-list', thread && details.value ? 'with-details' : ''];
  const PageView = page && PAGE_VIEWS[page];
  return (
    <main class={classes.join(' ')}>
      <h1 class="hidden">Guichet</h1>
      <Banner desk={desk} />
      <InboxView desk={desk} onSignOut={onSignOut} />
      {PageView && <PageView key={page} desk={desk} />}
      {thread && <ConversationView key={thread.id} desk={desk} thread={thread} details={details} />}
      {!(page || thread) && (
        <section class="conversation empty">
          <p class="muted">{words.value.pick}</p>
          <p class="muted">
            <kbd>?</kbd> {words.value.keys.hint}
          </p>
        </section>
      )}
      {thread && details.value && <DetailsView desk={desk} conversationId={thread.id} open={details} />}
      <NoticeLine desk={desk} />
      {sheet.value && (
        <KeySheet
          onClose={() => {
            sheet.value = false;
          }}
        />
      )}
    </main>
  );
};

const NoticeLine = ({ desk }: { desk: Desk }): JSX.Element => {
  const { value: notice } = desk.notices.now;
  return (
    <div class="notice" role="status">
      {notice && (
        <>
          <span>{notice.text()}</span>
          {notice.undo && (
            <button type="button" class="link" onClick={() => desk.notices.undo()}>
              {words.value.undo}
            </button>
          )}
        </>
      )}
    </div>
  );
};
