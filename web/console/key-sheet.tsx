import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { type Command, KEYS } from './keys.ts';
import { preferences, words } from './words.ts';

/** What can be done from the keyboard, and the switch for those whom single letters disturb. */
export const KeySheet = ({ onClose }: { onClose: () => void }): JSX.Element => {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const { keys } = words.value;
  return (
    <dialog ref={dialog} class="dialog sheet" aria-labelledby="keys-title" onClose={onClose}>
      <h2 id="keys-title">{keys.title}</h2>
      <dl class="key-list">
        {(Object.entries(KEYS) as [Command, string][]).map(([command, key]) => (
          <div key={command}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{keys.commands[command]}</dd>
          </div>
        ))}
        {keys.others.map(([key, does]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <label class="menu-check">
        <input
          type="checkbox"
          checked={preferences.keys.value}
          onChange={({ currentTarget }) => {
            preferences.keys.value = currentTarget.checked;
          }}
        />
        {keys.enabled}
      </label>
      <form method="dialog">
        <button type="submit" class="button">
          {words.value.close}
        </button>
      </form>
    </dialog>
  );
};
