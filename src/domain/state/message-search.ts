import { CONTENT_MAX, SEARCH_MAX, SEARCH_WORDS_MAX } from '../../protocol/limits.ts';
import { GuichetError } from '../errors.ts';
import type { LogRecord } from '../model/record.ts';
import type { MessageHits, MessageSearch } from '../store.ts';
import { searchTerms } from './search-terms.ts';

/** Where a message stands among those that a search finds: by its own time, then by its position. Newest is first. */
export interface SearchPlace {
  /** Epoch ms of `createdAt`. */
  readonly at: number;
  readonly position: number;
}

/** A search as every store works it out from what was asked. */
export interface SearchPlan {
  /** Each must begin a word of the message; none stands twice, and there is at least one. */
  readonly terms: readonly string[];
  /** Only what lies behind this place, that is older. */
  readonly behind: SearchPlace | undefined;
  readonly limit: number;
}

/** @throws GuichetError `invalid` for a search without a word, with too many of them, or with a cursor that is none */
export const planSearch = ({ q, limit, cursor }: MessageSearch): SearchPlan => {
  if (q.length > SEARCH_MAX) throw new GuichetError('invalid', `A search has at most ${SEARCH_MAX} characters.`);
  const terms = [...new Set(searchTerms(q))];
  if (terms.length === 0) throw new GuichetError('invalid', 'A search needs a word: letters or digits.');
  if (terms.length > SEARCH_WORDS_MAX) {
    throw new GuichetError('invalid', `A search has at most ${SEARCH_WORDS_MAX} different words.`);
  }
  return { terms, behind: cursor === undefined ? undefined : parseCursor(cursor), limit };
};

export const placeOf = (record: LogRecord<'message'>): SearchPlace => ({
  at: Date.parse(record.value.createdAt),
  position: record.position,
});

/** Order of the places of a list of hits: negative when `a` comes first, that is when it is newer. */
export const comparePlaces = (a: SearchPlace, b: SearchPlace): number => b.at - a.at || b.position - a.position;

export const isBehind = (place: SearchPlace, { behind }: SearchPlan): boolean =>
  behind === undefined || comparePlaces(place, behind) > 0;

/** What is looked at of a text, in code units: all of any that was posted; imported ones may be longer. */
const SEARCHED_MAX = 2 * CONTENT_MAX;

/**
 * The words under which a message is found, each once. Of a word no more is kept than a search can name.
 * Every index is made of these, so that all answer the same.
 */
export const searchWords = (content: string): string[] => [
  ...new Set(searchTerms(content.slice(0, SEARCHED_MAX)).map((word) => wellCut(word, SEARCH_MAX))),
];

/** The first so many code units of a text, never half a character. */
const wellCut = (text: string, length: number): string => {
  if (text.length <= length) return text;
  const cut = text.slice(0, length);
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
};

/** Whether a message with this text has the words of a search. */
export const hasTerms = (content: string, terms: readonly string[]): boolean => {
  const words = searchWords(content);
  return terms.every((term) => words.some((word) => word.startsWith(term)));
};

/** A page of what was found, newest first. @param found one more than the page holds when there is more */
export const hitsOf = (found: readonly LogRecord<'message'>[], limit: number): MessageHits => {
  const messages = found.slice(0, limit);
  const more = found.length > limit && messages.length > 0;
  return { messages, nextCursor: more ? cursorOf(messages.at(-1)!) : null };
};

const cursorOf = (record: LogRecord<'message'>): string => {
  const { at, position } = placeOf(record);
  return Buffer.from(JSON.stringify([at, position])).toString('base64url');
};

const parseCursor = (text: string): SearchPlace => {
  try {
    const [at, position] = JSON.parse(Buffer.from(text, 'base64url').toString()) as unknown[];
    if (Number.isSafeInteger(at) && Number.isSafeInteger(position)) return { at, position } as SearchPlace;
  } catch {
    // said below, like every other text that is no cursor
  }
  throw new GuichetError('invalid', 'The cursor is not one that this search gave.');
};
