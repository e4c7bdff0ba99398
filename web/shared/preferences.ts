import { effect, type Signal, signal } from '@preact/signals';
import { dateLocale, type Language, pickLanguage } from './i18n/language.ts';

export type Theme = 'auto' | 'light' | 'dark';

const read = (key: string): string | null => {
  try {
    return localStorage.getItem(`guichet ${key}`);
  } catch {
    return null;
  }
};

const keep = (key: string, value: string): void => {
  try {
    localStorage.setItem(`guichet ${key}`, value);
  } catch {
    // Chosen for this page only.
  }
};

/** The reader's choices on our own pages; applied to the document at once and kept where the browser allows it. */
export const createPreferences = (): { language: Signal<Language>; theme: Signal<Theme>; locale: () => string } => {
  const language = signal(pickLanguage([read('language'), ...navigator.languages]));
  const stored = read('theme');
  const theme = signal<Theme>(stored === 'light' || stored === 'dark' ? stored : 'auto');
  effect(() => {
    document.documentElement.lang = language.value;
  });
  effect(() => {
    if (theme.value === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme.value;
  });
  language.subscribe((value) => {
    if (value !== pickLanguage([read('language'), ...navigator.languages])) keep('language', value);
  });
  theme.subscribe((value) => {
    if (value !== (read('theme') ?? 'auto')) keep('theme', value);
  });
  return { language, theme, locale: () => dateLocale(language.value) };
};
