import { join } from 'node:path';
import { asRestored } from '../../../domain/as-restored.ts';
import { copyLog } from '../../../domain/copy-log.ts';
import { type LogIdentity, rewound } from '../../../domain/model/log-identity.ts';
import { donorsFor, type Remains } from '../../../domain/repair/remains.ts';
import { nothingLost, type RepairReport, type Salvaged, salvage } from '../../../domain/repair/salvage.ts';
import type { Store } from '../../../domain/store.ts';
import { StoreProblem } from '../../../domain/store-problem.ts';
import { History } from '../backup/history.ts';
import { verifyFileStore } from '../check.ts';
import { holdDirectory } from '../directory-lock.ts';
import type { Disk } from '../disk.ts';
import { createFile, ensureDirectory, freeName, removeFile, removeTree } from '../disk-files.ts';
import { FileStore } from '../file-store.ts';
import { readManifest, writeManifest } from '../manifest.ts';
import { requireNoCopy } from '../unfinished-copy.ts';
import { READY, REPAIR } from './unfinished-repair.ts';

export interface RepairOptions {
  readonly disk: Disk;
  /** The data directory. */
  readonly directory: string;
  /** Other stores of the same log, open for reading. */
  readonly donors: readonly Store[];
  /** An empty store in memory; every call another one. */
  readonly scratch: () => Store;
  readonly dryRun: boolean;
  /** Goes on without what is found nowhere. */
  readonly acceptLoss: boolean;
}

/** What a data directory has of its own and keeps; all the rest is made anew. */
const STAYS = new Set(['backup', 'quarantine', 'blobs', 'secrets.json', 'lock.db', 'control.sock', REPAIR]);

/**
 * Makes a data directory whole again from all that is left of its log: snapshots, backups, journals and other stores.
 * What was there is kept in quarantine. Cut short, it is finished, or begun anew, by the next run.
 * @throws StoreProblem `would_lose` when something is found nowhere and that was not accepted
 */
export const repairFileStore = async (options: RepairOptions): Promise<RepairReport> => {
  const { disk, directory, donors, dryRun, acceptLoss } = options;
  const lock = await holdDirectory(disk, directory);
  try {
    if ((await disk.stat(join(directory, REPAIR, READY))) !== undefined) {
      const kept = dryRun ? {} : { kept: await putInPlace(disk, directory) };
      return { ...nothingLost(), outcome: dryRun ? 'would' : 'done', ...kept };
    }
    await removeTree(disk, join(directory, REPAIR));
    await requireNoCopy(disk, directory);
    const report = await verifyFileStore(directory, disk);
    if (report.ok) return { ...nothingLost(report.counts.position), outcome: 'sound' };
    const history = await History.of(disk, directory);
    const manifest = await readManifest(disk, directory);
    const known = typeof manifest === 'object' ? manifest : undefined;
    const same = await donorsFor(history.log, donors);
    const proven = Math.max(known?.cleanPosition ?? 0, ...(known?.snapshots ?? []));
    const remains = remainsOf(disk, directory, history, proven);
    const into = options.scratch();
    await into.open({ log: history.log });
    const salvaged = await salvage({ name: directory, remains, donors: same, into, log: history.log });
    if (dryRun) return { ...salvaged, outcome: 'would' };
    if (salvaged.lost > 0 && !acceptLoss) throw new StoreProblem({ code: 'would_lose', changes: salvaged.lost });
    await writeAnew(options, into, salvaged, history.log, known?.keeper ?? undefined);
    return { ...salvaged, outcome: 'done', kept: await putInPlace(disk, directory) };
  } finally {
    await lock.release();
  }
};

/** @param proven highest position that the manifest proves, whatever can be read */
const remainsOf = (disk: Disk, directory: string, history: History, proven: number): Remains => ({
  proven,
  reach: history.reach.map(({ to }) => to),
  at: async (position) => {
    const store = new FileStore({ directory, disk, past: history.moment(position) });
    try {
      await store.open({ reading: true });
      return store;
    } catch (error) {
      await store.close();
      throw error;
    }
  },
  behind: (position) => history.batchesBehind(position),
});

/** A whole store beside the damaged one, compared with what was brought together. */
const writeAnew = async (
  { disk, directory }: RepairOptions,
  from: Store,
  { lost }: Salvaged,
  log: LogIdentity,
  keeper: string | undefined,
): Promise<void> => {
  const place = join(directory, REPAIR);
  await ensureDirectory(disk, place);
  const store = new FileStore({ directory: place, disk, snapshotEverySeconds: 0 });
  const opened = await store.open({ log: lost === 0 ? log : rewound(log) });
  try {
    const target = { keeper: opened.keeper!, name: `file:${directory}` };
    await copyLog(lost === 0 ? from : asRestored(from, target), store, opened, { log: opened.log });
  } finally {
    await store.close();
  }
  const manifest = await readManifest(disk, place);
  if (typeof manifest !== 'object') throw new Error(`${place} has no manifest.`);
  // Nothing is lost: it is the same keeper, and takes its part in a chain again.
  if (lost === 0 && keeper !== undefined) await writeManifest(disk, place, { ...manifest, keeper });
  await removeFile(disk, join(place, 'lock.db'));
  await createFile(disk, join(place, READY), Buffer.from('ready\n'));
  await disk.syncDirectory(place);
};

/** Moves what was there to quarantine and the new store into its place. Every step of it can be the last one. */
const putInPlace = async (disk: Disk, directory: string): Promise<string> => {
  const quarantine = join(directory, 'quarantine');
  await ensureDirectory(disk, quarantine);
  const kept = await freeName(disk, quarantine, 'before-repair');
  await ensureDirectory(disk, kept);
  const place = join(directory, REPAIR);
  const fresh = (await disk.list(place)).filter((name) => name !== READY);
  for (const name of await disk.list(directory)) {
    // One that is not in the new store any more has been put in place by a run that was cut short.
    if (!STAYS.has(name) && (fresh.includes(name) || !OURS.has(name)))
      await disk.rename(join(directory, name), join(kept, name));
  }
  await disk.syncDirectory(kept);
  await disk.syncDirectory(directory);
  for (const name of fresh) await disk.rename(join(place, name), join(directory, name));
  await disk.syncDirectory(directory);
  await disk.syncDirectory(place);
  await removeTree(disk, place);
  await disk.syncDirectory(directory);
  return kept;
};

const OURS = new Set([
  'journal',
  'snapshots',
  'manifest.json',
  'conversations.json',
  'messages.json',
  'directory.json',
]);
