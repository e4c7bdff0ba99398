/** No imports: the widget carries this file. */

/** What would turn the text around it, or end a line of it: directional marks, overrides, isolates, separators. */
const DIRECTION = '\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069';
const HOSTILE = new RegExp(`[\\p{Cc}\\u2028\\u2029${DIRECTION}]`, 'u');
const BREAKS = /[\t-\r\x85\u2028\u2029]+/gu;
const REST = new RegExp(`[\\p{Cc}${DIRECTION}]+`, 'gu');

/**
 * A name, a subject or any other text of one line, without characters by which it could pass for something else on a
 * screen or in a terminal: controls and those that turn the direction of writing are left out, breaks become a space.
 * Letters of every script stay, and so do the joiners between them. The same text comes back where there are none.
 */
export const plainLine = (text: string): string =>
  HOSTILE.test(text) ? text.replace(BREAKS, ' ').replace(REST, '').trim() : text;
