import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { seededRandom } from '../../test/support/random.ts';
import { GuichetError } from '../domain/errors.ts';
import { type DiskCall, SimulatedDisk } from '../stores/file/testing/simulated-disk.ts';
import { DiskBlobs } from './disk-blobs.ts';

const idOf = (content: string): string => createHash('sha256').update(content).digest('hex');

async function* chunks(...parts: (string | Error)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    if (part instanceof Error) throw part;
    yield Buffer.from(part);
  }
}

const textOf = async (blobs: DiskBlobs, content: string): Promise<string | undefined> => {
  const found = await blobs.read(idOf(content));
  return found && Buffer.concat(await Array.fromAsync(found.content)).toString();
};

const onDisk = (disk = new SimulatedDisk()): { disk: SimulatedDisk; blobs: DiskBlobs } => {
  let clock = 1000;
  disk.now = () => clock++;
  return { disk, blobs: new DiskBlobs(disk, '/data/blobs') };
};

test('[BL-1] a content is kept once, under its hash, and comes back as it went in', async () => {
  const { disk, blobs } = onDisk();
  assert.deepEqual(await blobs.write(chunks('one ', '', 'content')), { id: idOf('one content'), size: 11 });
  await blobs.write(chunks('one content'), idOf('one content'));
  assert.equal(await textOf(blobs, 'one content'), 'one content');
  const id = idOf('one content');
  assert.deepEqual(disk.files(), [`/data/blobs/${id.slice(0, 2)}/${id.slice(2)}`]);
  assert.deepEqual(
    (await Array.fromAsync(blobs.list())).map((each) => [each.id, each.size]),
    [[id, 11]],
  );
  assert.equal(await blobs.has(idOf('another')), false);
  assert.equal(await blobs.read('../../secrets.json'), undefined);
  assert.equal(await blobs.has('../../secrets.json'), false);
  await assert.rejects(blobs.write(chunks('x'), id), { code: 'invalid' });
  assert.equal(disk.files().length, 1);
});

test('[BL-2] what was told as kept survives a power cut at every moment; what was not is whole or not there', async () => {
  for (let cutAt = 1; ; cutAt += 1) {
    const { disk, blobs } = onDisk();
    const kept: string[] = [];
    disk.cutAt = cutAt;
    const contents = ['first', 'second', 'first', 'x'.repeat(3000)];
    for (const content of contents) {
      await blobs.write(chunks(content)).then(
        () => kept.push(content),
        () => {},
      );
    }
    for (let seed = 0; seed < 4; seed += 1) {
      const left = onDisk(disk.powerCut(seededRandom(cutAt * 7 + seed))).blobs;
      for (const content of kept) assert.equal(await textOf(left, content), content, `cut at ${cutAt}, seed ${seed}`);
      for (const content of contents) {
        const found = await textOf(left, content);
        assert.ok(found === undefined || found === content);
      }
    }
    if (kept.length === contents.length) break;
  }
});

test('[BL-2] a name that another process made and was killed over is synced before anything is told', async () => {
  const { disk, blobs } = onDisk();
  // Killed between making the folders and syncing them.
  disk.fault = ({ op, path }) => (op === 'syncDirectory' && path === '/data/blobs' ? { code: 'EIO' } : undefined);
  await assert.rejects(blobs.write(chunks('content')), { code: 'unavailable' });
  disk.fault = undefined;
  disk.kill();
  await new DiskBlobs(disk, '/data/blobs').write(chunks('content'));
  for (let seed = 0; seed < 20; seed += 1) {
    assert.equal(await textOf(onDisk(disk.powerCut(seededRandom(seed))).blobs, 'content'), 'content');
  }
});

test('[BL-3] a full disk is told as such and nothing is half kept; short writes are gone on with', async () => {
  const { disk, blobs } = onDisk();
  await blobs.write(chunks('before'));
  const held = disk.files();
  let writes = 0;
  disk.fault = ({ op }: DiskCall) => (op === 'write' ? (++writes > 2 ? { code: 'ENOSPC' } : { short: 3 }) : undefined);
  await assert.rejects(blobs.write(chunks('a longer content')), { code: 'storage_full' });
  disk.fault = ({ op }: DiskCall) => (op === 'write' ? { short: 0 } : undefined);
  await assert.rejects(blobs.write(chunks('a longer content')), { code: 'storage_full' });
  for (const op of ['sync', 'rename', 'open', 'syncDirectory'] as const) {
    disk.fault = (call) => (call.op === op ? { code: 'EIO' } : undefined);
    await assert.rejects(blobs.write(chunks('a longer content')), { code: 'unavailable' });
  }
  disk.fault = undefined;
  const broken = new GuichetError('unsupported_type');
  await assert.rejects(blobs.write(chunks('begun ', broken)), broken);
  await blobs.removeUntouched(idOf('a longer content'), Number.MAX_SAFE_INTEGER);
  assert.deepEqual(disk.files(), held);
  disk.fault = ({ op, bytes }) => (op === 'write' && bytes! > 1 ? { short: 1 } : undefined);
  await blobs.write(chunks('a longer content'));
  assert.equal(await textOf(blobs, 'a longer content'), 'a longer content');
});

test('[BL-4] what rotted is an error, and the same content brings it back', async () => {
  const { disk, blobs } = onDisk();
  await blobs.write(chunks('content'));
  disk.overwrite(disk.files()[0]!, Buffer.from('c0ntent'));
  await assert.rejects(textOf(blobs, 'content'), { code: 'unavailable' });
  await blobs.write(chunks('content'));
  assert.equal(await textOf(blobs, 'content'), 'content');
});

test('[BL-5] a content that was touched since is not removed, also when that happens during the removal', async () => {
  const { disk, blobs } = onDisk();
  const id = idOf('content');
  await blobs.write(chunks('content'));
  const since = disk.now();
  assert.equal(await blobs.touch(id), true);
  assert.equal(await blobs.removeUntouched(id, since), false);
  assert.equal(await textOf(blobs, 'content'), 'content');
  // Touched between the decision and the removal.
  let touched: Promise<boolean> | undefined;
  disk.fault = ({ op, path }) => {
    if (op === 'rename' && path.endsWith('.going')) {
      disk.fault = undefined;
      touched = blobs.touch(id);
    }
    return undefined;
  };
  assert.equal(await blobs.removeUntouched(id, disk.now()), false);
  assert.equal(await touched, true);
  assert.equal(await blobs.has(id), true);
  assert.equal(await blobs.removeUntouched(id, disk.now()), true);
  assert.equal(await blobs.touch(id), false);
  assert.equal(await blobs.removeUntouched(id, disk.now()), true);
  assert.deepEqual(disk.files(), []);
});

test('[BL-6] what was cut short goes when it is old; a removal that was cut short is given back', async () => {
  const { disk, blobs } = onDisk();
  await blobs.write(chunks('content'));
  disk.fault = ({ op }) => (op === 'write' || op === 'unlink' ? { code: 'EIO' } : undefined);
  await assert.rejects(blobs.write(chunks('half')));
  await assert.rejects(blobs.removeUntouched(idOf('content'), disk.now()));
  disk.fault = undefined;
  assert.equal(await blobs.has(idOf('content')), false);
  await blobs.removeLeftovers(0);
  assert.equal(disk.files().filter((path) => path.includes('/incoming/')).length, 1);
  await blobs.removeLeftovers(disk.now());
  assert.deepEqual(disk.files(), [`/data/blobs/${idOf('content').slice(0, 2)}/${idOf('content').slice(2)}`]);
});
