import type { Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { LANGUAGES, type Language } from './i18n/language.ts';

/** The languages by their own names; the one that is spoken is marked. */
export const LanguageLinks = ({ language }: { language: Signal<Language> }): JSX.Element => (
  <ul class="languages">
    {(Object.entries(LANGUAGES) as [Language, string][]).map(([code, name]) => (
      <li key={code}>
        <button
          type="button"
          class="link"
          lang={code}
          aria-current={language.value === code}
          onClick={() => {
            language.value = code;
          }}
        >
          {name}
        </button>
      </li>
    ))}
  </ul>
);
