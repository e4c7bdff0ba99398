import { createHmac, timingSafeEqual } from 'node:crypto';
import { ATTACHMENTS_MAX, FILE_NAME_MAX, NOT_IN_FILE_NAMES } from '../../protocol/limits.ts';
import { type Actor, authorizeOn } from '../access.ts';
import type { Blobs } from '../blobs.ts';
import { GuichetError } from '../errors.ts';
import type { Attachment } from '../model/attachment.ts';
import { checkLine } from '../model/text.ts';
import type { Store } from '../store.ts';
import { Inspection } from './inspection.ts';

/** What files are taken. */
export interface AttachmentRules {
  /** In bytes; 0: none are taken. */
  readonly maxBytes: number;
  /** Media types; `image/*` for all of one kind. */
  readonly types: readonly string[];
}

/** A content that was taken. `receipt` proves to a post that it was uploaded to this conversation, as what it says. */
export interface Upload extends Omit<Attachment, 'name'> {
  readonly receipt: string;
}

/** A file as a post names it. */
export interface UploadRef extends Upload {
  readonly name: string;
}

export interface AttachmentsOptions {
  readonly store: Store;
  readonly blobs: Blobs;
  /** Signs receipts; the same in every process of a database. */
  readonly secret: string;
  readonly rules: AttachmentRules;
}

/** Pages of a conversation that are looked through for a file that was asked for without its message. */
const SEARCH_PAGE = 500;

/** Files on their way in and out: what is taken, who may name it in a message, and who may read it. */
export class Attachments {
  readonly rules: AttachmentRules;
  readonly #options: AttachmentsOptions;

  constructor(options: AttachmentsOptions) {
    this.#options = options;
    this.rules = options.rules;
  }

  /**
   * Whether a content of this length may be uploaded by this caller; to be asked before any of it is read.
   * @throws GuichetError `not_found`, `forbidden`, `too_large`, `invalid`
   */
  async admit(actor: Actor, conversationId: string, bytes: number): Promise<void> {
    authorizeOn(actor, 'message.post', await this.#options.store.conversation(conversationId));
    const { maxBytes } = this.rules;
    if (maxBytes === 0) throw new GuichetError('forbidden', 'This server takes no files.');
    if (bytes > maxBytes) throw new GuichetError('too_large', `A file has at most ${maxBytes} bytes.`);
    if (bytes === 0) throw new GuichetError('invalid', 'The file is empty.');
  }

  /**
   * Keeps a content that was admitted. Nothing is kept when this rejects.
   * @throws GuichetError `unsupported_type`, or that of the disk
   */
  async take(conversationId: string, content: AsyncIterable<Uint8Array>): Promise<Upload> {
    let found: Pick<Attachment, 'type' | 'width' | 'height'> | undefined;
    const blob = await this.#options.blobs.write(
      this.#inspected(content, (result) => {
        found = result;
      }),
    );
    const upload = { ...blob, ...found! };
    return { ...upload, receipt: this.#receiptFor(conversationId, upload) };
  }

  async *#inspected(
    content: AsyncIterable<Uint8Array>,
    tell: (result: ReturnType<Inspection['result']>) => void,
  ): AsyncGenerator<Uint8Array> {
    const inspection = new Inspection();
    for await (const chunk of content) {
      inspection.take(chunk);
      yield chunk;
    }
    const result = inspection.result();
    if (!this.#isTaken(result.type)) {
      throw new GuichetError('unsupported_type', `Files of the type ${result.type} are not accepted here.`);
    }
    tell(result);
  }

  #isTaken(type: string): boolean {
    return this.rules.types.some((taken) => taken === type || taken === `${type.split('/', 1)[0]}/*`);
  }

  /**
   * The files that a post names, checked, and kept from every sweep from now on.
   * @throws GuichetError `invalid`; `attachment_gone` when one is not kept, or was never uploaded to this conversation
   */
  async claim(conversationId: string, refs: readonly UploadRef[] = []): Promise<readonly Attachment[]> {
    if (refs.length > ATTACHMENTS_MAX) {
      throw new GuichetError('invalid', `A message has at most ${ATTACHMENTS_MAX} attachments.`);
    }
    const attachments = refs.map(({ receipt, ...attachment }) => {
      if (!isSame(receipt, this.#receiptFor(conversationId, attachment))) throw new GuichetError('attachment_gone');
      return { ...attachment, name: checkFileName(attachment.name) };
    });
    for (const { id } of attachments) {
      if (!(await this.#options.blobs.touch(id))) throw new GuichetError('attachment_gone');
    }
    return attachments;
  }

  /**
   * A file of a conversation, as a message that the caller may see names it.
   * @param seq of that message, as the caller counts; without it the conversation is looked through
   * @throws GuichetError `not_found`, in the same words whatever is missing
   */
  async find(actor: Actor, conversationId: string, id: string, seq?: number): Promise<Attachment> {
    const { store } = this.#options;
    authorizeOn(actor, 'conversation.read', await store.conversation(conversationId));
    const shown = actor.type === 'visitor';
    if (seq !== undefined && seq > 0) {
      const { messages } = await store.messages(conversationId, { after: seq - 1, limit: 1, public: shown });
      const [named] = messages.flatMap(({ value }) => value.attachments ?? []).filter((file) => file.id === id);
      if (named !== undefined) return named;
    }
    for (let before: number | undefined; ; ) {
      const range = { limit: SEARCH_PAGE, public: shown, ...(before !== undefined && { before }) };
      const page = await store.messages(conversationId, range);
      const named = page.messages.flatMap(({ value }) => value.attachments ?? []).find((file) => file.id === id);
      if (named !== undefined) return named;
      const first = page.messages[0]?.value;
      if (first === undefined || !page.hasMore) throw new GuichetError('not_found');
      before = shown ? first.publicSeq : first.seq;
    }
  }

  /** The bytes of a file; `unavailable` when a message names it and it is not there, for it may come back. */
  async read({ id }: Attachment): Promise<NonNullable<Awaited<ReturnType<Blobs['read']>>>> {
    const found = await this.#options.blobs.read(id);
    if (found !== undefined) return found;
    throw new GuichetError('unavailable', 'The content of this file is not at hand.');
  }

  #receiptFor(conversationId: string, { id, type, size, width, height }: Omit<Attachment, 'name'>): string {
    const sealed = JSON.stringify([conversationId, id, type, size, width ?? 0, height ?? 0]);
    return createHmac('sha256', this.#options.secret).update(sealed).digest('base64url');
  }
}

const checkFileName = (name: string): string => {
  const checked = checkLine('attachments.name', name, 1, FILE_NAME_MAX);
  if (!NOT_IN_FILE_NAMES.test(checked)) return checked;
  throw new GuichetError('invalid', 'The name of a file holds a slash.');
};

const isSame = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a, 'latin1'), Buffer.from(b, 'latin1'));
