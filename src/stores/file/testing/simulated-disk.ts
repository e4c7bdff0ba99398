import { createHash } from 'node:crypto';
import { basename, dirname } from 'node:path';
import { everyChoice, randomChoice } from '../../../../test/support/random.ts';
import { type Disk, type DiskEntry, type DiskFile, type DiskLock, LockHeldError } from '../disk.ts';
import { Folder, Inode } from './disk-nodes.ts';
import { atAFewBytes, atAnyByte, survivorOf, writesAtStake } from './survivor.ts';

/** One call of the disk, as a fault rule sees it. */
export interface DiskCall {
  readonly op: keyof Disk | 'write' | 'read' | 'sync' | 'truncate' | 'close';
  readonly path: string;
  /** Of a write. */
  readonly bytes?: number;
  /** 1 for the first call of the disk's life. */
  readonly number: number;
}

/** What goes wrong with a call: an error code, or a write that takes only some bytes. */
export type Fault = { readonly code: string } | { readonly short: number };

const fail = (code: string, path: string): never => {
  throw Object.assign(new Error(`${code}: ${path}`), { code });
};

/**
 * A disk in memory that keeps apart what was written and what would survive a power cut. Faults are set by a rule;
 * {@link powerCut} gives the disk that the next start would find.
 */
export class SimulatedDisk implements Disk {
  /** Looks at every call before it happens. */
  fault: ((call: DiskCall) => Fault | undefined) | undefined;
  /** Keeps a read or a write waiting until a promise settles. */
  hold: ((call: Pick<DiskCall, 'op' | 'path'>) => Promise<void> | undefined) | undefined;
  /** Every call so far, newest last, for tests that check an order of events. */
  readonly calls: DiskCall[] = [];
  /** Told of every call before it happens, whatever becomes of it. */
  watch: ((call: DiskCall) => void) | undefined;
  /** From this call on everything fails: the moment of a power cut. */
  cutAt = Number.POSITIVE_INFINITY;
  /** Epoch ms. */
  now: () => number = Date.now;
  readonly #root: Folder;
  readonly #locks = new Set<string>();
  #life = 1;

  constructor(root: Folder = new Folder()) {
    this.#root = root;
  }

