import type { RefObject } from 'preact';
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { forAgents } from '../../src/client/for-agents.ts';
import { listen, type Thread, type ThreadItem } from '../../src/client/index.ts';
import { useAim } from './use-aim.ts';

const NEAR_END_PX = 40;
const NEAR_START_PX = 300;
/** The stretch moves on while this much of it is left and twice as much behind, so that it cannot move to and fro. */
const AHEAD_PX = 1000;
/**
 * Messages that are drawn at once, and by how many the drawn stretch moves: a thread may have 20,000. Small steps, each
 * well within a frame, taken early.
 */
const DRAWN = 120;
const STEP = 16;

/** The item at the upper edge, how far below it, and where the thread was scrolled to then. */
interface Anchor {
  id: string;
  offset: number;
  scrollTop: number;
}

export interface ScrolledThread {
  scroller: RefObject<HTMLElement | null>;
  /** The items that are drawn: [from, to). */
  from: number;
  to: number;
  atEnd: boolean;
  toEnd: () => void;
}

/**
 * Keeps a thread where its reader is: at the end while the reader is there (and after writing), still while messages
 * are put above or the drawn stretch moves, and loading earlier ones when the reader comes near the start.
 * @param target seq of a message to be looked at instead
 */
export const useScroll = (thread: Thread, items: readonly ThreadItem[], target?: number): ScrolledThread => {
  const scroller = useRef<HTMLElement | null>(null);
  const [atEnd, setAtEnd] = useState(true);
  /** Id of the last item drawn; none: the newest, whatever it is. */
  const [last, setLast] = useState<string>();
  const pinned = useRef(true);
  /** What must not move under the reader's eyes. */
  const anchor = useRef<Anchor>(undefined);
  const ownBefore = useRef<string>(undefined);

  const found = last === undefined ? -1 : items.findLastIndex(({ id }) => id === last);
  const to = found < 0 ? items.length : found + 1;
  const from = Math.max(0, to - DRAWN);
  const drawn = useRef({ from, to, items });
  drawn.current = { from, to, items };

  const drawTo = (end: number): void => {
    const { items: all } = drawn.current;
    setLast(end >= all.length ? undefined : all[Math.max(end, Math.min(DRAWN, all.length)) - 1]!.id);
  };

  const toEnd = useCallback((): void => {
    pinned.current = true;
    setAtEnd(true);
    setLast(undefined);
    const { current: element } = scroller;
    if (element) element.scrollTop = element.scrollHeight;
  }, []);

  useEffect(() => {
    if (!forAgents || target === undefined) toEnd();
    const element = scroller.current!;
    const look = (): void => {
      const { from: first, to: end, items: all } = drawn.current;
      const below = element.scrollHeight - element.scrollTop - element.clientHeight;
      pinned.current = end === all.length && below < NEAR_END_PX;
      setAtEnd(pinned.current);
      anchor.current = anchorOf(element);
      const { scrollTop: above } = element;
      if (first > 0 && isNear(above, below)) drawTo(end - STEP);
      else if (end < all.length && isNear(below, above)) drawTo(end + STEP);
      if (first === 0 && above < NEAR_START_PX) void thread.loadOlder();
    };
    // The keyboard of a phone, or a growing composer, takes room from the thread: its end must stay in sight.
    const resized = new ResizeObserver(() => {
      if (pinned.current) element.scrollTop = element.scrollHeight;
    });
    const end = listen(element, 'scroll', look, { passive: true });
    resized.observe(element);
    return () => {
      end();
      resized.disconnect();
    };
  }, [thread]);

  if (forAgents) {
    useAim({
      thread,
      items,
      target,
      aimed: () => {
        pinned.current = false;
      },
      draw: (index) => {
        if (index < from || index >= to) drawTo(index + DRAWN / 2);
      },
      show: (id) => {
        const row = elementOf(scroller.current!, id);
        if (!row) return false;
        pinned.current = false;
        row.scrollIntoView({ block: 'center' });
        anchor.current = anchorOf(scroller.current!);
        return true;
      },
    });
  }

  useLayoutEffect(() => {
    const element = scroller.current!;
    const own = items.findLast((item) => item.own)?.id;
    const wrote = own !== ownBefore.current && items.at(-1)?.id === own && ownBefore.current !== undefined;
    ownBefore.current = own;
    if (wrote && !pinned.current) {
      toEnd();
      return;
    }
    if (pinned.current) element.scrollTop = element.scrollHeight;
    else if (anchor.current !== undefined) {
      const row = elementOf(element, anchor.current.id);
      if (row) {
        const { offset, scrollTop } = anchor.current;
        // Scrolled since, and not told yet: that is the reader's will. At the very end it is what is gone from above.
        const isCut = element.scrollTop >= element.scrollHeight - element.clientHeight - 1;
        const since = isCut ? 0 : element.scrollTop - scrollTop;
        element.scrollTop = row.offsetTop - offset + since;
        anchor.current = { id: anchor.current.id, offset: offset - since, scrollTop: element.scrollTop };
      }
    }
    // Earlier messages came while the stretch stood still: it moves on to them.
    if (!pinned.current && from > 0 && element.scrollTop < NEAR_START_PX) drawTo(to - STEP);
    // A first page that does not fill the window can never be scrolled.
    if (thread.hasOlder && element.scrollHeight <= element.clientHeight) void thread.loadOlder();
  });

  return { scroller, from, to, atEnd, toEnd };
};

const isNear = (left: number, behind: number): boolean =>
  left < NEAR_START_PX || (left < AHEAD_PX && behind > 2 * AHEAD_PX);

const elementOf = (scroller: HTMLElement, id: string): HTMLElement | null =>
  scroller.querySelector<HTMLElement>(`[data-id="${CSS.escape(id)}"]`);

/** The first row that reaches below the upper edge. Rows stand in order, so few of them have to be asked. */
const anchorOf = (scroller: HTMLElement): Anchor | undefined => {
  const rows = scroller.querySelectorAll<HTMLElement>('[data-id]');
  const { scrollTop } = scroller;
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const row = rows[middle]!;
    if (row.offsetTop + row.offsetHeight <= scrollTop) low = middle + 1;
    else high = middle;
  }
  const row = rows[low];
  return row && { id: row.dataset.id!, offset: row.offsetTop - scrollTop, scrollTop };
};
