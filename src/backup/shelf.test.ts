import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../test/support/random.ts';
import { backUp, SHELF } from '../stores/file/testing/keeping-lives.ts';
import { momentsOf } from '../stores/file/testing/power-cuts.ts';
import { opened, say } from '../stores/file/testing/site.ts';
import { Shelf } from './shelf.ts';

const namesOn = async (shelf: Shelf): Promise<string[]> => (await shelf.list()).map(({ name }) => name);

test('[BK-9] a power cut while old backups go leaves those that are kept, and of an old one all or nothing that counts', async (t) => {
  const { disk, writer } = await opened(t);
  for (const day of ['2025-01-06', '2025-01-07', '2025-01-08']) {
    await say(writer, day, 2);
    await backUp(disk, day);
  }
  const random = seededRandom(1);
  const moments = await momentsOf(async (twin) => new Shelf(SHELF, twin).keep(1), random, { disk: disk.twin() });
  assert.ok(moments.length > 20, `${moments.length} moments`);
  for (const moment of moments) {
    for (let fate = 0; fate < 4; fate += 1) {
      const left = moment.disk.powerCut(random);
      const shelf = new Shelf(SHELF, left);
      const listed = await shelf.list();
      assert.equal(listed.at(-1)?.name, '2025-01-08');
      const files = left.files();
      for (const { name, manifest } of listed) {
        for (const file of [
          ...Object.keys(manifest.files),
          ...Object.keys(manifest.backup.journal).map((s) => `journal/${s}`),
        ])
          assert.ok(files.includes(`${SHELF}/${name}/${file}`), `${name} is listed without its ${file}`);
      }
      await shelf.keep(1);
      assert.deepEqual(await namesOn(shelf), ['2025-01-08'], 'and the next time they go');
    }
  }
});
