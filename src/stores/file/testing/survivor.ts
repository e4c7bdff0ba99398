import type { Choose } from '../../../../test/support/random.ts';
import { type Change, Folder, Inode, setOrDelete } from './disk-nodes.ts';

/** What can become of bytes that were written and not synced. */
const FATES = ['lost', 'zeros', 'garbage', 'kept', 'beginning', 'end', 'sectors', 'stale'] as const;
/** Of a change of length, and of a write too small to be torn. */
const ATOMIC_FATES = ['lost', 'kept'] as const;

const SECTOR = 512;
const GARBAGE = 0xa5;

/** At which byte a write of this length is torn: 1 to one less than its length. */
export type Tear = (length: number, choose: Choose) => number;

export const atAnyByte: Tear = (length, choose) => 1 + choose(length - 1);

/** For where many writes are at stake at once and every combination is to be tried. */
export const atAFewBytes: Tear = (length, choose) => [1, length >> 1, length - 1][choose(3)]!;

/**
 * The tree that is left when the power fails: of what was not synced, each change of names is kept or lost for itself,
 * which gives every order in which a disk may have done them, and each write has a fate of its own.
 */
export const survivorOf = (root: Folder, choose: Choose, tear: Tear): Folder => {
  const seen = new Map<Inode | Folder, Inode | Folder>();
  const ofFolder = (folder: Folder): Folder => {
    const left = new Folder();
    const names = new Map(folder.synced);
    for (const renaming of folder.changes) {
      if (choose(2) === 0) for (const { name, node } of renaming) setOrDelete(names, name, node);
    }
    for (const [name, node] of names) {
      const kept = seen.get(node) ?? (node instanceof Folder ? ofFolder(node) : ofFile(node, choose, tear));
      seen.set(node, kept);
      left.live.set(name, kept);
      left.synced.set(name, kept);
    }
    return left;
  };
  return ofFolder(root);
};

const ofFile = (inode: Inode, choose: Choose, tear: Tear): Inode => {
  const left = Inode.of(inode.synced.twin());
  const { contents: synced } = inode.synced;
  for (const change of inode.changes) for (const part of leftOf(change, synced, choose, tear)) left.change(part);
  left.sync();
  return left;
};

const leftOf = (change: Change, synced: Buffer, choose: Choose, tear: Tear): readonly Change[] => {
  if ('length' in change || change.bytes.length < 2)
    return ATOMIC_FATES[choose(ATOMIC_FATES.length)] === 'lost' ? [] : [change];
  const { at, bytes } = change;
  switch (FATES[choose(FATES.length)]!) {
    case 'lost':
      return [];
    case 'kept':
      return [change];
    case 'zeros':
      return [{ at, bytes: Buffer.alloc(bytes.length) }];
    case 'garbage':
      return [{ at, bytes: Buffer.alloc(bytes.length, GARBAGE) }];
    case 'beginning':
      return [{ at, bytes: bytes.subarray(0, tear(bytes.length, choose)) }];
    case 'end': {
      const from = tear(bytes.length, choose);
      return [{ at: at + from, bytes: bytes.subarray(from) }];
    }
    case 'sectors':
      return sectorsOf(at, bytes).filter(() => choose(2) === 0);
    case 'stale':
      // The block was freed by somebody else and holds what looks right: the file's own beginning.
      return [{ at, bytes: Buffer.alloc(bytes.length, synced.length > 0 ? synced : GARBAGE) }];
  }
};

const sectorsOf = (at: number, bytes: Buffer): { at: number; bytes: Buffer }[] => {
  const sectors: { at: number; bytes: Buffer }[] = [];
  for (let from = at; from < at + bytes.length; ) {
    const to = Math.min((Math.floor(from / SECTOR) + 1) * SECTOR, at + bytes.length);
    sectors.push({ at: from, bytes: bytes.subarray(from - at, to - at) });
    from = to;
  }
  return sectors;
};

/** How many writes of more than a byte are at stake below this folder. */
export const writesAtStake = (folder: Folder): number => {
  const nodes = new Set([...folder.synced.values(), ...folder.changes.flat().flatMap(({ node }) => node ?? [])]);
  let count = 0;
  for (const node of nodes) count += node instanceof Folder ? writesAtStake(node) : node.changes.length;
  return count;
};
