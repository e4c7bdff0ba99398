/**
 * A name inside a sentence: it is written in its own direction and turns nothing around it. Where a name is an element
 * of its own, `<bdi>` does the same.
 */
export const isolated = (name: string): string => `\u2068${name}\u2069`;
