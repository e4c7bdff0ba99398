import { type ImageSize, imageSizeOf } from './image-size.ts';
import { mediaTypeOf } from './media-type.ts';

/** Enough for the frame header of a JPEG behind its colour profile and preview. */
const HEAD_BYTES = 256 * 1024;
/** Control characters that texts have: tab, line feed, form feed, carriage return, escape. */
const TEXT_CONTROLS = new Set([9, 10, 12, 13, 27]);

/** Looks at a content while it passes: what it is, and how large an image is shown. */
export class Inspection {
  readonly #utf8 = new TextDecoder('utf-8', { fatal: true });
  #head = Buffer.alloc(0);
  #isText = true;

  take(chunk: Uint8Array): void {
    if (this.#head.length < HEAD_BYTES) this.#head = Buffer.concat([this.#head, chunk.subarray(0, HEAD_BYTES)]);
    if (this.#isText) this.#isText = this.#isTextBytes(chunk);
  }

  /** Once, after the last chunk. */
  result(): { readonly type: string } & Partial<ImageSize> {
    const isText = this.#isText && this.#isTextEnd();
    const type = mediaTypeOf(this.#head, isText);
    return { type, ...imageSizeOf(type, this.#head) };
  }

  #isTextBytes(chunk: Uint8Array): boolean {
    for (const byte of chunk) if (byte === 127 || (byte < 32 && !TEXT_CONTROLS.has(byte))) return false;
    try {
      this.#utf8.decode(chunk, { stream: true });
      return true;
    } catch {
      return false;
    }
  }

  #isTextEnd(): boolean {
    try {
      this.#utf8.decode();
      return true;
    } catch {
      return false;
    }
  }
}
