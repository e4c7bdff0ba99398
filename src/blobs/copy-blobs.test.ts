import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../test/support/random.ts';
import { SimulatedDisk } from '../stores/file/testing/simulated-disk.ts';
import { copyBlobs } from './copy-blobs.ts';
import { DiskBlobs } from './disk-blobs.ts';

async function* bytes(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
}

test('[BK-5] the content of files goes along, once; a damaged one is named and keeps none of the others back', async () => {
  const disk = new SimulatedDisk();
  const source = new DiskBlobs(disk, '/data/blobs');
  const [a, b, c] = await Promise.all(['one', 'two', 'three'].map((text) => source.write(bytes(text))));
  const told: string[] = [];
  const logger = { warn: (message: string) => void told.push(message) };
  assert.equal(await copyBlobs(disk, '/none', '/to/blobs', logger), 0);
  const path = `/data/blobs/${b!.id.slice(0, 2)}/${b!.id.slice(2)}`;
  disk.put(path, Buffer.from('tWo'));
  assert.equal(await copyBlobs(disk, '/data/blobs', '/to/blobs', logger), 2);
  assert.match(told.join(), new RegExp(`The file ${b!.id} in /data/blobs is damaged`));
  disk.put(path, Buffer.from('two'));
  const before = disk.calls.filter(({ op }) => op === 'write').length;
  assert.equal(await copyBlobs(disk, '/data/blobs', '/to/blobs', logger), 3);
  assert.equal(disk.calls.filter(({ op }) => op === 'write').length - before, 1);
  const target = new DiskBlobs(disk, '/to/blobs');
  for (const blob of [a, b, c]) assert.ok(await target.has(blob!.id));
});

test('[BK-5] what an earlier backup holds whole is not written again, and outlives it', async () => {
  const disk = new SimulatedDisk();
  const source = new DiskBlobs(disk, '/data/blobs');
  const [a, b, c] = await Promise.all(['one', 'two', 'three'].map((text) => source.write(bytes(text))));
  const told: string[] = [];
  const logger = { warn: (message: string) => void told.push(message) };
  await copyBlobs(disk, '/data/blobs', '/first/blobs', logger);
  const d = await source.write(bytes('four'));
  const placeOf = (directory: string, id: string) => `${directory}/${id.slice(0, 2)}/${id.slice(2)}`;
  disk.put(placeOf('/first/blobs', b!.id), Buffer.from('tWo'));
  disk.put(placeOf('/data/blobs', c!.id), Buffer.from('thrEe'));
  const written = () => disk.calls.filter(({ op }) => op === 'write').length;
  const before = written();
  assert.equal(await copyBlobs(disk, '/data/blobs', '/second/blobs', logger, { earlier: '/first/blobs' }), 4);
  assert.equal(written() - before, 2);
  assert.deepEqual(told, [`The file ${c!.id} in /data/blobs is damaged and was taken from /first/blobs.`]);
  for (const blob of [a, b, c]) await disk.unlink(placeOf('/first/blobs', blob!.id));
  const random = seededRandom(5);
  for (let cut = 0; cut < 30; cut += 1) {
    const second = new DiskBlobs(disk.powerCut(random), '/second/blobs');
    for (const blob of [a, b, c, d]) assert.ok(await second.isWhole(blob!.id));
  }
});
