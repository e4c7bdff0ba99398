import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { tempDir } from '../../../test/support/temp-dir.ts';
import { NodeDisk } from './node-disk.ts';
import { openOn, storeOn } from './testing/site.ts';

test('[FS-16] a place that can never be a data directory is refused, not waited for', async (t) => {
  const directory = tempDir(t);
  const file = join(directory, 'file');
  writeFileSync(file, 'in the way');
  for (const place of [file, join(file, 'below')]) {
    const { store } = storeOn(t, new NodeDisk(), { directory: place });
    await assert.rejects(store.open(), { code: 'refused', message: /cannot be used as a data directory/ });
  }
  assert.equal(readFileSync(file, 'utf8'), 'in the way');
});

test('[FS-2] a directory that a store holds is refused to another, of this process or of any other', async (t) => {
  const directory = tempDir(t);
  const first = await openOn(t, new NodeDisk(), { directory });
  const second = storeOn(t, new NodeDisk(), { directory });
  await assert.rejects(second.store.open(), /Another process holds the directory/);
  const script = `
    import { FileStore } from ${JSON.stringify(new URL('./file-store.ts', import.meta.url).href)};
    const store = new FileStore({ directory: ${JSON.stringify(directory)} });
    await store.open().then(() => console.log('open'), (error) => console.log(error.code));
    setInterval(() => {}, 1000);
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  assert.equal(said.toString().trim(), 'refused');
  child.kill('SIGKILL');
  await once(child, 'exit');
  await first.store.close();
  const holder = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => holder.kill('SIGKILL'));
  assert.equal(((await once(holder.stdout, 'data')) as [Buffer])[0].toString().trim(), 'open');
  await assert.rejects(storeOn(t, new NodeDisk(), { directory }).store.open(), /Another process holds/);
  // However it ends, the lock goes with the process.
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  const third = await openOn(t, new NodeDisk(), { directory });
  assert.equal(third.store.health().state, 'open');
  await third.store.close();
});
