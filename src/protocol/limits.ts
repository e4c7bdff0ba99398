/**
 * Limits of the public surface that both sides of the wire must know.
 * No imports: the widget carries this file.
 */

/** Longest message, in characters (code points) after NFC. */
export const CONTENT_MAX = 20_000;
/** Longest subject, in characters. */
export const SUBJECT_MAX = 255;
/** Longest name of a person, in characters. */
export const NAME_MAX = 200;
/** Marks a visitor may give a conversation. */
export const RATING_MIN = 1;
export const RATING_MAX = 5;
/** Longest comment on a rating, in characters. */
export const RATING_COMMENT_MAX = 2_000;
/** What a site may say of a visitor: how many attributes, and their lengths in characters. */
export const ATTRIBUTES_MAX = 30;
export const ATTRIBUTE_NAME_MAX = 60;
export const ATTRIBUTE_VALUE_MAX = 500;
/** Longest address and title of a visitor's page, in characters. */
export const PAGE_URL_MAX = 1_000;
export const PAGE_TITLE_MAX = 255;
/** Labels a conversation bears, and their length in characters. */
export const LABELS_MAX = 20;
export const LABEL_MAX = 50;
/** Longest shortcut of a canned reply. */
export const SHORTCUT_MAX = 40;
/** Agents one note may name. */
export const MENTIONS_MAX = 20;
/** Files of one message. */
export const ATTACHMENTS_MAX = 10;
/** Longest name of a file, in characters. */
export const FILE_NAME_MAX = 255;
/** What would make a path of a name. */
export const NOT_IN_FILE_NAMES = /[/\\]/;
/** Ids of new things: 1 to 50 characters of this alphabet. Adopted ids are taken as they are. */
export const NEW_ID = /^[A-Za-z0-9_-]{1,50}$/;
/** Page size of every list: the default and the most one call gets. */
export const PAGE_DEFAULT = 50;
export const PAGE_MAX = 500;
/** Longest search for messages, in UTF-16 code units, and how many different words it may have. */
export const SEARCH_MAX = 200;
export const SEARCH_WORDS_MAX = 10;
/** Longest time a poll is held open, in seconds. */
export const WAIT_MAX_SECONDS = 30;
/** Largest HTTP body and largest WebSocket frame, in bytes: 20,000 characters of 4 bytes, JSON-escaped, and room. */
export const BODY_MAX_BYTES = 256 * 1024;

/** WebSocket close codes of our own; the socket is closed by the server for nothing else. */
export const CLOSE = { unauthorized: 4401, protocol: 4400, tooSlow: 4413 } as const;
