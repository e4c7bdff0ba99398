import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Desk } from './desk.ts';
import type { Message } from './types.ts';
import { words } from './words.ts';

/** Asks before a text is removed, for that cannot be undone. */
export const RedactDialog = ({
  desk,
  message,
  onClose,
}: {
  desk: Desk;
  message: Message;
  onClose: () => void;
}): JSX.Element => {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const { redactAsk, redactDo, cancel } = words.value;
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby="redact-ask" onClose={onClose}>
      <p id="redact-ask">{redactAsk}</p>
      <blockquote>
        {message.content}
        {message.attachments?.map(({ name }) => (
          <bdi class="file-name">{name}</bdi>
        ))}
      </blockquote>
      <form method="dialog">
        <button type="submit" class="button">
          {cancel}
        </button>
        <button type="submit" class="button primary" onClick={() => void desk.redact(message)}>
          {redactDo}
        </button>
      </form>
    </dialog>
  );
};
