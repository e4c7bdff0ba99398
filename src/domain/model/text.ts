import { CONTENT_MAX, NEW_ID, SUBJECT_MAX } from '../../protocol/limits.ts';
import { plainLine } from '../../protocol/plain-line.ts';
import { GuichetError } from '../errors.ts';

/**
 * A text as it is stored: NFC, without U+0000 and lone surrogates, which PostgreSQL refuses and others alter, and
 * `min` to `max` characters long (code points). Throws `invalid` with a sentence that names the field.
 */
export const checkText = (field: string, text: string, min: number, max: number): string => {
  checkCharacters(field, text);
  const normal = text.normalize('NFC');
  const length = lengthOf(normal, max);
  if (length < min || length > max) {
    throw new GuichetError('invalid', `${field} must have ${min} to ${max.toLocaleString('en')} characters.`);
  }
  return normal;
};

/**
 * A text of one line as it is stored: what {@link plainLine} leaves of it. Names, subjects and whatever else stands
 * among the words of this program are such; what people write to each other is not.
 */
export const checkLine = (field: string, text: string, min: number, max: number): string => {
  checkCharacters(field, text);
  return checkText(field, plainLine(text), min, max);
};

const checkCharacters = (field: string, text: string): void => {
  if (text.includes('\u0000')) throw new GuichetError('invalid', `${field} holds the character U+0000.`);
  if (!text.isWellFormed()) throw new GuichetError('invalid', `${field} holds half of a surrogate pair.`);
};

export const checkContent = (content: string): string => checkText('content', content, 1, CONTENT_MAX);

/** A subject that is empty is none. */
export const checkSubject = (subject: string | null | undefined): string | null =>
  checkLine('subject', subject ?? '', 0, SUBJECT_MAX) || null;

/** An id that a client chose for something new. */
export const checkNewId = (field: string, id: string): string => {
  if (!NEW_ID.test(id)) throw new GuichetError('invalid', `${field} must be 1 to 50 characters of A-Z a-z 0-9 _ -.`);
  return id;
};

/** A time in ISO 8601, as UTC with milliseconds. */
export const checkTime = (field: string, time: string): string => {
  const parsed = Date.parse(time);
  if (Number.isNaN(parsed)) throw new GuichetError('invalid', `${field} must be a time such as 2026-01-31T08:00:00Z.`);
  return new Date(parsed).toISOString();
};

/**
 * Code points of a text. There are never more of them than code units, so that only a text that may be too long is
 * counted: this runs for every message.
 */
const lengthOf = (text: string, max: number): number => {
  if (text.length <= max || text.length > 2 * max) return text.length;
  let length = 0;
  for (const _ of text) length += 1;
  return length;
};
