import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { tempDir } from '../../test/support/temp-dir.ts';
import { WebFiles } from './web-files.ts';

const setUp = (t: { after(fn: () => void): void }): { root: string; files: WebFiles } => {
  const folder = tempDir(t);
  const root = join(folder, 'dist');
  mkdirSync(join(root, 'assets'), { recursive: true });
  writeFileSync(join(folder, 'secret.json'), 'secret');
  writeFileSync(join(root, 'index.html'), '<p>one</p>');
  writeFileSync(join(root, '.hidden.json'), 'hidden');
  writeFileSync(join(root, 'noextension'), 'x');
  writeFileSync(join(root, 'assets/a-1.js'), 'let a;'.repeat(100));
  return { root, files: new WebFiles(root) };
};

test('a file comes in the encoding that the browser takes, and says which', async (t) => {
  const { files } = setUp(t);
  const text = 'let a;'.repeat(100);
  const br = await files.get('assets/a-1.js', 'gzip, deflate, br');
  assert.deepEqual([br?.encoding, br?.type], ['br', 'text/javascript; charset=utf-8']);
  assert.equal(brotliDecompressSync(br!.bytes).toString(), text);
  const gzip = await files.get('assets/a-1.js', 'gzip, br;q=0');
  assert.equal(gzip?.encoding, 'gzip');
  assert.equal(gunzipSync(gzip.bytes).toString(), text);
  const plain = await files.get('assets/a-1.js');
  assert.deepEqual([plain?.encoding, plain?.bytes.toString()], ['identity', text]);
  assert.equal(new Set([br?.etag, gzip.etag, plain?.etag]).size, 3);
});

test('a file that was built anew is served anew', async (t) => {
  const { root, files } = setUp(t);
  const before = await files.get('index.html', 'br');
  writeFileSync(join(root, 'index.html'), '<p>two</p>');
  utimesSync(join(root, 'index.html'), 1, 1);
  const after = await files.get('index.html', 'br');
  assert.equal(brotliDecompressSync(after!.bytes).toString(), '<p>two</p>');
  assert.notEqual(after?.etag, before?.etag);
});

test('no name leads anywhere but to a built file', async (t) => {
  const { root, files } = setUp(t);
  const away = ['../secret.json', 'assets/../../secret.json', '/etc/hosts.json', '..\\secret.json', 'assets//a-1.js'];
  const others = ['', '.', '..', '.hidden.json', 'noextension', 'assets', 'index.html/', 'index.html\0.js', 'none.js'];
  for (const name of [...away, ...others]) assert.equal(await files.get(name), undefined, name);
  symlinkSync(root, join(root, 'folder.js'));
  assert.equal(await files.get('folder.js'), undefined);
});
