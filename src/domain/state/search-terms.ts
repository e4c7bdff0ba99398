import type { Conversation } from '../model/conversation.ts';

/** The words under which a conversation is found. */
export type Searchable = (conversation: Conversation) => readonly string[];

/**
 * Words of a text, lower case and without accents, so that "Élodie" is found as "elo". A sigma is written differently
 * at the end of a word, which nobody who types the beginning of one can know.
 */
export const searchTerms = (text: string): string[] =>
  text
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replaceAll('ς', 'σ')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
