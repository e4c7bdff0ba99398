import type { JSX, Ref } from 'preact';
import type { common } from '../shared/i18n/en/common.ts';
import type { widget } from '../shared/i18n/en/widget.ts';
import { DownIcon, Mark } from '../shared/icons.tsx';

interface LauncherProps {
  open: boolean;
  unread: number;
  words: typeof widget & typeof common;
  onToggle: () => void;
  anchor: Ref<HTMLButtonElement>;
}

/** The counter's window, closed or open. */
export const Launcher = ({ open, unread, words, onToggle, anchor }: LauncherProps): JSX.Element => {
  const says = open ? words.hide : words.open;
  return (
    <button
      type="button"
      class="launcher"
      ref={anchor}
      aria-expanded={open}
      aria-label={unread > 0 && !open ? `${says}, ${words.unread(unread)}` : says}
      onClick={onToggle}
    >
      {open ? <DownIcon /> : <Mark size={28} />}
      {unread > 0 && !open && (
        <span class="badge count" aria-hidden="true">
          {unread > 99 ? '99+' : unread}
        </span>
      )}
    </button>
  );
};
