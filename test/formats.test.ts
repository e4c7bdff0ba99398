import assert from 'node:assert/strict';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { digestLog, wholeDigest } from '../src/domain/digest.ts';
import { FileStore } from '../src/stores/file/file-store.ts';
import { runCli } from './support/run-cli.ts';
import { root } from './support/server.ts';
import { type Scope, tempDir } from './support/temp-dir.ts';

const FIXTURES = join(root, 'test/fixtures');

interface Expected {
  readonly digest: string;
  readonly position: number;
  readonly messages: number;
}

/** A copy of what an earlier version wrote, which may be written to. */
const copyOf = (t: Scope, format: string): { dir: string; expected: Expected } => {
  const dir = tempDir(t);
  cpSync(join(FIXTURES, format), dir, { recursive: true });
  return { dir, expected: JSON.parse(readFileSync(join(dir, 'expected.json'), 'utf8')) as Expected };
};

const digestOf = async (directory: string, reading: boolean): Promise<string> => {
  const store = new FileStore({ directory });
  await store.open(reading ? { reading } : {});
  const digest = wholeDigest(await digestLog(store));
  await store.close();
  return digest;
};

for (const format of readdirSync(FIXTURES)) {
  test(`[BK-16] a data directory, a backup and an export of ${format} are read by this version`, async (t) => {
    const { dir, expected } = copyOf(t, format);
    assert.equal(await digestOf(join(dir, 'data'), true), expected.digest);
    assert.equal(await digestOf(join(dir, 'backup'), true), expected.digest);
    const restored = join(dir, 'restored');
    const done = await runCli(['restore', '--from', join(dir, 'backup'), '--to', `file:${restored}`]);
    assert.equal(done.code, 0, done.stderr);
    assert.equal(await digestOf(restored, true), expected.digest);
    assert.equal(await digestOf(join(dir, 'data'), false), expected.digest);
    const checked = await runCli(['check', '--store', `file:${join(dir, 'data')}`]);
    assert.equal(checked.code, 0, checked.stdout);
    const imported = await runCli([
      'import',
      '--from',
      join(dir, 'export'),
      '--store',
      `file:${join(dir, 'imported')}`,
    ]);
    assert.deepEqual([imported.code, imported.stderr], [0, '']);
  });

  test(`[BK-16] a format newer than this version's is refused in a sentence and left as it is (${format})`, async (t) => {
    for (const [file, command] of [
      ['data/manifest.json', ['check', '--store', 'file:DIR/data']],
      ['backup/manifest.json', ['restore', '--from', 'DIR/backup', '--dry-run']],
    ] as const) {
      const { dir } = copyOf(t, format);
      const path = join(dir, file);
      const newer = readFileSync(path, 'utf8').replace(/"format": \d+/g, '"format": 99');
      writeFileSync(path, newer);
      const { code, stdout, stderr } = await runCli(command.map((word) => word.replace('DIR', dir)));
      assert.equal(code, 1);
      assert.match(stdout + stderr, /was written by a newer version of Guichet \((backup )?format 99\)/);
      assert.equal(readFileSync(path, 'utf8'), newer);
    }
  });
}
