import { useEffect, useLayoutEffect, useState } from 'preact/hooks';
import type { Thread, ThreadItem } from '../../src/client/index.ts';

interface Aim {
  thread: Thread;
  items: readonly ThreadItem[];
  /** Seq of the message somebody wants to see. */
  target: number | undefined;
  /** It is going to be another place than the end. */
  aimed: () => void;
  /** Draws the stretch around an item, unless it is drawn. */
  draw: (index: number) => void;
  /** Brings a message to the middle; false while it is not drawn. */
  show: (id: string) => boolean;
}

/** Somebody wants to see one message: it is loaded, drawn, and brought to the middle, once. */
export const useAim = ({ thread, items, target, aimed, draw, show }: Aim): void => {
  const [aim, setAim] = useState<number>();
  const indexOf = (): number => (aim === undefined ? -1 : items.findIndex(({ message }) => message?.seq === aim));
  useEffect(() => {
    if (target === undefined || !thread.ready) return;
    aimed();
    void thread.loadBackTo(target).then(() => setAim(target));
  }, [target, thread.ready]);
  useEffect(() => {
    const index = indexOf();
    if (index >= 0) draw(index);
  });
  useLayoutEffect(() => {
    const item = items[indexOf()];
    if (item && show(item.id)) setAim(undefined);
  });
};
