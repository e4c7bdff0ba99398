import { createHash } from 'node:crypto';

/** Marks what follows it as something else than itself; stands behind every other character. */
const ESCAPE = '\u{10FFFE}';
/** In front of a character from U+E000 on, which UTF-16 puts behind the surrogates and UTF-8 in front of them. */
const BEHIND = '\u{10FFFF}';
/** Everything up to the surrogates but control characters; the rest is looked at one by one. */
const PLAIN = /^[ -\uD7FF]*$/;
/** Characters that a key may have; columns are of this size. */
export const KEY_LENGTH = 255;
const KEPT_LENGTH = 180;

/**
 * An id as a column holds it. Two ids have the same key only when all their code units are the same, and keys in order
 * of their UTF-8 bytes are ids in order of their code units, as LG-55 wants it. Nearly every id is its own key. Escaped
 * are characters that some database does not take (U+0000, lone surrogates) or puts in another place; an id that is too
 * long for a column keeps its beginning and goes on with its SHA-256. Whoever needs the id itself has it in `record`.
 */
export const keyOf = (id: string): string => {
  const key = PLAIN.test(id) ? id : escapeAll(id);
  if (key.length <= KEY_LENGTH) return key;
  const start = key.slice(0, KEPT_LENGTH).toWellFormed();
  return `${start}${ESCAPE}h${createHash('sha256').update(id, 'utf16le').digest('hex')}`;
};

const escapeAll = (id: string): string => {
  let key = '';
  for (const character of id) key += escaped(character);
  return key;
};

const escaped = (character: string): string => {
  const code = character.codePointAt(0)!;
  if (code <= 1) return `\u0001${code === 0 ? '\u0001' : '\u0002'}`;
  if (code >= 0xd800 && code <= 0xdfff) return `${ESCAPE}s${code.toString(16)}`;
  if (code >= 0xe000 && code <= 0xffff) return `${BEHIND}${character}`;
  if (code >= 0x10fffe) return `${ESCAPE}${code === 0x10fffe ? 'e' : 'f'}`;
  return character;
};

/** Text for people, as a column can hold it: what no database takes is replaced. The exact text is in `record`. */
export const columnText = (text: string, max = Number.POSITIVE_INFINITY): string => {
  const clean = text.replaceAll('\0', '\uFFFD').toWellFormed();
  return clean.length > max ? Array.from(clean).slice(0, max).join('') : clean;
};
