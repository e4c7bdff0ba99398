import type { Attachment } from '../protocol/entities.ts';
import { FILE_NAME_MAX, NOT_IN_FILE_NAMES } from '../protocol/limits.ts';
import { plainLine } from '../protocol/plain-line.ts';
import { at } from './api.ts';
import { asClientError } from './client-error.ts';
import type { Call } from './http.ts';
import type { OutboxEntry, OutboxFile } from './outbox-storage.ts';

/** A content that the server has taken, as a post names it. */
export type UploadRef = Attachment & { receipt: string };

/** Largest image that is measured before it is sent: decoding it costs four bytes a pixel. */
const MEASURED_MAX_BYTES = 20_000_000;
/** Contents of one's own that are kept for being shown, so that they need not be fetched. */
const KEPT_MAX = 20;
const READ_TIMEOUT_MS = 120_000;

/** A file as the outbox keeps it: with a name that the server takes, and the size in which an image will be shown. */
export const toOutboxFile = async (file: File): Promise<OutboxFile> => {
  const { type, size } = file;
  const name = plainLine(file.name)
    .normalize('NFC')
    .replace(new RegExp(NOT_IN_FILE_NAMES, 'g'), '_')
    .slice(0, FILE_NAME_MAX);
  const plain = { name: name.toWellFormed() || 'file', type, size, blob: file };
  if (!/^image\/(?:png|jpeg|gif|webp)$/.test(type) || size > MEASURED_MAX_BYTES) return plain;
  try {
    const image = await createImageBitmap(file);
    const { width, height } = image;
    image.close();
    return { ...plain, width, height };
  } catch {
    // Not what it says it is: the server will tell.
    return plain;
  }
};

/** Files on their way to the server and back. */
export class Files {
  readonly #call: Call;
  readonly #onProgress: (entry: OutboxEntry) => void;
  /** By entry: what is uploaded already, so that a post that is tried again does not send it again. */
  readonly #uploads = new Map<string, UploadRef[]>();
  readonly #progress = new Map<string, number>();
  readonly #kept = new Map<string, Blob>();

  constructor(call: Call, onProgress: (entry: OutboxEntry) => void) {
    this.#call = call;
    this.#onProgress = onProgress;
  }

  /** Share of an entry's bytes that has left this device, 0 to 1; undefined when nothing is under way. */
  progress(entryId: string): number | undefined {
    return this.#progress.get(entryId);
  }

  /** Uploads what an entry holds and is not uploaded yet, one file after the other. */
  async upload(entry: OutboxEntry): Promise<UploadRef[]> {
    const { id, conversationId, files = [] } = entry;
    const done = this.#uploads.get(id) ?? [];
    this.#uploads.set(id, done);
    const total = files.reduce((sum, { size }) => sum + size, 0) || 1;
    const tell = (loaded: number): void => {
      const before = files.slice(0, done.length).reduce((sum, { size }) => sum + size, 0);
      this.#progress.set(id, Math.min(1, (before + loaded) / total));
      this.#onProgress(entry);
    };
    try {
      for (const { name, blob } of files.slice(done.length)) {
        tell(0);
        const upload = { upload: blob, onProgress: tell };
        const { attachment } = await this.#call<{ attachment: UploadRef }>(
          'POST',
          `${at(conversationId)}/attachments`,
          upload,
        );
        this.#keep(attachment.id, blob);
        done.push({ ...attachment, name });
      }
      return done;
    } finally {
      this.#progress.delete(id);
      this.#onProgress(entry);
    }
  }

  /** A post that named them was answered, or refused: what the server no longer has is uploaded again. */
  settled(entryId: string, error?: unknown): void {
    if (error === undefined || asClientError(error).code === 'attachment_gone') this.#uploads.delete(entryId);
  }

  /** The content of a file that a message names; `seq` is that message's. */
  async read(conversationId: string, { id, name }: Attachment, seq: number): Promise<Blob> {
    const kept = this.#kept.get(id);
    if (kept) return kept;
    const path = `${at(conversationId)}/attachments/${id}/${encodeURIComponent(name)}`;
    const blob = await this.#call<Blob>('GET', path, { query: { seq }, blob: true, timeoutMs: READ_TIMEOUT_MS });
    this.#keep(id, blob);
    return blob;
  }

  #keep(id: string, blob: Blob): void {
    this.#kept.set(id, blob);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT_MAX && oldest !== undefined) this.#kept.delete(oldest);
  }
}
