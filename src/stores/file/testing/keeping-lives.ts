import assert from 'node:assert/strict';
import { asRestored } from '../../../domain/as-restored.ts';
import { copyLog, headOf } from '../../../domain/copy-log.ts';
import { digestLog, wholeDigest } from '../../../domain/digest.ts';
import { FILL_PAGE } from '../../../domain/fill.ts';
import { rewound } from '../../../domain/model/log-identity.ts';
import type { Store } from '../../../domain/store.ts';
import { contactEntry, note, post, put, redact, start } from '../../../domain/testing/changes.ts';
import { thread } from '../../contract/answers.ts';
import { ANNA, CLAIRE, Writer } from '../../contract/writer.ts';
import { isBackupName, readBackupManifest } from '../backup/backup-format.ts';
import { FileStore, type FileStoreOptions } from '../file-store.ts';
import { loadSnapshot } from '../snapshot-reader.ts';
import { endCopy } from '../unfinished-copy.ts';
import type { Life } from './lives.ts';
import { SimulatedDisk } from './simulated-disk.ts';
import { DATA } from './site.ts';

export const SHELF = '/backups';
const SECRET = 'text of secret';

const on = (disk: SimulatedDisk, options: Partial<FileStoreOptions> = {}): FileStore =>
  new FileStore({ directory: DATA, disk, snapshotEverySeconds: 0, timezone: 'UTC', ...options });

/** What an open store answers to somebody, who closes it again. */
const reading = async <T>(store: FileStore, look: (store: FileStore) => Promise<T>): Promise<T> => {
  try {
    await store.open({ reading: true });
    return await look(store);
  } finally {
    await store.close();
  }
};

const digestOf = async (store: Store): Promise<string> => wholeDigest(await digestLog(store));

export const backUp = (disk: SimulatedDisk, name: string) =>
  reading(on(disk), (store) => store.backUp(`${SHELF}/${name}`));

/** What bears the name of a backup is one, whole in itself. */
export const backupsAreWhole = async (disk: SimulatedDisk): Promise<void> => {
  for (const name of (await disk.list(SHELF)).filter(isBackupName)) {
    const path = `${SHELF}/${name}`;
    const manifest = await readBackupManifest(disk, path);
    assert.ok(manifest, `${name} is no backup`);
    (await loadSnapshot(disk, path)).shelf.close();
    assert.equal(await reading(on(disk, { directory: path }), digestOf), manifest.backup.digest);
  }
};

/** A backup is made while the store goes on, then another one. */
export const backedUp: Life = async (disk, known) => {
  const store = on(disk);
  const writer = await known.writerOn(store);
  await writer.people();
  await writer.submit(start(ANNA, 'c'), post(ANNA, 'c', 'm1'), note(CLAIRE, 'c', 'm2'));
  await store.takeSnapshot();
  await writer.submit(post(ANNA, 'c', 'm3'));
  known.checks.push(backupsAreWhole);
  for (const day of ['2025-01-06', '2025-01-07']) {
    const writing = writer.submit(post(ANNA, 'c', `during ${day}`));
    const { backup } = await backUp(disk, day);
    known.checks.push(async (left) => {
      const found = await readBackupManifest(left, `${SHELF}/${day}`);
      assert.equal(found?.backup.digest, backup.digest, `the backup of ${day} was acknowledged`);
    });
    await writing;
  }
  known.checks.push(async (left) => {
    await left.unlink(`${SHELF}/2025-01-06/manifest.json`);
    await backUp(left, '2025-01-08');
  });
  disk.kill();
};

/** An empty data directory is filled from a backup that stands elsewhere, in pages of its state. */
export const restored: Life = async (disk, known) => {
  const elsewhere = new SimulatedDisk();
  const original = on(elsewhere);
  const writer = new Writer(original, await original.open());
  await writer.people();
  for (const id of ['c1', 'c2']) await writer.submit(start(ANNA, id), post(ANNA, id, `${id}-1`), post(ANNA, id, id));
  await original.takeSnapshot();
  await writer.submit(redact(CLAIRE, 'c1', 'c1-1'), post(ANNA, 'c2', 'c2-2'));
  await backUp(elsewhere, '2025-01-06');
  await original.close();
  const source = on(elsewhere, { directory: `${SHELF}/2025-01-06` });
  await source.open({ reading: true });
  const log = rewound((await headOf(source)).log);

  const restore = async (onDisk: SimulatedDisk): Promise<string> => {
    const target = on(onDisk, { filling: true });
    try {
      const opened = await target.open({ log });
      const as = asRestored(source, { keeper: opened.keeper!, name: target.name });
      // A page as small as this log needs, so that there is a middle in which to be cut off.
      const recordsSince: typeof as.recordsSince = (after, limit, ...rest) =>
        as.recordsSince(after, limit === FILL_PAGE ? 3 : limit, ...rest);
      await copyLog({ ...as, recordsSince }, target, opened, { log });
      await endCopy(onDisk, DATA);
      return await digestOf(target);
    } finally {
      await target.close();
    }
  };
  const whole = await restore(new SimulatedDisk());
  known.isStore = false;
  known.checks.push(async (left) => {
    const twin = left.twin();
    const store = on(left);
    const begun = await store.open().catch((error: Error) => error.message);
    if (typeof begun === 'string') assert.match(begun, /was cut short/);
    else if (begun.position > 0) assert.equal(await digestOf(store), whole, 'a server starts on all of it or nothing');
    await store.close();
    assert.equal(await restore(twin), whole, 'run again it is whole');
  });
  await restore(disk);
  known.checks.push((left) => reading(on(left), async (store) => assert.equal(await digestOf(store), whole)));
};

/** Messages in a snapshot and in the journal are redacted, and taken out of the history. */
export const erased: Life = async (disk, known) => {
  const store = on(disk);
  const writer = await known.writerOn(store);
  await writer.people();
  await writer.submit(start(ANNA, 'c'), post(ANNA, 'c', 'm1'), post(ANNA, 'c', 'm2', { content: SECRET }));
  await store.takeSnapshot();
  await writer.submit(post(ANNA, 'c', 'm3', { content: SECRET }));
  await writer.submit(redact(CLAIRE, 'c', 'm2'), redact(CLAIRE, 'c', 'm3'));
  known.checks.push(async (left) => {
    // As a start finds it: somebody who only reads would first wait for a server to say more.
    const found = on(left);
    await found.open();
    for (const { value } of await thread(found, 'c')) assert.notEqual(value.content, SECRET);
    await found.close();
  });
  // As `purgeHistory` does.
  assert.ok(await store.takeSnapshot(true));
  await writer.submit(put(contactEntry('noted')));
  assert.ok(await store.takeSnapshot(true));
  known.checks.push(async (left) => {
    const holding = left.files().filter((path) => left.bytes(path).includes(SECRET));
    assert.deepEqual(holding, [], 'what was taken out of the history is on the disk again');
  });
  await writer.submit(post(ANNA, 'c', 'm4'));
  await store.close();
};
