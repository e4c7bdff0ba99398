/** What moves a cursor, ends a line or turns the direction of one. */
const ACTING = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** A text with its control characters as what they are called, `\u001b`; the same again changes nothing more. */
export const spelled = (text: string): string =>
  text.replace(ACTING, (each) => (each === '\n' ? '\\n' : `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`));
