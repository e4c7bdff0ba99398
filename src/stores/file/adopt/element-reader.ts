import type { Disk, DiskFile } from '../disk.ts';
import { CHUNK_BYTES, readFully } from '../disk-files.ts';

/** One thing of a plain file: a conversation, or a message. */
export interface Element {
  /** The key it stands under; for an element of an array that stands under a key, that key. */
  readonly key: string | undefined;
  readonly value: unknown;
  /** Where it begins in the file. */
  readonly offset: number;
}

/** Something that could not be read. */
export interface Unreadable {
  readonly file: string;
  /** Byte where it begins. */
  readonly offset: number;
  readonly reason: string;
}

/** Longest element that is waited for: what is longer has lost its end. */
const ELEMENT_MAX_BYTES = 64 * 1024 * 1024;

const BYTE = { quote: 34, comma: 44, colon: 58, open: 91, backslash: 92, close: 93, openBrace: 123, closeBrace: 125 };
const isSpace = (byte: number): boolean => byte === 32 || byte === 10 || byte === 13 || byte === 9;

/**
 * Reads the elements of a JSON file of any size: of an array, of an object by key, and of the arrays in an object. It
 * never parses more than one element at a time and does not need the file to be whole: after bytes that are no element
 * it goes on with the next thing that looks like one and is one.
 */
export class ElementReader {
  readonly #path: string;
  readonly #unreadable: (problem: Unreadable) => void;
  #file: DiskFile | undefined;
  #bytes = Buffer.alloc(0);
  /** Place of `#bytes[0]` in the file; `#at` is an index into `#bytes`. */
  #base = 0;
  #at = 0;
  #ended = false;
  /** The containers around the place where we are, `{` or `[`, and the key of the innermost array. */
  #stack: number[] = [];
  #key: string | undefined;

  constructor(path: string, unreadable: (problem: Unreadable) => void) {
    this.#path = path;
    this.#unreadable = unreadable;
  }

  async *read(disk: Disk): AsyncGenerator<Element> {
    this.#file = await disk.open(this.#path, 'read');
    try {
      const first = await this.#skipSpace();
      if (first === undefined) return this.#report(0, 'the file is empty');
      if (first !== BYTE.openBrace && first !== BYTE.open)
        return this.#report(0, 'it is neither an object nor an array');
      this.#push(first);
      while (this.#stack.length > 0) {
        const element = await this.#next();
        if (element === 'end') return;
        if (element !== undefined) yield element;
      }
    } finally {
      await this.#file.close();
    }
  }

