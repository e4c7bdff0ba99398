import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { tempDir } from '../../test/support/temp-dir.ts';
import { replaceFile } from './replace-file.ts';

test('puts the new file in place of the old one, with the mode asked for, and leaves nothing beside it', async (t) => {
  const folder = tempDir(t);
  const path = join(folder, 'file');
  writeFileSync(`${path}.next`, 'what a crash left');
  await replaceFile(path, 'one', 0o600);
  await replaceFile(path, 'two', 0o600);
  assert.equal(readFileSync(path, 'utf8'), 'two');
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(folder), ['file']);
  await assert.rejects(replaceFile(join(folder, 'none', 'file'), 'x', 0o600), { code: 'ENOENT' });
});
