/** Width and height in pixels, as an image is shown. */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** Decoding takes four bytes a pixel: a file of a few kilobytes may ask a browser for gigabytes. */
const PIXELS_MAX = 50_000_000;

/**
 * Reads the size of a PNG, GIF, WebP or JPEG from its first bytes, without decoding it.
 * @returns undefined when it cannot be found there, or is too large to be shown
 */
export const imageSizeOf = (type: string, head: Buffer): ImageSize | undefined => {
  let size: ImageSize | undefined;
  try {
    size = READERS[type]?.(head);
  } catch (error) {
    // Read past the end: the file is cut short, or lies.
    if (!(error instanceof RangeError)) throw error;
  }
  if (size === undefined || size.width < 1 || size.height < 1 || size.width * size.height > PIXELS_MAX)
    return undefined;
  return size;
};

/** Lossy, lossless and extended WebP: three headers (developers.google.com/speed/webp/docs/riff_container). */
const webpSize = (b: Buffer): ImageSize | undefined => {
  switch (b.toString('latin1', 12, 16)) {
    case 'VP8 ':
      return { width: b.readUInt16LE(26) & 0x3fff, height: b.readUInt16LE(28) & 0x3fff };
    case 'VP8L': {
      const bits = b.readUInt32LE(21);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case 'VP8X':
      return { width: b.readUIntLE(24, 3) + 1, height: b.readUIntLE(27, 3) + 1 };
    default:
      return undefined;
  }
};

/** Walks the segments up to the frame header (ITU-T T.81, B.1.1); Exif may say that it is shown on its side. */
const jpegSize = (b: Buffer): ImageSize | undefined => {
  let isTurned = false;
  for (let at = 2; b.readUInt8(at) === 0xff; ) {
    const marker = b.readUInt8(at + 1);
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) {
      const [height, width] = [b.readUInt16BE(at + 5), b.readUInt16BE(at + 7)];
      return isTurned ? { width: height, height: width } : { width, height };
    }
    const length = b.readUInt16BE(at + 2);
    if (marker === 0xe1) isTurned = orientationOf(b.subarray(at + 4, at + 2 + length)) >= 5;
    at += 2 + length;
  }
  return undefined;
};

/** The orientation of an Exif segment, 1 to 8 (Exif 2.3, 4.6.4); 1 where it says nothing readable. */
const orientationOf = (exif: Buffer): number => {
  try {
    if (exif.toString('latin1', 0, 6) !== 'Exif\0\0') return 1;
    const tiff = exif.subarray(6);
    const isLittle = tiff.toString('latin1', 0, 2) === 'II';
    const short = (at: number): number => (isLittle ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
    const directory = isLittle ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
    for (let i = 0; i < short(directory); i += 1) {
      const entry = directory + 2 + 12 * i;
      if (short(entry) === 0x0112) return short(entry + 8);
    }
  } catch {
    // Not readable: shown as it lies.
  }
  return 1;
};

const READERS: Readonly<Record<string, (b: Buffer) => ImageSize | undefined>> = {
  'image/png': (b) => ({ width: b.readUInt32BE(16), height: b.readUInt32BE(20) }),
  'image/gif': (b) => ({ width: b.readUInt16LE(6), height: b.readUInt16LE(8) }),
  'image/webp': webpSize,
  'image/jpeg': jpegSize,
};
