export type Language = 'en' | 'fr';

export const LANGUAGES: Record<Language, string> = { en: 'English', fr: 'Français' };

/** The first of the wishes, most wanted first, that there is a file for; English where there is none. */
export const pickLanguage = (wishes: readonly (string | null | undefined)[]): Language => {
  for (const wish of wishes) {
    const base = wish?.toLowerCase().split(/[-_]/)[0];
    if (base && base in LANGUAGES) return base as Language;
  }
  return 'en';
};

/** The locale for dates: the browser's own variant (en-GB, fr-CA) where it is of the language that is spoken. */
export const dateLocale = (
  language: Language,
  browser: readonly string[] = globalThis.navigator?.languages ?? [],
): string => browser.find((locale) => locale.toLowerCase().startsWith(language)) ?? language;
