import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import type { MessageState } from '../../src/client/index.ts';
import type { common } from './i18n/en/common.ts';

const TICK = 'M1.5 6.2l3 3L10.5 2.6';
const SECOND_TICK = 'M7 8.9l.4.3L13.5 2.6';

const RING = 'M1.8 6a4.2 4.2 0 1 1 8.4 0a4.2 4.2 0 1 1-8.4 0';

/** Lines, how thick they are, and whether they are dotted. */
const shapes: Record<MessageState, readonly [lines: string, width?: number, dots?: string]> = {
  sending: [RING],
  unsaved: [RING, 1.9, '.2 2.44'],
  stored: [TICK],
  delivered: [TICK + SECOND_TICK],
  read: [TICK + SECOND_TICK],
  failed: ['M6 1.8v5M6 10v.1', 2.2],
};

/** The house's signature: what has become of a message, drawn, and said in full on hover and to screen readers. */
export const Stamp = ({
  state,
  words,
  brief = false,
}: {
  state: MessageState;
  words: typeof common;
  /** Where a sentence beside it says the rest. */
  brief?: boolean;
}): JSX.Element => {
  const wide = state === 'delivered' || state === 'read';
  const says = words.states[state];
  // What only came into sight has been stamped before.
  const first = useRef(state);
  const [lines, thick = 1.6, dots] = shapes[state];
  return (
    <span class={`stamp ${state}${first.current === state ? '' : ' pressed'}`} title={says}>
      <svg
        // A new state is a new stamp on the paper: the key lets it be pressed again.
        key={state}
        role="img"
        aria-label={says}
        width={wide ? 15 : 12}
        height="12"
        viewBox={`0 0 ${wide ? 15 : 12} 12`}
        fill="none"
        stroke="currentColor"
        stroke-width={thick}
        stroke-dasharray={dots}
        stroke-linecap="round"
        stroke-linejoin="round"
      >
        <path d={lines} />
      </svg>
      {state === 'unsaved' && !brief && <span aria-hidden="true">{words.unsaved}</span>}
    </span>
  );
};
