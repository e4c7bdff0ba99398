import type { JSX } from 'preact';
import type { MessageViewProps } from '../shared/message-view.tsx';
import { drawMessage } from '../shared/thread-view.tsx';

type Drawn = { props: MessageViewProps; node: JSX.Element };

/** Somewhat more than a thread draws at once. */
const KEPT_MAX = 300;

/**
 * Draws messages, and hands out what was drawn last time while all that a message shows is the same: Preact passes over
 * an element that it has seen, and a step through a long thread costs the messages that come, not those that stay.
 * What is still being sent shows its progress as well, and is drawn every time.
 */
export const createMessageDrawer = (): ((props: MessageViewProps) => JSX.Element) => {
  /** The one used longest ago comes first. */
  const kept = new Map<string, Drawn>();
  return (props) => {
    const { id, entry } = props.item;
    if (entry) return drawMessage(props);
    const known = kept.get(id);
    const drawn = known && isSame(known.props, props) ? known : { props, node: drawMessage(props) };
    kept.delete(id);
    kept.set(id, drawn);
    if (kept.size > KEPT_MAX) kept.delete(kept.keys().next().value!);
    return drawn.node;
  };
};

const isSame = (before: MessageViewProps, now: MessageViewProps): boolean =>
  (Object.keys(now) as (keyof MessageViewProps)[]).every((name) => Object.is(before[name], now[name]));
