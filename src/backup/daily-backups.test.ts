import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Scope } from '../../test/support/undo-after.ts';
import { FileStore } from '../stores/file/file-store.ts';
import { DATA, opened, say, Told } from '../stores/file/testing/site.ts';
import { DailyBackups } from './daily-backups.ts';
import { Shelf } from './shelf.ts';

const HOME = `${DATA}/backup`;
const at = { hour: 3, minute: 0 };

/** A store whose backups are made by this process, on days of the test's choosing. */
const site = async (t: Scope, keep = 3) => {
  const { disk, writer, store } = await opened(t);
  const told = new Told();
  let today = '2025-01-06T08:00:00Z';
  let fails = false;
  const now = (): number => Date.parse(today);
  const backups = () =>
    new DailyBackups({
      ...{ directory: HOME, at, timezone: 'UTC', keep, logger: told, now, shelf: new Shelf(HOME, disk) },
      make: async (to) => {
        if (fails) throw new Error('the disk is full');
        const reader = new FileStore({ directory: DATA, disk, now });
        await reader.open({ reading: true });
        await reader.backUp(to);
        await reader.close();
      },
    });
  const names = async () => (await new Shelf(HOME, disk).list()).map(({ name }) => name);
  const log = writer.opened.log;
  return {
    disk,
    store,
    writer,
    told,
    backups,
    names,
    log,
    on: (day: string) => (today = day),
    fail: (is: boolean) => (fails = is),
  };
};

test('[BK-8] one a day, a missed one at the next start, and none for a log that began since', async (t) => {
  const { backups, names, log, on } = await site(t);
  const first = backups();
  first.start(log, Date.parse('2025-01-06T07:59:00Z'));
  await first.look();
  assert.deepEqual([await names(), first.last], [[], null]);
  on('2025-01-07T02:59:59Z');
  await first.look();
  assert.deepEqual(await names(), []);
  on('2025-01-07T03:00:10Z');
  await first.look();
  await first.look();
  assert.deepEqual(await names(), ['2025-01-07']);
  assert.deepEqual(first.last, { position: 5, at: Date.parse('2025-01-07T03:00:10Z') });
  await first.stop();

  on('2025-01-09T17:00:00Z');
  const second = backups();
  await second.load();
  second.start(log, 0);
  assert.equal(second.last?.at, Date.parse('2025-01-07T03:00:10Z'));
  await second.look();
  assert.deepEqual(await names(), ['2025-01-07', '2025-01-09']);
  await second.stop();
});

test('[BK-9] old ones go when a newer one was verified, and only then; a failure is told and tried again', async (t) => {
  const { backups, names, log, on, fail, told, disk } = await site(t, 2);
  const all = backups();
  all.start(log, 0);
  for (const day of ['06', '07']) {
    on(`2025-01-${day}T04:00:00Z`);
    await all.look();
  }
  disk.put(`${HOME}/notes.txt`, Buffer.from('not ours'));
  fail(true);
  for (const day of ['08', '09', '10']) {
    on(`2025-01-${day}T04:00:00Z`);
    await all.look();
  }
  assert.deepEqual(await names(), ['2025-01-06', '2025-01-07']);
  assert.equal(told.of('error', /was not made: the disk is full/).length, 3);
  assert.match(all.error ?? '', /the disk is full/);
  fail(false);
  await all.look();
  assert.deepEqual(await names(), ['2025-01-06', '2025-01-07'], 'not at once again');
  on('2025-01-10T04:31:00Z');
  await all.look();
  assert.deepEqual([await names(), all.error], [['2025-01-07', '2025-01-10'], null]);
  assert.ok(disk.files().includes(`${HOME}/notes.txt`));
  await all.makeNow();
  assert.deepEqual(await names(), ['2025-01-10', '2025-01-10.1']);
  await all.stop();
});

test('[BK-10] the journal is kept from one backup to the next, so that every moment between them can be had', async (t) => {
  const { disk, backups, log, on, writer } = await site(t);
  const all = backups();
  all.start(log, 0);
  await writer.store.close();
  const store = new FileStore({ directory: DATA, disk, snapshotEverySeconds: 0, backedUp: () => all.backedUp });
  const head = await store.open();
  const { Writer } = await import('../stores/contract/writer.ts');
  const again = new Writer(store, head);
  const cycle = async (prefix: string) => {
    await say(again, prefix, 3);
    await store.takeSnapshot();
  };
  for (const prefix of ['a', 'b', 'c', 'd']) await cycle(prefix);
  assert.equal(store.health().floor, 0);
  on('2025-01-06T04:00:00Z');
  await all.look();
  const backed = all.last!.position;
  for (const prefix of ['e', 'f', 'g', 'h']) await cycle(prefix);
  const { floor } = store.health();
  assert.ok(floor <= backed && floor > 0, `the journal begins behind ${floor}, the backup ends with ${backed}`);
  await store.close();
  await all.stop();
});
