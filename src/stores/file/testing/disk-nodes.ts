/** A write, or a change of length, that no sync has covered yet. */
export type Change = { readonly at: number; readonly bytes: Buffer } | { readonly length: number };

const NO_BYTES = Buffer.alloc(0);

/** Contents of a file. A twin has the same memory until one of the two is changed. */
class Bytes {
  buffer: Buffer = NO_BYTES;
  length = 0;
  #isShared = false;

  static of(buffer: Buffer): Bytes {
    const bytes = new Bytes();
    bytes.buffer = buffer;
    bytes.length = buffer.length;
    return bytes;
  }

  twin(): Bytes {
    const twin = Bytes.of(this.buffer);
    twin.length = this.length;
    twin.#isShared = true;
    this.#isShared = true;
    return twin;
  }

  apply(change: Change): void {
    if ('length' in change) {
      this.#own(change.length);
      this.buffer.fill(0, Math.min(change.length, this.length), Math.max(change.length, this.length));
      this.length = change.length;
      return;
    }
    const end = change.at + change.bytes.length;
    this.#own(end);
    change.bytes.copy(this.buffer, change.at);
    this.length = Math.max(this.length, end);
  }

  /** What is there, not to be changed. */
  get contents(): Buffer {
    return this.buffer.subarray(0, this.length);
  }

  /** Makes sure of memory of its own, for at least so many bytes. */
  #own(size: number): void {
    if (!this.#isShared && size <= this.buffer.length) return;
    const doubled = size > this.buffer.length ? this.buffer.length * 2 : this.buffer.length;
    const own = Buffer.alloc(Math.max(size, doubled, 256));
    this.buffer.copy(own, 0, 0, this.length);
    this.buffer = own;
    this.#isShared = false;
  }
}

/** A file as the page cache has it (`live`), as the medium has it (`synced`), and what lies between. */
export class Inode {
  live = new Bytes();
  synced = new Bytes();
  changes: Change[] = [];
  /** Epoch ms. */
  touchedAt = 0;

  /** A file that stands on the medium. */
  static of(synced: Bytes): Inode {
    const inode = new Inode();
    inode.synced = synced;
    inode.live = synced.twin();
    return inode;
  }

  /** The same, with these contents. */
  static holding(contents: Uint8Array): Inode {
    return Inode.of(Bytes.of(Buffer.from(contents)));
  }

  change(change: Change): void {
    this.live.apply(change);
    this.changes.push(change);
  }

  sync(): void {
    for (const change of this.changes) this.synced.apply(change);
    this.changes = [];
  }

  /** A failed sync leaves the pages marked clean: a later sync reports success and never writes them. */
  dropDirty(): void {
    this.changes = [];
  }

  /** The same file on another disk, with the same bytes at stake. */
  copy(): Inode {
    const copy = Inode.of(this.synced.twin());
    copy.live = this.live.twin();
    copy.changes = [...this.changes];
    copy.touchedAt = this.touchedAt;
    return copy;
  }
}

/** Names changed by one call. */
type Renaming = readonly { readonly name: string; readonly node: Inode | Folder | undefined }[];

export class Folder {
  live = new Map<string, Inode | Folder>();
  synced = new Map<string, Inode | Folder>();
  changes: Renaming[] = [];

  change(...entries: Renaming): void {
    for (const { name, node } of entries) setOrDelete(this.live, name, node);
    this.changes.push(entries);
  }

  sync(): void {
    for (const { name, node } of this.changes.flat()) setOrDelete(this.synced, name, node);
    this.changes = [];
  }

  /** The same tree on another disk, with the same things at stake. */
  copy(seen = new Map<Inode | Folder, Inode | Folder>()): Folder {
    const copy = new Folder();
    seen.set(this, copy);
    const of = (node: Inode | Folder): Inode | Folder => {
      const copied = seen.get(node) ?? (node instanceof Folder ? node.copy(seen) : node.copy());
      seen.set(node, copied);
      return copied;
    };
    for (const [name, node] of this.live) copy.live.set(name, of(node));
    for (const [name, node] of this.synced) copy.synced.set(name, of(node));
    copy.changes = this.changes.map((renaming) =>
      renaming.map(({ name, node }) => ({ name, node: node === undefined ? undefined : of(node) })),
    );
    return copy;
  }
}

export const setOrDelete = <V>(map: Map<string, V>, key: string, value: V | undefined): void => {
  if (value === undefined) map.delete(key);
  else map.set(key, value);
};
