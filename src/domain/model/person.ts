import type { Attributes, Page } from '../../protocol/entities.ts';
import {
  ATTRIBUTE_NAME_MAX,
  ATTRIBUTE_VALUE_MAX,
  ATTRIBUTES_MAX,
  NAME_MAX,
  PAGE_TITLE_MAX,
  PAGE_URL_MAX,
} from '../../protocol/limits.ts';
import { GuichetError } from '../errors.ts';
import type { Contact } from './directory.ts';
import { checkLine, checkText } from './text.ts';

/** Longest address that mail can carry (RFC 5321, 4.5.3.1.3). */
const EMAIL_MAX = 254;
export const PASSWORD_MIN = 10;
export const PASSWORD_MAX = 200;
const LOCALE = /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}$/;

/** What people say of themselves, as it is stored. Each throws `invalid` with a sentence that names the field. */

export const checkName = (name: string): string => checkLine('name', name.trim(), 1, NAME_MAX);

export const checkEmail = (email: string): string => {
  const checked = checkLine('email', email.trim(), 3, EMAIL_MAX);
  if (!/^[^\s@]+@[^\s@]+$/.test(checked)) throw new GuichetError('invalid', 'email must be an e-mail address.');
  return checked;
};

/** An agent signs in with it, in any case of letters. */
export const checkAgentEmail = (email: string): string => checkEmail(email).toLowerCase();

/** A BCP 47 tag such as `fr-BE`. */
export const checkLocale = (locale: string): string => {
  if (!LOCALE.test(locale)) throw new GuichetError('invalid', 'locale must be a language tag such as "fr" or "en-GB".');
  return locale;
};

/** A new password; compared as typed, after NFC, because keyboards differ in how they compose accents. */
export const checkPassword = (password: string): string => checkText('password', password, PASSWORD_MIN, PASSWORD_MAX);

/** What a site says of its visitor now; `null` takes an attribute away, an absent one stays as it was. */
export type AttributesInput = Readonly<Record<string, string | null>>;

const mergeAttributes = (known: Attributes, said: AttributesInput): Attributes => {
  const next = new Map(Object.entries(known));
  for (const [name, value] of Object.entries(said)) {
    const checked = checkLine('The name of an attribute', name.trim(), 1, ATTRIBUTE_NAME_MAX);
    if (value === null) next.delete(checked);
    else next.set(checked, checkLine(`attributes.${checked}`, value, 0, ATTRIBUTE_VALUE_MAX));
  }
  if (next.size > ATTRIBUTES_MAX) throw new GuichetError('invalid', `There are at most ${ATTRIBUTES_MAX} attributes.`);
  return Object.fromEntries(next);
};

/** What is newly said of a contact, checked; what is not named stays. */
export interface Said {
  /** `null`, of name and address: taken away. */
  readonly name?: string | null;
  readonly email?: string | null;
  readonly locale?: string;
  readonly attributes?: AttributesInput;
  readonly page?: Page;
}

export const withSaid = (held: Contact, { attributes, ...said }: Said): Contact => ({
  ...held,
  ...said,
  ...(attributes && { attributes: mergeAttributes(held.attributes ?? {}, attributes) }),
});

/** Where a visitor is. Query and fragment are left out: sites put secrets there. */
export const checkPage = (page: { url: string; title?: string | null | undefined }, at: string): Page => {
  const url = URL.parse(page.url);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new GuichetError('invalid', 'page.url must be an address such as https://www.example/shop.');
  }
  return {
    url: checkText('page.url', `${url.origin}${url.pathname}`.slice(0, PAGE_URL_MAX), 1, PAGE_URL_MAX),
    title: checkLine('page.title', page.title?.slice(0, PAGE_TITLE_MAX) ?? '', 0, PAGE_TITLE_MAX) || null,
    at,
  };
};
