let lastMillis = 0;
let counter = 0;

/**
 * A UUID of version 7 (RFC 9562): sorts by time of making, and strictly so within this process, because the 12 bits
 * after the version count up within a millisecond (method 1 of its section 6.2). The outbox orders by it.
 */
export const uuidv7 = (now: number = Date.now()): string => {
  const random = crypto.getRandomValues(new Uint8Array(10));
  if (now > lastMillis) {
    lastMillis = now;
    // The highest of the 12 bits starts at 0, which leaves room to count.
    counter = ((random[8]! & 0x07) << 8) | random[9]!;
  } else if (++counter > 0xfff) {
    lastMillis += 1;
    counter = 0;
  }
  const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  random[0] = 0x80 | (random[0]! & 0x3f);
  const time = lastMillis.toString(16).padStart(12, '0');
  const tail = hex(random.subarray(0, 8));
  const version = `7${counter.toString(16).padStart(3, '0')}`;
  return `${time.slice(0, 8)}-${time.slice(8)}-${version}-${tail.slice(0, 4)}-${tail.slice(4)}`;
};
