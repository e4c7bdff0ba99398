import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Thread } from '../../src/client/index.ts';
import { useThread } from '../shared/use-thread.ts';
import type { Desk } from './desk.ts';
import { senderName } from './names.ts';
import { common, words } from './words.ts';

/** Whatever was missed is in the thread behind; this many of it are shown in the question. */
const SHOWN = 3;

/**
 * The server has kept back a reply because somebody wrote since what its writer had seen. Shows what that was, and
 * asks: send it all the same, or go on writing. Nothing is lost either way.
 */
export const StaleDialog = ({ desk, thread }: { desk: Desk; thread: Thread }): JSX.Element | null => {
  useThread(thread);
  const kept = thread.items.find(({ entry }) => entry?.status === 'failed' && entry.error === 'stale');
  return kept?.entry ? <Question key={kept.id} desk={desk} thread={thread} entry={kept.entry} /> : null;
};

const Question = ({
  desk,
  thread,
  entry,
}: {
  desk: Desk;
  thread: Thread;
  entry: NonNullable<Thread['items'][number]['entry']>;
}): JSX.Element => {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const { stale } = words.value;
  const seen = entry.terms?.ifLastSeq ?? 0;
  const missed = thread.messages.filter(
    ({ seq, kind, senderId }) => seq > seen && kind !== 'event' && senderId !== desk.me.id,
  );
  const conversation = desk.inbox.get(thread.id);
  const goOn = (): void => {
    const key = `${thread.id} ${entry.kind}`;
    const begun = desk.drafts.get(key);
    desk.drafts.set(key, begun === '' ? entry.content : `${entry.content}\n${begun}`);
    void desk.client.outbox.discard(entry.id);
  };
  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby="stale-ask"
      onCancel={(event) => {
        event.preventDefault();
        goOn();
      }}
    >
      <p id="stale-ask">{stale.ask}</p>
      <ol class="missed">
        {missed.slice(-SHOWN).map((message) => (
          <li key={message.id}>
            <strong>{senderName(desk, conversation, message.senderId, message.senderType)}</strong>{' '}
            {message.redacted ? common.value.redacted : message.content}
          </li>
        ))}
      </ol>
      <p class="dialog-note">{stale.yours}</p>
      <blockquote>{entry.content}</blockquote>
      <div class="dialog-actions">
        <button type="button" class="button" onClick={goOn}>
          {stale.edit}
        </button>
        <button type="button" class="button primary" onClick={() => void desk.client.outbox.retry(entry.id, true)}>
          {stale.send}
        </button>
      </div>
    </dialog>
  );
};
