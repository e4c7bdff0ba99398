import { type Signal, useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useCallback, useMemo } from 'preact/hooks';
import type { Thread, ThreadItem } from '../../src/client/index.ts';
import { BackIcon, DetailsIcon } from '../shared/icons.tsx';
import { ThreadView } from '../shared/thread-view.tsx';
import { useThread } from '../shared/use-thread.ts';
import { ConversationActions } from './conversation-actions.tsx';
import type { Desk } from './desk.ts';
import { createMessageDrawer } from './message-drawer.ts';
import { eventText, senderName, visitorName } from './names.ts';
import { RedactDialog } from './redact-dialog.tsx';
import { ReplyBox } from './reply-box.tsx';
import { listHref, messageInHash } from './route.ts';
import { StaleDialog } from './stale-dialog.tsx';
import type { Message } from './types.ts';
import { common, times, words } from './words.ts';

interface ConversationViewProps {
  desk: Desk;
  thread: Thread;
  details: Signal<boolean>;
}

export const ConversationView = ({ desk, thread, details }: ConversationViewProps): JSX.Element => {
  const conversation = desk.inbox.get(thread.id);
  const toRedact = useSignal<Message | undefined>(undefined);
  const seen = useSignal(0);
  const draw = useMemo(createMessageDrawer, [thread]);
  const askToRedact = useCallback((item: ThreadItem): void => {
    toRedact.value = item.message;
  }, []);
  const { showDetails, back, redact, threadFailed } = words.value;
  return (
    <section class="conversation" aria-label={words.value.conversationTitle}>
      <div class="conversation-head">
        <a class="icon-button back" href={listHref()} aria-label={back} title={back}>
          <BackIcon />
        </a>
        <div class="conversation-title">
          <h2>
            <bdi>{conversation ? visitorName(conversation) : ''}</bdi>
          </h2>
          <Subtitle thread={thread} text={conversation?.subject ?? conversation?.contact?.email ?? ''} />
        </div>
        {conversation && <ConversationActions desk={desk} conversation={conversation} />}
        <button
          type="button"
          class="icon-button"
          aria-label={showDetails}
          title={showDetails}
          aria-pressed={details.value}
          onClick={() => {
            details.value = !details.value;
          }}
        >
          <DetailsIcon />
        </button>
      </div>
      <ThreadView
        client={desk.client}
        thread={thread}
        words={common.value}
        times={times.value}
        label={conversation ? visitorName(conversation) : words.value.conversationTitle}
        loadFailed={threadFailed}
        nameOf={(id, type) => senderName(desk, conversation, id, type)}
        isNamed={({ senderType, senderId }) => senderType !== 'USER' && senderId !== desk.me.id}
        eventText={(message) => eventText(desk, message)}
        redactLabel={redact}
        onRedact={askToRedact}
        draw={draw}
        target={messageInHash.value}
        onSeen={(seq) => {
          seen.value = Math.max(seen.peek(), seq);
        }}
      />
      <ReplyBox desk={desk} thread={thread} seen={() => seen.peek()} />
      <StaleDialog desk={desk} thread={thread} />
      {toRedact.value && (
        <RedactDialog desk={desk} message={toRedact.value} onClose={() => (toRedact.value = undefined)} />
      )}
    </section>
  );
};

const Subtitle = ({ thread, text }: { thread: Thread; text: string }): JSX.Element => {
  useThread(thread);
  return (
    <p class="muted">
      {thread.otherOnline && (
        <span class="here">
          <span class="lamp" aria-hidden="true" /> {words.value.online}
        </span>
      )}
      <bdi>{text}</bdi>
    </p>
  );
};
