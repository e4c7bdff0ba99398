const v = new Int32Array(4);

const round = (): void => {
  let v0 = (v[0]! + v[1]!) | 0;
  let v1 = ((v[1]! << 5) | (v[1]! >>> 27)) ^ v0;
  v0 = (v0 << 16) | (v0 >>> 16);
  let v2 = (v[2]! + v[3]!) | 0;
  let v3 = ((v[3]! << 8) | (v[3]! >>> 24)) ^ v2;
  v0 = (v0 + v3) | 0;
  v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
  v2 = (v2 + v1) | 0;
  v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
  v2 = (v2 << 16) | (v2 >>> 16);
  v[0] = v0;
  v[1] = v1;
  v[2] = v2;
  v[3] = v3;
};

const absorb = (word: number): void => {
  v[3]! ^= word;
  round();
  v[0]! ^= word;
};

/**
 * HalfSipHash-1-3 (SipHash of J.-P. Aumasson and D. J. Bernstein with 32-bit words): a keyed hash, so that whoever
 * chooses the input cannot choose the collisions.
 * @returns 32 bits, unsigned, of `bytes[start, end)`
 */
export const halfSipHash = (bytes: Uint8Array, start: number, end: number, key0: number, key1: number): number => {
  v[0] = key0;
  v[1] = key1;
  v[2] = 0x6c796765 ^ key0;
  v[3] = 0x74656462 ^ key1;
  let i = start;
  for (; i + 4 <= end; i += 4) {
    absorb(bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24));
  }
  let last = (end - start) << 24;
  for (let shift = 0; i < end; i += 1, shift += 8) last |= bytes[i]! << shift;
  absorb(last);
  v[2]! ^= 0xff;
  round();
  round();
  round();
  return (v[1]! ^ v[3]!) >>> 0;
};
