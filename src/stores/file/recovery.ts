import { randomUUIDv7 } from 'node:crypto';
import { join } from 'node:path';
import { GuichetError } from '../../domain/errors.ts';
import { type LogIdentity, newLogIdentity, sameLog } from '../../domain/model/log-identity.ts';
import { LogState } from '../../domain/state/log-state.ts';
import { lastSetAside } from './adopt/adoption.ts';
import type { Disk } from './disk.ts';
import { removeTree } from './disk-files.ts';
import type { Finding } from './finding.ts';
import { type JournalChain, readChain } from './journal-chain.ts';
import type { JournalBatch } from './journal-reader.ts';
import { replayJournal } from './journal-replay.ts';
import type { Segment } from './journal-segment.ts';
import type { Logger } from './logger.ts';
import { manifestPath, readManifest, type StoreManifest } from './manifest.ts';
import { MessageShelf } from './message-shelf.ts';
import { Quarantine } from './quarantine.ts';
import { snapshotPath, snapshotPosition, snapshotsDirectory, UNFINISHED } from './snapshot-format.ts';
import { type LoadedSnapshot, loadSnapshot, readSnapshotManifest } from './snapshot-reader.ts';
import { SnapshotDamage } from './snapshot-verify.ts';

/** What a data directory holds, read and judged. */
export interface Recovered {
  readonly log: LogIdentity;
  /** Which keeper this is; made now when nothing says it. */
  readonly keeper: string;
  /** The highest that was used. */
  readonly epoch: number;
  readonly state: LogState;
  readonly shelf: MessageShelf;
  readonly position: number;
  readonly time: number;
  readonly floor: number;
  /** Segments that count, oldest first; the last one ends in front of `unproven`. */
  readonly segments: Segment[];
  readonly lastSegmentNumber: number;
  /** The newest segment that the manifest vouches for: its first line and its name were synced. */
  readonly begunSegment: number;
  /** Batches that may be in the page cache only: to be appended again, and synced, before anybody is told of them. */
  readonly unproven: readonly JournalBatch[];
  /** Snapshots that can be read, newest first. The first was loaded. */
  readonly snapshots: readonly LoadedSnapshot['manifest'][];
  readonly adopting: string | null;
}

export interface RecoveryOptions {
  readonly disk: Disk;
  readonly directory: string;
  readonly logger: Logger;
  /** The log that must be there, or that a new store takes. */
  readonly log?: LogIdentity | undefined;
}

/**
 * Reads a data directory. Nothing is changed before the verdict is that the store can be used; then what cannot be
 * read is put in quarantine and named. Rejects with `refused` when acknowledged records are damaged or missing and no
 * snapshot has them.
 */
export const recover = async (options: RecoveryOptions): Promise<Recovered> => {
  const { recovered, findings } = await examine(options);
  for (const { severity, message, repair } of findings) {
    const kept = await repair();
    options.logger[severity](kept === undefined ? message : `${message} It is kept as ${kept}.`);
  }
  return recovered;
};

/** The verdict, with what there is to tell and to put right. Changes nothing. */
export const examine = async (
  options: Omit<RecoveryOptions, 'logger'>,
): Promise<{ recovered: Recovered; findings: readonly Finding[] }> => {
  const { disk, directory } = options;
  const quarantine = new Quarantine(disk, directory);
  const findings: Finding[] = [];

  const manifest = await findManifest(options, quarantine, findings);
  const { loaded, others } = await chooseSnapshot(options, quarantine, findings);
  const chain = await readChain(disk, join(directory, 'journal'));
  const wasUsed = findings.length > 0 || loaded !== undefined || chain.lastNumber > 0;
  const log = identityOf(options, manifest, loaded, chain);
  const state = loaded?.state ?? new LogState();
  const shelf = loaded?.shelf ?? new MessageShelf();
  const replayed = await replayJournal(
    { disk, directory, quarantine, findings },
    { manifest, snapshot: loaded?.manifest, chain, log, state, shelf },
  );
  const recovered = {
    ...{ log, state, shelf, ...replayed },
    keeper: manifest?.keeper ?? chain.keeper ?? randomUUIDv7(),
    epoch: Math.max(manifest?.epoch ?? 0, loaded?.manifest.epoch ?? 0, chain.epoch),
    lastSegmentNumber: Math.max(chain.lastNumber, manifest?.segment ?? 0),
    begunSegment: manifest?.segment ?? 0,
    snapshots: loaded === undefined ? [] : [loaded.manifest, ...others],
    adopting: manifest === undefined && wasUsed ? await lastSetAside(disk, directory) : (manifest?.adopting ?? null),
  };
  return { recovered, findings };
};

