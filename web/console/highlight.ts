/** A piece of a text; `hit` where it is what was looked for. */
export interface Marked {
  readonly text: string;
  readonly hit: boolean;
}

const WORD = /[\p{L}\p{N}\p{M}]+/gu;
/** Letters shown in front of the first hit, and in all. */
const BEFORE = 30;
const SHOWN = 140;

const plain = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase();

/** As the server looks: each word that is asked for begins a word of the text, case and accents aside. */
const hitsIn = (text: string, wanted: readonly string[]): { from: number; to: number }[] =>
  [...text.matchAll(WORD)].flatMap(({ 0: word, index }) => {
    const begun = wanted.filter((each) => plain(word).startsWith(each)).sort((a, b) => b.length - a.length)[0];
    if (begun === undefined) return [];
    // Accents may take letters of their own: the mark ends where as much of the word is covered.
    let length = 0;
    while (length < word.length && plain(word.slice(0, length)).length < begun.length) length += 1;
    return [{ from: index, to: index + length }];
  });

/** The part of a text around what was looked for, with that marked. */
export const excerpt = (text: string, query: string): Marked[] => {
  const wanted = plain(query).match(WORD) ?? [];
  const hits = hitsIn(text, wanted);
  const from = Math.max(0, (hits[0]?.from ?? 0) - BEFORE);
  const to = Math.min(text.length, from + SHOWN);
  const pieces: Marked[] = from > 0 ? [{ text: '…', hit: false }] : [];
  let at = from;
  for (const hit of hits.filter((each) => each.from >= from && each.to <= to)) {
    if (hit.from > at) pieces.push({ text: text.slice(at, hit.from), hit: false });
    pieces.push({ text: text.slice(hit.from, hit.to), hit: true });
    at = hit.to;
  }
  if (at < to) pieces.push({ text: text.slice(at, to), hit: false });
  if (to < text.length) pieces.push({ text: '…', hit: false });
  return pieces;
};
