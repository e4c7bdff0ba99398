import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manifestPath, readManifest, STORE_FORMAT, writeManifest } from './manifest.ts';
import { DATA, damage, opened, openOn, say, Told } from './testing/site.ts';
import { upgradeOlder } from './upgrade.ts';

test('[BK-16] an older format is upgraded after it was copied whole, and a step that is cut short is done again', async (t) => {
  const { disk, store, writer } = await opened(t);
  await say(writer, 'a', 3);
  await store.close();
  const before = disk
    .files()
    .filter((path) => !path.includes('lock'))
    .map((path) => [path, disk.bytes(path).toString()]);
  const told = new Told();
  const place = { disk, directory: DATA, logger: told };
  await upgradeOlder(place);
  assert.deepEqual(told.lines, []);

  const next = STORE_FORMAT + 1;
  const step = async (): Promise<void> =>
    damage(disk, `${DATA}/conversations.json`, (bytes) => Buffer.concat([bytes, Buffer.from(' ')]));
  const failing = async (): Promise<void> => {
    await step();
    throw new Error('power cut');
  };
  await assert.rejects(upgradeOlder(place, next, { [STORE_FORMAT]: failing }), /power cut/);
  await upgradeOlder(place, next, { [STORE_FORMAT]: step });
  for (const [path, text] of before) {
    const kept = path!.replace(DATA, `${DATA}/backup/before-format-${STORE_FORMAT}`);
    assert.equal(disk.bytes(kept).toString(), text, kept);
  }
  assert.equal(JSON.parse(disk.bytes(manifestPath(DATA)).toString()).format, next);
  // This version knows nothing of it, and leaves it alone.
  await assert.rejects(readManifest(disk, DATA), { code: 'refused', message: /written by a newer version/ });
  await assert.rejects(openOn(t, disk), { code: 'refused', message: /written by a newer version/ });
});

test('[BK-16] a format that no step begins with is refused and stays as it is', async (t) => {
  const { disk, store } = await opened(t);
  await store.close();
  const manifest = await readManifest(disk, DATA);
  assert.ok(typeof manifest === 'object');
  await writeManifest(disk, DATA, { ...manifest, format: 0 });
  await assert.rejects(openOn(t, disk), { code: 'refused', message: /too old for this version/ });
});
