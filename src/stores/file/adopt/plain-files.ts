import { join } from 'node:path';
import { isFields } from '../../../domain/adopt/plain-fields.ts';
import { PlainItems } from '../../../domain/adopt/plain-items.ts';
import type { ImportItem } from '../../../domain/change.ts';
import type { Disk } from '../disk.ts';
import { NodeDisk } from '../node-disk.ts';
import { type Element, ElementReader, type Unreadable } from './element-reader.ts';

export const CONVERSATIONS_FILE = 'conversations.json';
export const MESSAGES_FILE = 'messages.json';

export interface PlainFilesOptions {
  /** Of times without a zone; an IANA name, the system's when absent. */
  readonly timezone?: string | undefined;
  readonly disk?: Disk;
  /** Told of everything that could not be read, as it is met. */
  readonly onUnreadable?: (problem: Unreadable) => void;
}

/**
 * What another program kept in `conversations.json` and `messages.json`, as items of an import: people first, a
 * conversation before its messages, messages in the order of the file. Never more than one element of a file is parsed
 * at a time. One of the files may be missing.
 */
export async function* readPlainFiles(directory: string, options: PlainFilesOptions = {}): AsyncGenerator<ImportItem> {
  yield* new PlainFiles(directory, options).items();
}

class PlainFiles {
  readonly #directory: string;
  readonly #disk: Disk;
  readonly #items: PlainItems;
  readonly #unreadable: (problem: Unreadable) => void;

  constructor(directory: string, options: PlainFilesOptions) {
    this.#directory = directory;
    this.#disk = options.disk ?? new NodeDisk();
    this.#items = new PlainItems(options.timezone);
    this.#unreadable = options.onUnreadable ?? (() => {});
  }

  async *items(): AsyncGenerator<ImportItem> {
    for await (const element of this.#elements(CONVERSATIONS_FILE)) {
      if (isFields(element.value)) yield* this.#items.conversation(element.value, element.key);
      else this.#skip(CONVERSATIONS_FILE, element.offset);
    }
    for await (const element of this.#elements(MESSAGES_FILE)) {
      yield* this.#message(element);
    }
    yield* this.#items.release();
  }

  async *#elements(name: string): AsyncGenerator<Element> {
    const path = join(this.#directory, name);
    if ((await this.#disk.stat(path)) === undefined) return;
    yield* new ElementReader(path, this.#unreadable).read(this.#disk);
  }

  *#message({ value, key, offset }: Element): Generator<ImportItem> {
    if (!isFields(value)) this.#skip(MESSAGES_FILE, offset);
    else if (this.#items.conversationOf(value, key) !== undefined) yield* this.#items.message(value, key);
    else this.#skip(MESSAGES_FILE, offset, 'it does not say which conversation it belongs to');
  }

  #skip(name: string, offset: number, reason = 'it is not an object'): void {
    this.#unreadable({ file: join(this.#directory, name), offset, reason });
  }
}
