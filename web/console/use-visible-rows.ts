import type { RefObject } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

/** Rows kept beyond the edges of what is seen, so that a flick of the wheel meets no hole. */
const BEYOND = 8;

/** Which rows of a long list of equally high ones are drawn: [from, to). */
export const useVisibleRows = (
  count: number,
  height: number,
  onNearEnd: () => void,
): { scroller: RefObject<HTMLUListElement | null>; from: number; to: number } => {
  const scroller = useRef<HTMLUListElement | null>(null);
  const [seen, see] = useState({ first: 0, last: 20 });
  useLayoutEffect(() => {
    const list = scroller.current!;
    const look = (): void => {
      const first = Math.floor(list.scrollTop / height);
      const last = Math.ceil((list.scrollTop + list.clientHeight) / height);
      see((before) => (before.first === first && before.last === last ? before : { first, last }));
    };
    look();
    const resized = new ResizeObserver(look);
    resized.observe(list);
    list.addEventListener('scroll', look, { passive: true });
    return () => {
      resized.disconnect();
      list.removeEventListener('scroll', look);
    };
  }, [height]);
  const isNearEnd = seen.last + BEYOND >= count;
  useLayoutEffect(() => {
    if (isNearEnd && count > 0) onNearEnd();
  }, [isNearEnd, count]);
  return { scroller, from: Math.max(0, seen.first - BEYOND), to: Math.min(count, seen.last + BEYOND) };
};
