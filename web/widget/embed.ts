import { dateLocale, type Language, pickLanguage } from '../shared/i18n/language.ts';

export interface EmbedOptions {
  /** Origin of the server. */
  server: string;
  language: Language;
  /** For dates. */
  locale: string;
  /** `#RRGGBB` of the page, before the one of the server's settings. */
  accent: string | undefined;
  /** Of the page, before the one of the server's settings. */
  position: 'left' | 'right' | undefined;
  theme: 'light' | 'dark' | undefined;
  /** Signed by the site for whoever sees this page. */
  identityToken: string | undefined;
}

/** What the script element says. It must be read while the script runs: afterwards nobody knows which one it was. */
export const readEmbed = (script: HTMLScriptElement | null): EmbedOptions => {
  const data = script?.dataset ?? {};
  const source = data.server ?? script?.src ?? location.href;
  const language = pickLanguage([data.locale, ...navigator.languages]);
  return {
    server: new URL(source, location.href).origin,
    language,
    locale: data.locale ?? dateLocale(language),
    accent: data.accent,
    position: data.position === 'left' || data.position === 'right' ? data.position : undefined,
    theme: data.theme === 'light' || data.theme === 'dark' ? data.theme : undefined,
    identityToken: data.identityToken || undefined,
  };
};
