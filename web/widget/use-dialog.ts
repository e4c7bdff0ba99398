import type { RefObject } from 'preact';
import { useEffect } from 'preact/hooks';
import { listen } from '../../src/client/index.ts';

/** As in widget.css: below this width the panel is the whole screen. */
export const isFullScreen = (): boolean => matchMedia('(max-width: 480px)').matches;

const FOCUSABLE = 'button:not(:disabled), input, textarea, a[href], summary, [tabindex="0"]';

/**
 * What a panel owes a keyboard and a phone: Escape closes it; where it covers everything Tab stays inside; and it
 * ends where the on-screen keyboard begins.
 */
export const useDialog = (panel: RefObject<HTMLElement | null>, onClose: () => void): void => {
  useEffect(() => {
    const element = panel.current!;
    const { visualViewport } = globalThis;
    if (isFullScreen()) element.focus();

    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') {
        event.stopPropagation();
        onClose();
      }
      if (event.key !== 'Tab' || !isFullScreen()) return;
      const stops = [...element.querySelectorAll<HTMLElement>(FOCUSABLE)].filter((stop) => stop.offsetParent !== null);
      const edge = event.shiftKey ? stops[0] : stops.at(-1);
      const { activeElement } = element.getRootNode() as ShadowRoot;
      if (activeElement !== edge && activeElement !== element) return;
      event.preventDefault();
      (event.shiftKey ? stops.at(-1) : stops[0])?.focus();
    };
    const fit = (): void => {
      if (!visualViewport || !isFullScreen()) return;
      element.style.height = `${visualViewport.height}px`;
      element.style.top = `${visualViewport.offsetTop}px`;
    };

    const end = listen(element, 'keydown', onKeyDown);
    const unfit = visualViewport && listen(visualViewport, 'resize', fit);
    return () => {
      end();
      unfit?.();
    };
  }, []);
};
