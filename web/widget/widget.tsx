import { type JSX, render } from 'preact';
import { useRef } from 'preact/hooks';
import { accentProperties } from '../shared/accent.ts';
import * as strings from '../shared/i18n/strings.ts';
import { createTimes } from '../shared/times.ts';
import type { Desk } from './desk.ts';
import type { EmbedOptions } from './embed.ts';
import { Launcher } from './launcher.tsx';
import { Panel } from './panel.tsx';

/** The widget as it stands on a page. */
export interface Mounted {
  /** Draws it again, after the desk has changed. */
  draw(): void;
  show(open: boolean): void;
}

/** Draws the widget into a shadow root, where the page's styles do not reach, nor its own the page. */
export const mountWidget = (host: HTMLElement, root: ShadowRoot, desk: Desk, options: EmbedOptions): Mounted => {
  const { language } = options;
  const words = { ...strings.common[language], ...strings.widget[language] };
  const times = createTimes(options.locale, words);
  let open = false;

  const Widget = (): JSX.Element => {
    const launcher = useRef<HTMLButtonElement>(null);
    const close = (): void => {
      show(false);
      launcher.current?.focus();
    };
    const position = options.position ?? desk.info?.position ?? 'right';
    return (
      <div class={`widget ${position}${open ? ' open' : ''}`} lang={language}>
        {open && <Panel desk={desk} words={words} times={times} language={language} onClose={close} />}
        <Launcher open={open} unread={desk.unread} words={words} anchor={launcher} onToggle={() => show(!open)} />
      </div>
    );
  };

  const draw = (): void => {
    for (const [name, value] of Object.entries(accentProperties(options.accent ?? desk.info?.accent))) {
      host.style.setProperty(name, value);
    }
    render(<Widget />, root);
  };
  const show = (shown: boolean): void => {
    open = shown;
    draw();
  };
  draw();
  return { draw, show };
};
