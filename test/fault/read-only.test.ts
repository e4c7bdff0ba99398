import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { call } from '../support/call.ts';
import { startServer } from '../support/server.ts';
import { runOnSmallDisk, smallDisk } from '../support/small-disk.ts';
import { tempDir } from '../support/temp-dir.ts';
import { until } from '../support/until.ts';

const dir = smallDisk();

const remount = (how: 'ro' | 'rw'): void => {
  const { status, stderr } = spawnSync('mount', ['-o', `remount,${how}`, dir!], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
};

if (dir === undefined) {
  test('a read-only file system', (t) => runOnSmallDisk(t, fileURLToPath(import.meta.url), tempDir(t), 12));
} else {
  test('[FS-17] on a file system that is read-only all is read and nothing taken; writable again, it goes on by itself', async (t) => {
    const dataDir = tempDir(t, dir);
    const server = await startServer(t, { dataDir, flags: ['--snapshot-every=0'] });
    await call(server, 'POST', '/conversations', { id: 'c', userId: 'visitor' });
    const post = (id: string) => call(server, 'POST', '/conversations/c/messages', { id, content: `text of ${id}` });
    const ids = async (): Promise<string[]> => {
      const { body } = await call<{ messages: { id: string }[] }>(server, 'GET', '/conversations/c/messages');
      return body.messages.map(({ id }) => id);
    };
    assert.equal((await post('m1')).status, 201);
    await server.kill9();
    remount('ro');
    try {
      await server.restart();
      assert.deepEqual(await ids(), ['m1']);
      const refused = await post('m2');
      assert.deepEqual([refused.status, refused.body.code, refused.body.retry], [503, 'unavailable', 'later']);
      assert.equal((await fetch(`${server.url}/readyz`)).status, 503);
    } finally {
      remount('rw');
    }
    await until(async () => (await fetch(`${server.url}/readyz`)).status === 200);
    assert.equal((await post('m2')).status, 201);
    await server.kill9();
    await server.restart();
    assert.deepEqual(await ids(), ['m1', 'm2']);
  });
}
