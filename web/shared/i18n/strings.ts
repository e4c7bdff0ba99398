import { common as enCommon } from './en/common.ts';
import { console as enConsole } from './en/console.ts';
import { pages as enPages } from './en/pages.ts';
import { security as enSecurity } from './en/security.ts';
import { widget as enWidget } from './en/widget.ts';
import { common as frCommon } from './fr/common.ts';
import { console as frConsole } from './fr/console.ts';
import { pages as frPages } from './fr/pages.ts';
import { security as frSecurity } from './fr/security.ts';
import { widget as frWidget } from './fr/widget.ts';
import type { Language } from './language.ts';

/**
 * The strings of each surface in every language: one export each, so that the widget carries only its own.
 * English is what the others are typed by: a missing text does not compile. A new language is a folder beside en/, its
 * name in each of these, and one in language.ts.
 */
export const common: Record<Language, typeof enCommon> = { en: enCommon, fr: frCommon };
export const widget: Record<Language, typeof enWidget> = { en: enWidget, fr: frWidget };
export const console: Record<Language, typeof enConsole> = { en: enConsole, fr: frConsole };
export const pages: Record<Language, typeof enPages> = { en: enPages, fr: frPages };
export const security: Record<Language, typeof enSecurity> = { en: enSecurity, fr: frSecurity };
