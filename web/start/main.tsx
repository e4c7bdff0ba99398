import '../shared/styles/tokens.css';
import '../shared/styles/base.css';
import './start.css';
import { useSignal } from '@preact/signals';
import { type JSX, render } from 'preact';
import type { MessageState } from '../../src/client/index.ts';
import type { pages } from '../shared/i18n/en/pages.ts';
import * as strings from '../shared/i18n/strings.ts';
import { Mark } from '../shared/icons.tsx';
import { LanguageLinks } from '../shared/language-links.tsx';
import { createPreferences } from '../shared/preferences.ts';
import { Stamp } from '../shared/stamp.tsx';

const preferences = createPreferences();

const snippet = `<script src="${location.origin}/widget.js" async></script>`;

const Snippet = ({ words }: { words: typeof pages }): JSX.Element => {
  const copied = useSignal(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(snippet);
    copied.value = true;
  };
  return (
    <div class="snippet">
      <code>{snippet}</code>
      {/* The clipboard is only there on a secure origin; the line can be selected anywhere. */}
      {navigator.clipboard && (
        <button type="button" class="button" onClick={() => void copy()}>
          {copied.value ? words.copied : words.copy}
        </button>
      )}
    </div>
  );
};

const PROMISES = ['stored', 'delivered', 'read', 'unsaved'] as const satisfies readonly MessageState[];

const Start = (): JSX.Element => {
  const { value: language } = preferences.language;
  const common = strings.common[language];
  const pages = strings.pages[language];
  return (
    <div class="page">
      <header class="top">
        <span class="brand">
          <Mark /> Guichet
        </span>
        <LanguageLinks language={preferences.language} />
      </header>
      <main>
        <h1>{pages.startTitle}</h1>
        <p class="lead">{pages.startLead}</p>
        <ul class="ways">
          <li>
            <a href="/console">
              <strong>{pages.openConsole}</strong>
              <span>{pages.openConsoleHint}</span>
            </a>
          </li>
          <li>
            <a href="/demo">
              <strong>{pages.openDemo}</strong>
              <span>{pages.openDemoHint}</span>
            </a>
          </li>
        </ul>
        <section>
          <h2>{pages.embedTitle}</h2>
          <p>{pages.embedLead}</p>
          <Snippet words={pages} />
        </section>
        <section>
          <h2>{pages.promiseTitle}</h2>
          <ul class="promises">
            {PROMISES.map((state) => (
              <li key={state}>
                <span class="promise-stamp">
                  <Stamp state={state} words={common} brief />
                </span>
                {pages.promises[state]}
              </li>
            ))}
          </ul>
        </section>
      </main>
      <footer>
        <a href="/docs">{pages.docs}</a>
      </footer>
    </div>
  );
};

render(<Start />, document.getElementById('app')!);
