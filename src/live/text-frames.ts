/** First byte of a WebSocket frame that is a whole text message (RFC 6455, section 5.2). */
const FINAL_TEXT = 0x81;

/**
 * Several text messages as the bytes of unmasked WebSocket frames, one behind the other: what leaves a socket in one
 * turn leaves in one buffer and one write, whatever the number of messages.
 */
export const encodeTextFrames = (texts: readonly string[]): Buffer => {
  const lengths = texts.map((text) => Buffer.byteLength(text));
  const size = lengths.reduce((sum, length) => sum + headerLength(length) + length, 0);
  const bytes = Buffer.allocUnsafe(size);
  let at = 0;
  texts.forEach((text, i) => {
    at = writeHeader(bytes, at, lengths[i]!);
    at += bytes.write(text, at);
  });
  return bytes;
};

const headerLength = (length: number): number => (length < 126 ? 2 : length < 65_536 ? 4 : 10);

const writeHeader = (bytes: Buffer, at: number, length: number): number => {
  bytes[at] = FINAL_TEXT;
  if (length < 126) {
    bytes[at + 1] = length;
    return at + 2;
  }
  if (length < 65_536) {
    bytes[at + 1] = 126;
    return bytes.writeUInt16BE(length, at + 2);
  }
  bytes[at + 1] = 127;
  return bytes.writeBigUInt64BE(BigInt(length), at + 2);
};