  /** The next element, nothing when only the place moved, or the end of the file. */
  async #next(): Promise<Element | undefined | 'end'> {
    const byte = await this.#skipSpace();
    const offset = this.#base + this.#at;
    const inner = this.#stack.at(-1)!;
    if (byte === undefined) {
      this.#report(offset, 'the file ends before its last bracket: it was cut');
      return 'end';
    }
    if (byte === BYTE.comma) this.#at += 1;
    else if (byte === (inner === BYTE.open ? BYTE.close : BYTE.closeBrace)) this.#pop();
    else if (inner === BYTE.open) return this.#value(byte, this.#key);
    else return this.#member(byte);
    return undefined;
  }

  async #member(byte: number): Promise<Element | undefined | 'end'> {
    const start = this.#base + this.#at;
    const text = byte === BYTE.quote ? await this.#capture() : undefined;
    const key = text === undefined ? undefined : parse(text);
    if (typeof key !== 'string' || (await this.#skipSpace()) !== BYTE.colon)
      return this.#recover(start, 'a key was expected');
    this.#at += 1;
    const first = await this.#skipSpace();
    if (first === BYTE.open && this.#stack.length === 1) {
      this.#push(first);
      this.#key = key;
      return undefined;
    }
    return this.#value(first, key);
  }

  async #value(first: number | undefined, key: string | undefined): Promise<Element | undefined | 'end'> {
    const offset = this.#base + this.#at;
    const text = first === undefined ? undefined : await this.#capture();
    const value = text === undefined ? undefined : parse(text);
    if (value === undefined) return this.#recover(offset, text === undefined ? 'it has no end' : 'it is not JSON');
    return { key, value, offset };
  }

  /**
   * Goes on behind bytes that are no element: with the next object that follows another one or begins an array, and
   * that can be parsed. A text may look like that too; then it does not parse, and the search goes on.
   */
  async #recover(offset: number, reason: string): Promise<Element | undefined | 'end'> {
    let from = offset + 1;
    for (;;) {
      const found = await this.#findCandidate(from);
      if (found === undefined) {
        this.#report(offset, `${reason}, and no other follows`);
        return 'end';
      }
      const text = await this.#capture();
      const value = text === undefined ? undefined : parse(text);
      if (typeof value === 'object' && value !== null) {
        this.#report(offset, `${reason}; reading went on at byte ${found.offset}`);
        if (found.key !== undefined) {
          this.#stack = [BYTE.openBrace, BYTE.open];
          this.#key = found.key;
        }
        return { key: this.#stack.at(-1) === BYTE.open ? this.#key : undefined, value, offset: found.offset };
      }
      from = found.offset + 1;
    }
  }

  /** Moves to the next `{` behind `},` or `[`; in front of the latter stands the key of its array. */
  async #findCandidate(from: number): Promise<{ offset: number; key: string | undefined } | undefined> {
    await this.#seek(Math.max(0, from - KEY_MAX_BYTES));
    while (this.#base + this.#at < from) if (!(await this.#step())) return undefined;
    for (;;) {
      if (this.#at >= this.#bytes.length && !(await this.#more(KEY_MAX_BYTES))) return undefined;
      if (this.#bytes[this.#at] === BYTE.openBrace) {
        const before = this.#before(this.#at);
        const separator = before < 0 ? undefined : this.#bytes[before];
        const offset = this.#base + this.#at;
        if (separator === BYTE.comma && this.#bytes[this.#before(before)] === BYTE.closeBrace)
          return { offset, key: undefined };
        const key = separator === BYTE.open ? this.#keyBefore(before) : undefined;
        if (key !== undefined) return { offset, key };
      }
      this.#at += 1;
    }
  }

  /** Index of the last byte in front of another that is no space; -1 when there is none in hand. */
  #before(index: number): number {
    let at = index - 1;
    while (at >= 0 && isSpace(this.#bytes[at]!)) at -= 1;
    return at;
  }

  /** The key in `"key":[`, read backwards from the bracket. */
  #keyBefore(bracket: number): string | undefined {
    const colon = this.#before(bracket);
    const end = colon < 0 || this.#bytes[colon] !== BYTE.colon ? -1 : this.#before(colon);
    if (end < 0 || this.#bytes[end] !== BYTE.quote) return undefined;
    let start = end - 1;
    while (start >= 0 && (this.#bytes[start] !== BYTE.quote || this.#bytes[start - 1] === BYTE.backslash)) start -= 1;
    const key = start < 0 ? undefined : parse(this.#bytes.toString('utf8', start, end + 1));
    return typeof key === 'string' ? key : undefined;
  }

  /** The text of the value that begins here, and moves behind it; `undefined` when it has no end. */
  async #capture(): Promise<string | undefined> {
    const start = this.#base + this.#at;
    let depth = 0;
    let inString = false;
    for (;;) {
      if (this.#at >= this.#bytes.length) {
        const held = this.#base + this.#bytes.length - start;
        if (held > ELEMENT_MAX_BYTES || !(await this.#more(held))) return undefined;
      }
      const byte = this.#bytes[this.#at]!;
      if (inString) {
        if (byte === BYTE.backslash) this.#at += 1;
        else if (byte === BYTE.quote) inString = false;
      } else if (byte === BYTE.quote) inString = true;
      else if (byte === BYTE.openBrace || byte === BYTE.open) depth += 1;
      else if (byte === BYTE.closeBrace || byte === BYTE.close) {
        depth -= 1;
        // The bracket belongs to the container: a bare number or word ends in front of it.
        if (depth < 0) return this.#bytes.toString('utf8', start - this.#base, this.#at);
      } else if (depth === 0) {
        if (byte === BYTE.comma || isSpace(byte)) return this.#bytes.toString('utf8', start - this.#base, this.#at);
        this.#at += 1;
        continue;
      }
      this.#at += 1;
      if (!inString && depth === 0) return this.#bytes.toString('utf8', start - this.#base, this.#at);
    }
  }

  #push(container: number): void {
    this.#stack.push(container);
    this.#at += 1;
  }

  #pop(): void {
    this.#stack.pop();
    this.#key = undefined;
    this.#at += 1;
  }

  #report(offset: number, reason: string): void {
    this.#unreadable({ file: this.#path, offset, reason });
  }

  /** The next byte that is no space, without passing it. */
  async #skipSpace(): Promise<number | undefined> {
    for (;;) {
      if (this.#at >= this.#bytes.length && !(await this.#more(0))) return undefined;
      const byte = this.#bytes[this.#at]!;
      // A byte order mark is three bytes that mean nothing, at the start only.
      const mark = this.#base + this.#at < 3 && MARK.includes(byte);
      if (!isSpace(byte) && !mark) return byte;
      this.#at += 1;
    }
  }

  async #step(): Promise<boolean> {
    if (this.#at >= this.#bytes.length && !(await this.#more(KEY_MAX_BYTES))) return false;
    this.#at += 1;
    return true;
  }

  async #seek(offset: number): Promise<void> {
    if (offset >= this.#base && offset <= this.#base + this.#bytes.length) {
      this.#at = offset - this.#base;
      return;
    }
    this.#base = offset;
    this.#at = 0;
    this.#bytes = Buffer.alloc(0);
    this.#ended = false;
  }

  /** Reads on, keeping the last `keep` bytes in hand; false at the end of the file. */
  async #more(keep: number): Promise<boolean> {
    if (this.#ended) return false;
    const kept = this.#bytes.subarray(Math.max(0, this.#bytes.length - keep));
    const next = Buffer.allocUnsafe(kept.length + CHUNK_BYTES);
    kept.copy(next);
    const end = this.#base + this.#bytes.length;
    const count = await readFully(this.#file!, next.subarray(kept.length), end);
    if (count < CHUNK_BYTES) this.#ended = true;
    this.#at -= this.#bytes.length - kept.length;
    this.#base = end - kept.length;
    this.#bytes = next.subarray(0, kept.length + count);
    return this.#at < this.#bytes.length;
  }
}

/** Longest key, with its quotes, that is found again behind damage. */
const KEY_MAX_BYTES = 4096;
const MARK = [0xef, 0xbb, 0xbf];

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
