import '../shared/styles/tokens.css';
import '../shared/styles/base.css';
import './demo.css';
import { type JSX, render } from 'preact';
import { pages } from '../shared/i18n/strings.ts';
import { LanguageLinks } from '../shared/language-links.tsx';
import { createPreferences } from '../shared/preferences.ts';

const preferences = createPreferences();

/** Three things to sell, drawn: a notebook, a bottle of ink, an envelope. */
const DRAWINGS = [
  <path d="M30 16h52v76H30zM42 16v76M52 36h20M52 46h14" />,
  <path d="M46 18h20v14H46zM40 32h32l6 14v46H34V46zM34 62h44" />,
  <path d="M18 32h76v50H18zM18 34l38 28 38-28M18 80l27-24M94 80L67 56" />,
];

const Demo = (): JSX.Element => {
  const { demo } = pages[preferences.language.value];
  return (
    <>
      <header class="shop-top">
        <span class="shop-name">{demo.title}</span>
        <ul class="shop-nav">
          {demo.nav.map((name) => (
            <li key={name}>{name}</li>
          ))}
        </ul>
        <LanguageLinks language={preferences.language} />
      </header>
      <main class="shop">
        <h1>{demo.headline}</h1>
        <p class="shop-lead">{demo.lead}</p>
        <ul class="goods">
          {demo.items.map(({ name, about, price }, index) => (
            <li key={name}>
              <svg viewBox="0 0 112 108" fill="none" stroke="currentColor" stroke-width="1.6" aria-hidden="true">
                {DRAWINGS[index]}
              </svg>
              <h2>{name}</h2>
              <p>{about}</p>
              <p class="price count">{price}</p>
            </li>
          ))}
        </ul>
        <p class="shop-ask">{demo.ask}</p>
      </main>
      <footer class="shop-foot">{demo.fiction}</footer>
    </>
  );
};

render(<Demo />, document.getElementById('app')!);
