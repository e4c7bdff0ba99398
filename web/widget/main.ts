import { openDesk } from './desk.ts';
import { readEmbed } from './embed.ts';
import { type HeardMessage, publish } from './script-api.ts';
import css from './widget.css?inline';
import { type Mounted, mountWidget } from './widget.tsx';

const options = readEmbed(document.currentScript as HTMLScriptElement | null);

const start = async (): Promise<void> => {
  const host = document.createElement('guichet-widget');
  if (options.theme) host.dataset.theme = options.theme;
  const root = host.attachShadow({ mode: 'open' });
  // A constructed sheet is not an inline style: pages with a strict content security policy let it through.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [sheet];
  let mounted: Mounted | undefined;
  const listeners = new Set<(message: HeardMessage) => void>();
  const hear = (message: HeardMessage): void => {
    for (const listener of listeners) listener(message);
  };
  const desk = await openDesk(options, () => mounted?.draw(), hear);
  mounted = mountWidget(host, root, desk, options);
  document.body.append(host);
  publish({
    open: () => mounted.show(true),
    close: () => mounted.show(false),
    identify: (who) => desk.identify(who),
    on: (event, listener) => {
      if (event !== 'message') throw new TypeError(`There is no event ${String(event)}.`);
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  });
};

// Twice on one page is once.
if (!document.querySelector('guichet-widget')) {
  if (document.body) void start();
  else addEventListener('DOMContentLoaded', () => void start(), { once: true });
}
