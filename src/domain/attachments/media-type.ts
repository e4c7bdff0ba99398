/**
 * What a file is, told from its content alone: a name and a claimed type prove nothing. Signatures as in the WHATWG
 * MIME Sniffing Standard and the formats' own specifications.
 */

const SIGNATURES: readonly (readonly [type: string, at: number, bytes: string])[] = [
  ['image/png', 0, '\x89PNG\r\n\x1a\n'],
  ['image/jpeg', 0, '\xff\xd8\xff'],
  ['image/gif', 0, 'GIF87a'],
  ['image/gif', 0, 'GIF89a'],
  ['image/webp', 8, 'WEBPVP8'],
  ['image/avif', 4, 'ftypavif'],
  ['image/heic', 4, 'ftypheic'],
  ['video/mp4', 4, 'ftyp'],
  ['video/webm', 0, '\x1a\x45\xdf\xa3'],
  ['audio/mpeg', 0, 'ID3'],
  ['application/pdf', 0, '%PDF-'],
  ['application/gzip', 0, '\x1f\x8b'],
];

const ZIP = 'PK\x03\x04';
const OFFICE = 'application/vnd.openxmlformats-officedocument.';
/** An office document is a zip; what is in it tells which. */
const IN_ZIP: readonly (readonly [part: string, type: string])[] = [
  ['word/', `${OFFICE}wordprocessingml.document`],
  ['xl/', `${OFFICE}spreadsheetml.sheet`],
  ['ppt/', `${OFFICE}presentationml.presentation`],
];
const OPEN_DOCUMENT = /^mimetype(application\/vnd\.oasis\.opendocument\.(?:text|spreadsheet|presentation))PK/;

/** Text that a browser would take for a page or a drawing, which may hold scripts. */
const MARKUP: readonly (readonly [type: string, begins: RegExp])[] = [
  ['image/svg+xml', /^(?:<\?xml[^>]*>|<!--[\s\S]*?-->|<!doctype svg[^>]*>|\s)*<svg[\s>]/i],
  [
    'text/html',
    /^(?:<!--[\s\S]*?-->|\s)*<(?:!doctype html|html|head|body|script|iframe|style|table|div|p|a|img)[\s>]/i,
  ],
  ['application/xml', /^\s*<\?xml/i],
];

/**
 * @param head the first bytes, 4 KiB of them or more where there are as many
 * @param isText whether all of it is UTF-8 without control characters
 */
export const mediaTypeOf = (head: Buffer, isText: boolean): string => {
  const bytes = head.toString('latin1', 0, 64 * 1024);
  const signed = SIGNATURES.find(([, at, signature]) => bytes.startsWith(signature, at));
  if (signed !== undefined) return signed[0];
  if (bytes.startsWith(ZIP)) return zipTypeOf(bytes);
  if (!isText) return 'application/octet-stream';
  const text = head.toString('utf8').replace(/^\ufeff/, '');
  return MARKUP.find(([, begins]) => begins.test(text))?.[0] ?? 'text/plain';
};

const zipTypeOf = (bytes: string): string => {
  const open = OPEN_DOCUMENT.exec(bytes.slice(30));
  if (open !== null) return open[1]!;
  if (!/^.{26}(?:\[Content_Types\]\.xml|_rels\/|docProps\/|word\/|xl\/|ppt\/)/s.test(bytes.slice(4))) {
    return 'application/zip';
  }
  return IN_ZIP.find(([part]) => bytes.includes(`\0${part}`) || bytes.includes(part))?.[1] ?? 'application/zip';
};

/** Images that browsers draw and that can hold no script: the only files that are ever shown in place. */
export const RASTER_TYPES: ReadonlySet<string> = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);
