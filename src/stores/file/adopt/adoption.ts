import { join } from 'node:path';
import type { ImportItem } from '../../../domain/change.ts';
import { type LogIdentity, newLogIdentity } from '../../../domain/model/log-identity.ts';
import { resolve, viewRequestOf } from '../../../domain/resolve.ts';
import type { Batch, LogHead, View, ViewRequest } from '../../../domain/store.ts';
import type { Disk } from '../disk.ts';
import { copySynced, digestFile, ensureDirectory, freeName } from '../disk-files.ts';
import type { Logger } from '../logger.ts';
import { manifestPath, STORE_FORMAT, writeManifest } from '../manifest.ts';
import { type Originals, renewReadableCopies, restoreReadableCopies } from '../readable-copies.ts';
import { snapshotsDirectory } from '../snapshot-format.ts';
import type { SnapshotKeeper } from '../snapshot-keeper.ts';
import { CONVERSATIONS_FILE, MESSAGES_FILE, readPlainFiles } from './plain-files.ts';

const PLAIN_FILES = [CONVERSATIONS_FILE, MESSAGES_FILE];
const SET_ASIDE = 'adopted-';

/** Items given to `resolve` at once: some milliseconds of work. */
const ITEMS_PER_BATCH = 1000;
/** Problems named in the log one by one; the rest is counted. */
const NAMED_MAX = 100;

export interface AdoptionPlace {
  readonly disk: Disk;
  readonly directory: string;
  readonly logger: Logger;
  readonly now: () => number;
}

/** With the zone of times that say none; an IANA name, the system's when undefined. */
type ZonedPlace = AdoptionPlace & { readonly timezone: string | undefined };

/** Whether a directory holds another program's files and nothing of a store. */
export const isPlain = async (disk: Disk, directory: string): Promise<boolean> => {
  if ((await disk.stat(manifestPath(directory))) !== undefined) return false;
  const ours = [...(await disk.list(join(directory, 'journal'))), ...(await disk.list(snapshotsDirectory(directory)))];
  const names = new Set(await disk.list(directory));
  return ours.length === 0 && PLAIN_FILES.some((name) => names.has(name));
};

/**
 * Copies the originals to `backup/adopted-TIME/`, then writes the manifest that says that they are being adopted: from
 * here on a start that finds the work half done goes on with it, from the copies.
 */
export const setOriginalsAside = async (place: AdoptionPlace & { log: LogIdentity | undefined }): Promise<void> => {
  const { disk, directory, now, log } = place;
  const backup = join(directory, 'backup');
  await ensureDirectory(disk, backup);
  const time = new Date(now()).toISOString().slice(0, 19).replaceAll(':', '-');
  const target = await freeName(disk, backup, `${SET_ASIDE}${time}Z`);
  await ensureDirectory(disk, target);
  for (const name of PLAIN_FILES) {
    const [from, to] = [join(directory, name), join(target, name)];
    if ((await disk.stat(from)) === undefined) continue;
    await copySynced(disk, from, to);
    if ((await digestFile(disk, from)) !== (await digestFile(disk, to)))
      throw new Error(`${to} is not a true copy of ${from}.`);
  }
  await disk.syncDirectory(target);
  await writeManifest(disk, directory, {
    ...{ format: STORE_FORMAT, log: log ?? newLogIdentity(), keeper: null, epoch: 0, segment: 0, snapshots: [] },
    cleanPosition: null,
    adopting: target.slice(backup.length + 1),
  });
};

/** Originals that were set aside last: without a manifest, those that may not be adopted whole. Twice adds nothing. */
export const lastSetAside = async (disk: Disk, directory: string): Promise<string | null> =>
  (await disk.list(join(directory, 'backup'))).findLast((name) => name.startsWith(SET_ASIDE)) ?? null;

/** Which files at the top still are the originals, as they were set aside. */
const originalsAtTop = async (disk: Disk, directory: string, setAside: string): Promise<Set<string>> => {
  const found = new Set<string>();
  for (const name of PLAIN_FILES) {
    const [top, kept] = [join(directory, name), join(directory, 'backup', setAside, name)];
    if ((await disk.stat(top)) === undefined || (await disk.stat(kept)) === undefined) continue;
    if ((await digestFile(disk, top)) === (await digestFile(disk, kept))) found.add(name);
  }
  return found;
};

/** The store as the adoption uses it, before it is open to others. */
interface AdoptingStore {
  readonly keeper: SnapshotKeeper;
  view(request: ViewRequest): Promise<View>;
  append(batch: Batch): Promise<void>;
  head(): LogHead;
}

/** Adds what the originals hold and the store does not: a second time, nothing. */
const importOriginals = async (place: ZonedPlace, store: AdoptingStore): Promise<void> => {
  const { disk, directory, timezone, logger, now } = place;
  let problems = 0;
  const onUnreadable = ({ file, offset, reason }: { file: string; offset: number; reason: string }): void => {
    problems += 1;
    if (problems <= NAMED_MAX) logger.warn(`${file}, byte ${offset}: ${reason}. What is there could not be adopted.`);
  };
  const counts = { conversation: 0, message: 0, agent: 0, contact: 0 };
  let items: ImportItem[] = [];
  const commit = async (): Promise<void> => {
    const changes = [{ type: 'import' as const, items }];
    items = [];
    const view = await store.view(viewRequestOf(changes));
    const { records, outcomes } = resolve(changes, view, now());
    for (const outcome of outcomes) if (!outcome.ok) throw outcome.error;
    const { log, epoch, position: after } = store.head();
    await store.append({ log, epoch, after, through: after + records.length, records });
  };
  for await (const item of readPlainFiles(directory, { disk, timezone, onUnreadable })) {
    counts[item.type] += 1;
    items.push(item);
    if (items.length === ITEMS_PER_BATCH) await commit();
  }
  await commit();
  if (problems > NAMED_MAX) logger.warn(`${problems - NAMED_MAX} more places of ${directory} could not be read.`);
  logger.info(
    `Adopted ${counts.conversation} conversations and ${counts.message} messages. The originals are kept in ${directory}.`,
  );
};

/** Adding what another program's files hold. Cut short, it is done again at the next start: nothing is added twice. */
export class Adoption {
  /** Of the folder in `backup/` to which the originals were copied. */
  readonly name: string;
  /** Files at the top that still are the originals: no snapshot takes them for copies of its own. */
  originals: Originals = new Set();

  constructor(name: string) {
    this.name = name;
  }

  /** Resolves when a snapshot holds all of it, and the files at the top are copies of that one. */
  async run(place: ZonedPlace, store: AdoptingStore): Promise<void> {
    const { disk, directory } = place;
    const { keeper } = store;
    // Where it is done a second time, the files at the top may be our own, changed by somebody.
    this.originals = await originalsAtTop(disk, directory, this.name);
    await restoreReadableCopies(place, keeper.snapshots, this.originals);
    await importOriginals({ ...place, directory: join(directory, 'backup', this.name) }, store);
    if (!(await keeper.take())) throw new Error(keeper.error ?? 'the adopted files were not stored');
    // Again, for a snapshot is there also when its copies could not be made.
    await renewReadableCopies(place, keeper.snapshots, this.originals);
  }
}