const findManifest = async (
  { disk, directory }: Pick<RecoveryOptions, 'disk' | 'directory'>,
  quarantine: Quarantine,
  findings: Finding[],
): Promise<StoreManifest | undefined> => {
  const found = await readManifest(disk, directory);
  if (found !== 'damaged') return found;
  const file = manifestPath(directory);
  findings.push({
    ...{ severity: 'warn', file, message: `${file} cannot be read and is made anew from what is there.` },
    repair: () => quarantine.move(file),
  });
  return undefined;
};

/** The newest snapshot that verifies, and the manifests of the older ones. */
const chooseSnapshot = async (
  { disk, directory }: Pick<RecoveryOptions, 'disk' | 'directory'>,
  quarantine: Quarantine,
  findings: Finding[],
): Promise<{ loaded: LoadedSnapshot | undefined; others: LoadedSnapshot['manifest'][] }> => {
  const names = await disk.list(snapshotsDirectory(directory));
  for (const name of names.filter((candidate) => candidate.startsWith(UNFINISHED))) {
    const file = join(snapshotsDirectory(directory), name);
    findings.push({
      ...{ severity: 'info', file, message: `${file} was not finished when the process ended, and is removed.` },
      repair: () => removeTree(disk, file),
    });
  }
  const positions = names.map(snapshotPosition).filter((position) => position !== undefined);
  let loaded: LoadedSnapshot | undefined;
  const others: LoadedSnapshot['manifest'][] = [];
  for (const position of positions.sort((a, b) => b - a)) {
    const path = snapshotPath(directory, position);
    try {
      const manifest = await readSnapshotManifest(disk, path);
      if (manifest.position !== position) {
        throw new SnapshotDamage(path, `${path} holds the snapshot of position ${manifest.position}.`);
      }
      if (loaded === undefined) loaded = await loadSnapshot(disk, path);
      else others.push(manifest);
    } catch (error) {
      if (!(error instanceof SnapshotDamage)) throw error;
      const message = `A snapshot is damaged, and the older one and the journal are used: ${error.message}`;
      const place = error.offset === undefined ? {} : { offset: error.offset };
      findings.push({ severity: 'warn', file: error.file, ...place, message, repair: () => quarantine.move(path) });
    }
  }
  return { loaded, others };
};

const identityOf = (
  { log, directory }: Pick<RecoveryOptions, 'log' | 'directory'>,
  manifest: StoreManifest | undefined,
  loaded: LoadedSnapshot | undefined,
  chain: JournalChain,
): LogIdentity => {
  const held = [manifest?.log, loaded?.manifest.log, ...chain.links.map(({ header }) => header.log)].filter(
    (candidate) => candidate !== undefined,
  );
  const first = held[0] ?? log ?? newLogIdentity();
  const other = held.find((candidate) => !sameLog(candidate, first));
  if (other !== undefined) {
    throw new GuichetError(
      'refused',
      `${directory} mixes the files of two logs (${first.id} and ${other.id}). Put back the files that belong together, or see guichet check --store file:${directory}.`,
    );
  }
  if (log !== undefined && !sameLog(log, first)) {
    throw new GuichetError('refused', `${directory} keeps another log (${first.id}) than ${log.id}.`);
  }
  return first;
};
