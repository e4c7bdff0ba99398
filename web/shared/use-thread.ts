import { useEffect, useState } from 'preact/hooks';
import type { Thread } from '../../src/client/index.ts';

/** Renders again when the thread changes; several changes in one turn of the event loop cost one rendering. */
export const useThread = (thread: Thread | undefined): void => {
  const [, render] = useState(0);
  useEffect(() => {
    let pending = false;
    let over = false;
    const off = thread?.on('change', () => {
      if (pending) return;
      pending = true;
      queueMicrotask(() => {
        pending = false;
        if (!over) render((count) => count + 1);
      });
    });
    // What happened between rendering and this effect.
    render((count) => count + 1);
    return () => {
      over = true;
      off?.();
    };
  }, [thread]);
};
