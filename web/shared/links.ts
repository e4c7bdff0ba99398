/** A piece of a message: plain text, or the address of a link that is shown as it was written. */
export type Piece = { text: string; href?: string };

const ADDRESS = /\bhttps?:\/\/[^\s<>"'`\u00a0\u202f\u3000]+/gi;

/** Brackets that an address may hold in pairs; one that it did not open belongs to the sentence. */
const PAIRS: Record<string, string> = { ')': '(', ']': '[', '}': '{', '»': '«', '”': '“' };
const CLOSING_MARKS = /[.,;:!?…'"*_~]$/;

/** Finds the http(s) addresses in a text. Nothing else is ever made a link, and the text itself is never altered. */
export const findLinks = (text: string): Piece[] => {
  const pieces: Piece[] = [];
  let at = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = trimmed(match[0]);
    if (!URL.canParse(address)) continue;
    if (match.index > at) pieces.push({ text: text.slice(at, match.index) });
    pieces.push({ text: address, href: address });
    at = match.index + address.length;
  }
  if (at < text.length || pieces.length === 0) pieces.push({ text: text.slice(at) });
  return pieces;
};

const trimmed = (address: string): string => {
  for (let rest = address; ; rest = rest.slice(0, -1)) {
    const last = rest.at(-1) ?? '';
    const opening = PAIRS[last];
    const unpaired = opening !== undefined && rest.split(last).length > rest.split(opening).length;
    if (!unpaired && !CLOSING_MARKS.test(rest)) return rest;
  }
};
