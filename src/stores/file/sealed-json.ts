import { crc32 } from 'node:zlib';

const SEAL = / {2}"crc32": "([0-9a-f]{8})"\n\}\n$/;

const checksum = (bytes: Uint8Array): string => crc32(bytes).toString(16).padStart(8, '0');

/** An object as JSON that a person can read, whose last member is the CRC-32 of every byte in front of it. */
export const sealJson = (value: object): Buffer => {
  const text = JSON.stringify(value, null, 2);
  const sealed = Buffer.from(`${text.slice(0, text.lastIndexOf('\n'))},\n`);
  return Buffer.concat([sealed, Buffer.from(`  "crc32": "${checksum(sealed)}"\n}\n`)]);
};

/**
 * Whether these bytes, which were read as `value`, are those that were written. Versions that did not seal wrote
 * nothing but `unsealedKeys`: with any other key in it, a file without a valid seal has lost it.
 */
export const isIntact = (bytes: Buffer, value: object, unsealedKeys: ReadonlySet<string>): boolean => {
  const seal = SEAL.exec(bytes.toString('latin1'));
  if (seal !== null) return checksum(bytes.subarray(0, seal.index)) === seal[1];
  return Object.keys(value).every((key) => unsealedKeys.has(key));
};