  /** What is left when the power fails now: of each unsynced change nothing, a part, or all. */
  powerCut(random: () => number): SimulatedDisk {
    return new SimulatedDisk(survivorOf(this.#root, randomChoice(random), atAnyByte));
  }

  /** Every disk that a power cut now can leave, one after the other; many writes at once are torn at a few bytes only. */
  *everyPowerCut(): Generator<SimulatedDisk> {
    const tear = writesAtStake(this.#root) > 1 ? atAFewBytes : atAnyByte;
    for (const choose of everyChoice()) yield new SimulatedDisk(survivorOf(this.#root, choose, tear));
  }

  /** Another disk that stands as this one does now, with the same things at stake. */
  twin(): SimulatedDisk {
    return new SimulatedDisk(this.#root.copy());
  }

  /** The process is killed: its files and locks go, what it wrote stays, synced or not. */
  kill(): void {
    this.#life += 1;
    this.#locks.clear();
  }

  async open(path: string, mode: 'read' | 'update' | 'create'): Promise<DiskFile> {
    this.#enter('open', path);
    const folder = this.#folder(dirname(path));
    const found = folder.live.get(basename(path));
    if (mode === 'create') {
      if (found !== undefined) fail('EEXIST', path);
      const made = new Inode();
      folder.change({ name: basename(path), node: made });
      return this.#file(path, made);
    }
    return found instanceof Inode ? this.#file(path, found) : fail('ENOENT', path);
  }

  #file(path: string, inode: Inode): DiskFile {
    let poisoned = false;
    const life = this.#life;
    const enter = (op: DiskCall['op'], bytes?: number): { short: number } | undefined =>
      life === this.#life ? this.#enter(op, path, bytes) : fail('EBADF', path);
    return {
      write: async (bytes, position) => {
        const fault = enter('write', bytes.length);
        await this.hold?.({ op: 'write', path });
        const taken = fault === undefined ? bytes : bytes.subarray(0, fault.short);
        if (taken.length > 0) inode.change({ at: position, bytes: Buffer.from(taken) });
        inode.touchedAt = this.now();
        return taken.length;
      },
      read: async (into, position) => {
        enter('read');
        await this.hold?.({ op: 'read', path });
        if (position >= inode.live.length) return 0;
        return inode.live.buffer.copy(into, 0, position, inode.live.length);
      },
      sync: async () => {
        if (poisoned) throw new Error(`test: ${path} was synced again after a failed sync`);
        try {
          enter('sync');
        } catch (error) {
          poisoned = true;
          inode.dropDirty();
          throw error;
        }
        inode.sync();
      },
      truncate: async (length) => {
        enter('truncate');
        inode.change({ length });
      },
      size: async () => inode.live.length,
      isAt: async (at) => {
        enter('stat');
        return this.#find(at) === inode;
      },
      close: async () => {
        enter('close');
      },
    };
  }

  async syncDirectory(path: string): Promise<void> {
    this.#enter('syncDirectory', path);
    this.#folder(path).sync();
  }

  async makeDirectory(path: string): Promise<void> {
    this.#enter('makeDirectory', path);
    const folder = this.#folder(dirname(path));
    if (!folder.live.has(basename(path))) folder.change({ name: basename(path), node: new Folder() });
  }

  async removeDirectory(path: string): Promise<void> {
    this.#enter('removeDirectory', path);
    if (this.#folder(path).live.size > 0) fail('ENOTEMPTY', path);
    this.#folder(dirname(path)).change({ name: basename(path), node: undefined });
  }

  async rename(from: string, to: string): Promise<void> {
    this.#enter('rename', to);
    const source = this.#folder(dirname(from));
    const target = this.#folder(dirname(to));
    const node = source.live.get(basename(from)) ?? fail('ENOENT', from);
    const gone = { name: basename(from), node: undefined };
    if (source === target) return source.change(gone, { name: basename(to), node });
    target.change({ name: basename(to), node });
    source.change(gone);
  }

  async unlink(path: string): Promise<void> {
    this.#enter('unlink', path);
    this.#inodeAt(path);
    this.#folder(dirname(path)).change({ name: basename(path), node: undefined });
  }

  async copy(from: string, to: string): Promise<void> {
    this.#enter('copy', to);
    const made = new Inode();
    made.change({ at: 0, bytes: this.#inodeAt(from).live.contents });
    this.#add(to, made);
  }

  async link(existing: string, name: string): Promise<void> {
    this.#enter('link', name);
    this.#add(name, this.#inodeAt(existing));
  }

  #inodeAt(path: string): Inode {
    const found = this.#folder(dirname(path)).live.get(basename(path));
    return found instanceof Inode ? found : fail('ENOENT', path);
  }

  #add(path: string, node: Inode): void {
    const folder = this.#folder(dirname(path));
    if (folder.live.has(basename(path))) fail('EEXIST', path);
    folder.change({ name: basename(path), node });
  }

  async list(path: string): Promise<string[]> {
    this.#enter('list', path);
    const found = this.#find(path);
    return found instanceof Folder ? [...found.live.keys()].sort() : [];
  }

  async stat(path: string): Promise<DiskEntry | undefined> {
    this.#enter('stat', path);
    const found = this.#find(path);
    if (found === undefined) return undefined;
    if (found instanceof Folder) return { size: 0, directory: true, touchedAt: 0 };
    return { size: found.live.length, directory: false, touchedAt: found.touchedAt };
  }

  async touch(path: string): Promise<void> {
    this.#enter('touch', path);
    const found = this.#find(path);
    if (!(found instanceof Inode)) return fail('ENOENT', path);
    found.touchedAt = this.now();
  }

  nativePath(): undefined {}

  async lock(path: string): Promise<DiskLock> {
    this.#enter('lock', path);
    if (this.#locks.has(path)) throw new LockHeldError(`${path} is held`);
    this.#locks.add(path);
    const held = this.#find(dirname(path));
    return {
      isInPlace: async () => this.#find(dirname(path)) === held,
      release: async () => {
        this.#locks.delete(path);
      },
    };
  }

  /** The bytes of a file as a reader sees them now. */
  bytes(path: string): Buffer {
    const found = this.#find(path);
    if (!(found instanceof Inode)) return fail('ENOENT', path);
    return Buffer.from(found.live.contents);
  }

  /** Puts a file on the medium as a person would, for damage and adoption; its folder must exist. */
  put(path: string, bytes: Uint8Array): void {
    this.#folder(dirname(path)).change({ name: basename(path), node: Inode.holding(bytes) });
    this.#folder(dirname(path)).sync();
  }

  /** Changes the bytes of a file where it stands, as rot does: whoever has it open reads the new ones. */
  overwrite(path: string, bytes: Uint8Array): void {
    const found = this.#find(path);
    if (!(found instanceof Inode)) throw new Error(`test: there is no ${path}`);
    found.change({ length: 0 });
    found.change({ at: 0, bytes: Buffer.from(bytes) });
    found.sync();
  }

  /** Paths of all files, sorted. */
  files(): string[] {
    const found: string[] = [];
    const walk = (folder: Folder, path: string): void => {
      for (const [name, node] of folder.live) {
        if (node instanceof Folder) walk(node, `${path}/${name}`);
        else found.push(`${path}/${name}`);
      }
    };
    walk(this.#root, '');
    return found.sort();
  }

  /** The same for disks that hold the same, as readers see it. */
  get fingerprint(): string {
    const hash = createHash('sha1');
    const walk = (folder: Folder): void => {
      for (const [name, node] of [...folder.live].sort(([a], [b]) => (a < b ? -1 : 1))) {
        if (node instanceof Folder) {
          hash.update(`${name}/\n`);
          walk(node);
        } else hash.update(`${name} ${node.live.length}\n`).update(node.live.contents);
      }
      hash.update('..\n');
    };
    walk(this.#root);
    return hash.digest('base64');
  }

  #enter(op: DiskCall['op'], path: string, bytes?: number): { short: number } | undefined {
    const call = { op, path, number: this.calls.length + 1, ...(bytes === undefined ? {} : { bytes }) };
    this.calls.push(call);
    this.watch?.(call);
    if (call.number >= this.cutAt) fail('EIO', `power cut at ${op} ${path}`);
    const fault = this.fault?.(call);
    if (fault === undefined) return undefined;
    return 'short' in fault ? fault : fail(fault.code, path);
  }

  #find(path: string): Inode | Folder | undefined {
    let node: Inode | Folder | undefined = this.#root;
    for (const name of path.split('/').filter((part) => part !== '')) {
      if (!(node instanceof Folder)) return undefined;
      node = node.live.get(name);
    }
    return node;
  }

  #folder(path: string): Folder {
    const found = this.#find(path);
    return found instanceof Folder ? found : fail('ENOENT', path);
  }
}
