import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Inspection } from './inspection.ts';

const inspect = (...chunks: (string | Buffer)[]): ReturnType<Inspection['result']> => {
  const inspection = new Inspection();
  for (const chunk of chunks) inspection.take(typeof chunk === 'string' ? Buffer.from(chunk, 'latin1') : chunk);
  return inspection.result();
};
const typeOf = (...chunks: (string | Buffer)[]): string => inspect(...chunks).type;
const utf8 = (text: string): Buffer => Buffer.from(text);

test('the content says what a file is', () => {
  const files: Record<string, string> = {
    'image/png': '\x89PNG\r\n\x1a\n....',
    'image/jpeg': '\xff\xd8\xff\xe0....',
    'image/gif': 'GIF89a....',
    'image/webp': 'RIFF\x24\0\0\0WEBPVP8 ....',
    'image/heic': '\0\0\0\x18ftypheic',
    'video/mp4': '\0\0\0\x18ftypisom',
    'video/webm': '\x1a\x45\xdf\xa3....',
    'application/pdf': '%PDF-1.7 ...',
    'application/zip': 'PK\x03\x04\x14\0\0\0\0\0....',
    'application/gzip': '\x1f\x8b\x08',
    'application/octet-stream': 'MZ\x90\0\x03',
    'text/plain': 'a,b\r\n1,2\n',
  };
  for (const [type, content] of Object.entries(files)) assert.equal(typeOf(content), type);
});

test('of a zip, what is in it says whether it is a document', () => {
  const entry = (name: string, rest = ''): string => `PK\x03\x04${'\0'.repeat(26)}${name}${rest}`;
  assert.match(
    typeOf(entry('[Content_Types].xml', '....PK\x03\x04\0\0word/document.xml')),
    /wordprocessingml\.document$/,
  );
  assert.match(typeOf(entry('_rels/.rels', '....PK\x03\x04\0\0xl/workbook.xml')), /spreadsheetml\.sheet$/);
  assert.equal(
    typeOf(entry('mimetypeapplication/vnd.oasis.opendocument.text', 'PK\x03\x04')),
    'application/vnd.oasis.opendocument.text',
  );
  assert.equal(typeOf(entry('notes/word/a.txt')), 'application/zip');
});

test('what a browser would run is named as what it is, however it begins', () => {
  const pages = ['<!DOCTYPE html><p>', '\n <!-- x --> <html>', '<script>alert(1)</script>', '<IMG src=x onerror=y>'];
  for (const page of pages) assert.equal(typeOf(page), 'text/html');
  const drawings = ['<svg onload="x">', '<?xml version="1.0"?>\n<!-- c -->\n<svg xmlns="">', '\ufeff<svg>'];
  for (const drawing of drawings) assert.equal(typeOf(utf8(drawing)), 'image/svg+xml');
  assert.equal(typeOf('<?xml version="1.0"?><feed>'), 'application/xml');
  assert.equal(typeOf('a < b and <c>'), 'text/plain');
});

test('text is UTF-8 without control characters, wherever it is cut', () => {
  const bytes = utf8('déjà vu 👋🏽\n'.repeat(3));
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    assert.equal(typeOf(bytes.subarray(0, cut), bytes.subarray(cut)), 'text/plain');
  }
  const others = ['a\0b', 'caf\xe9', 'a\x07', '\xc3', '\xed\xa0\x80'];
  for (const other of others) assert.equal(typeOf('long enough ', other), 'application/octet-stream', other);
});

test('images that may be shown have the size they are shown in', () => {
  const png = Buffer.alloc(33);
  png.write('\x89PNG\r\n\x1a\n', 'latin1');
  png.writeUInt32BE(640, 16);
  png.writeUInt32BE(480, 20);
  assert.deepEqual(inspect(png), { type: 'image/png', width: 640, height: 480 });
  assert.deepEqual(inspect('GIF89a\x02\x01\x03\0'), { type: 'image/gif', width: 258, height: 3 });
  const vp8 = 'RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a\x10\0\x20\0';
  assert.deepEqual(inspect(vp8), { type: 'image/webp', width: 16, height: 32 });
  const vp8l = Buffer.from('RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f\0\0\0\0', 'latin1');
  vp8l.writeUInt32LE((99 << 14) | 199, 21);
  assert.deepEqual(inspect(vp8l), { type: 'image/webp', width: 200, height: 100 });
  const vp8x = 'RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xc7\0\0\x63\0\0';
  assert.deepEqual(inspect(vp8x), { type: 'image/webp', width: 200, height: 100 });
});

const frame = '\xff\xc0\0\x11\x08\0\x64\0\xc8\x03....';
const segment = (marker: string, body: string): string => {
  const length = body.length + 2;
  return `\xff${marker}${String.fromCharCode(length >> 8, length & 255)}${body}`;
};

test('a photograph is as wide as it is shown: Exif may turn it', () => {
  const jpeg = (...segments: string[]): string => `\xff\xd8${segments.join('')}${frame}`;
  const exif = (orientation: string): string =>
    segment('\xe1', `Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0${orientation}\0\0`);
  const lying = { type: 'image/jpeg', width: 200, height: 100 };
  assert.deepEqual(inspect(jpeg(segment('\xe0', 'JFIF\0'), segment('\xdb', 'x'.repeat(65)))), lying);
  assert.deepEqual(inspect(jpeg(exif('\x03'))), lying);
  assert.deepEqual(inspect(jpeg(exif('\x06'))), { ...lying, width: 100, height: 200 });
  assert.deepEqual(inspect(jpeg(segment('\xe1', 'Exif\0\0II*\0\xff\xff\xff\xff'))), lying);
});

test('an image that is cut short, or would take gigabytes to draw, is a file like any other', () => {
  assert.deepEqual(inspect('\x89PNG\r\n\x1a\n\0\0'), { type: 'image/png' });
  assert.deepEqual(inspect(`\xff\xd8${segment('\xe0', 'JFIF\0')}`), { type: 'image/jpeg' });
  assert.deepEqual(inspect('GIF89a\0\0\0\0'), { type: 'image/gif' });
  const bomb = Buffer.alloc(33);
  bomb.write('\x89PNG\r\n\x1a\n', 'latin1');
  bomb.writeUInt32BE(50_000, 16);
  bomb.writeUInt32BE(50_000, 20);
  assert.deepEqual(inspect(bomb), { type: 'image/png' });
});
