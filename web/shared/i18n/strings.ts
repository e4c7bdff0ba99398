import * as en from './en.ts';
import * as fr from './fr.ts';
import type { Language } from './language.ts';
import * as enSecurity from './security-en.ts';
import * as frSecurity from './security-fr.ts';

/**
 * The strings of each surface in every language: one export each, so that the widget carries only its own.
 * A new language is a file beside en.ts, a line in each of these, and its name in language.ts.
 */
export const common: Record<Language, typeof en.common> = { en: en.common, fr: fr.common };
export const widget: Record<Language, typeof en.widget> = { en: en.widget, fr: fr.widget };
export const console: Record<Language, typeof en.console> = { en: en.console, fr: fr.console };
export const pages: Record<Language, typeof en.pages> = { en: en.pages, fr: fr.pages };
export const security: Record<Language, typeof enSecurity.security> = {
  en: enSecurity.security,
  fr: frSecurity.security,
};
