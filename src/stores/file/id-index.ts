import { randomBytes } from 'node:crypto';
import { halfSipHash } from '../../lib/half-sip-hash.ts';

/** Where a message with some id may be. */
export interface Place {
  /** Number of the conversation on the shelf. */
  readonly thread: number;
  readonly seq: number;
}

const SHARDS = 256;
const FIRST_CAPACITY = 16;
/** Numbers a slot takes: the hash, the thread + 1 (0: free), the seq. */
const SLOT = 3;
/** One free slot, never written to: a shard that is used gets its own. */
const EMPTY = new Uint32Array(SLOT);

/**
 * Every message id ever seen, in about 20 bytes each: a hash leads to the places that may hold the id, and the message
 * there says whether it does. Nothing but the hash is kept of an id.
 *
 * Open addressing in 256 tables that grow each for itself, so that growing is a matter of microseconds at any size.
 * The hash is keyed anew in each process: nobody can choose ids that collide.
 */
export class IdIndex {
  /** Made when first used: most logs are small, and have few of them. */
  readonly #shards: (Shard | undefined)[] = new Array(SHARDS);
  readonly #key = new Uint32Array(new Uint8Array(randomBytes(8)).buffer);
  #scratch = Buffer.allocUnsafe(1024);

  /** Makes room for so many ids at once, instead of growing step by step. */
  reserve(count: number): void {
    const wanted = (count / SHARDS) * 1.5;
    for (let i = 0; i < SHARDS; i += 1) {
      const shard = this.#shard(i);
      while (shard.slots.length / SLOT < wanted) grow(shard);
    }
  }

  /** Of an id; the same for its UTF-8 bytes. */
  hash(id: string): number {
    if (id.length * 3 > this.#scratch.length) this.#scratch = Buffer.allocUnsafe(id.length * 3);
    return this.hashBytes(this.#scratch, 0, this.#scratch.write(id));
  }

  hashBytes(bytes: Uint8Array, start: number, end: number): number {
    return halfSipHash(bytes, start, end, this.#key[0]!, this.#key[1]!);
  }

  /** Adds a place for an id of this hash. The caller sees to it that no place is added twice. */
  add(hash: number, thread: number, seq: number): void {
    const shard = this.#shard(hash >>> 24);
    if ((shard.used + 1) * SLOT * 4 > shard.slots.length * 3) grow(shard);
    put(shard.slots, hash, thread + 1, seq);
    shard.used += 1;
  }

  /** The places that may hold an id of this hash: none, one, or by chance more. */
  find(hash: number): Place[] {
    const slots = this.#shards[hash >>> 24]?.slots ?? EMPTY;
    const found: Place[] = [];
    for (let at = startOf(slots, hash); slots[at + 1] !== 0; at = next(slots, at)) {
      if (slots[at] === hash) found.push({ thread: slots[at + 1]! - 1, seq: slots[at + 2]! });
    }
    return found;
  }

  #shard(number: number): Shard {
    this.#shards[number] ??= { slots: EMPTY, used: 0 };
    return this.#shards[number];
  }
}

interface Shard {
  slots: Uint32Array;
  used: number;
}

/** The top byte chose the shard; the capacity is a power of two. */
const startOf = (slots: Uint32Array, hash: number): number => (hash & (slots.length / SLOT - 1)) * SLOT;
const next = (slots: Uint32Array, at: number): number => (at + SLOT === slots.length ? 0 : at + SLOT);

const put = (slots: Uint32Array, hash: number, threadPlusOne: number, seq: number): void => {
  let at = startOf(slots, hash);
  while (slots[at + 1] !== 0) at = next(slots, at);
  slots[at] = hash;
  slots[at + 1] = threadPlusOne;
  slots[at + 2] = seq;
};

const grow = (shard: Shard): void => {
  const { slots } = shard;
  shard.slots = new Uint32Array(Math.max(FIRST_CAPACITY * SLOT, slots.length * 2));
  for (let at = 0; at < slots.length; at += SLOT) {
    if (slots[at + 1] !== 0) put(shard.slots, slots[at]!, slots[at + 1]!, slots[at + 2]!);
  }
};
