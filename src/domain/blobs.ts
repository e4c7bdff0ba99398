/**
 * The port of whoever keeps the content of files, each under the SHA-256 of it (64 hex digits) and never altered.
 * An outage (full disk, I/O error) rejects with `storage_full` or `unavailable` and leaves what was kept as it was.
 */
export interface Blobs {
  /**
   * Keeps a content; when it resolves, the content survives a power cut. When it rejects, or `content` throws, nothing
   * is kept. The same content again counts as touched. With an `id`, a content of another hash is `invalid`.
   */
  write(content: AsyncIterable<Uint8Array>, id?: string): Promise<Blob>;
  /** Its size and its bytes, `undefined` when it is not kept. The bytes end in an error when they are damaged. */
  read(id: string): Promise<{ readonly size: number; readonly content: AsyncIterable<Buffer> } | undefined>;
  has(id: string): Promise<boolean>;
  /** Everything that is kept, in order of id. */
  list(): AsyncIterable<Blob & { readonly touchedAt: number }>;
  /** Marks a content as needed now, so that no sweep takes it; false when it is not kept. */
  touch(id: string): Promise<boolean>;
  /** Removes a content unless it was touched at this time (epoch ms) or later; answers whether it is gone. */
  removeUntouched(id: string, since: number): Promise<boolean>;
  /** Removes what writes that were cut short left behind, if it is older than this time (epoch ms). */
  removeLeftovers(before: number): Promise<void>;
}

export interface Blob {
  readonly id: string;
  readonly size: number;
}

/** What an id looks like; nothing else ever becomes part of a path. */
export const BLOB_ID = /^[0-9a-f]{64}$/;
