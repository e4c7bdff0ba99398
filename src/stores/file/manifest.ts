import { join } from 'node:path';
import { GuichetError } from '../../domain/errors.ts';
import type { LogIdentity } from '../../domain/model/log-identity.ts';
import type { Disk } from './disk.ts';
import { readSmallFile, replaceFile } from './disk-files.ts';
import { isIntact, sealJson } from './sealed-json.ts';

export const STORE_FORMAT = 1;

/** `manifest.json` of a data directory: what must be there, so that its loss is noticed. */
export interface StoreManifest {
  readonly format: number;
  readonly log: LogIdentity;
  /** Which keeper this is, wherever the directory is moved; directories of early versions have none. */
  readonly keeper: string | null;
  readonly epoch: number;
  /** A segment with this number was begun: the journal reaches at least that far. */
  readonly segment: number;
  /** Positions of the snapshots that are kept, newest first. */
  readonly snapshots: readonly number[];
  /** After a stop in good order: everything up to here was synced. */
  readonly cleanPosition: number | null;
  /** Name of the directory below `backup/` that holds the originals of an adoption which is not finished. */
  readonly adopting: string | null;
}

/** All that a manifest without a checksum can name, as early versions wrote it. */
const UNSEALED_KEYS: ReadonlySet<string> = new Set([
  ...(['format', 'log', 'keeper', 'epoch', 'segment', 'snapshots', 'cleanPosition', 'adopting'] as const),
]);

export const manifestPath = (directory: string): string => join(directory, 'manifest.json');

export const writeManifest = async (disk: Disk, directory: string, manifest: StoreManifest): Promise<void> => {
  await replaceFile(disk, manifestPath(directory), sealJson(manifest));
};

/** The manifest, `undefined` when there is none, `damaged` when it is not what was written. Rejects a newer format as `refused`. */
export const readManifest = async (disk: Disk, directory: string): Promise<StoreManifest | 'damaged' | undefined> => {
  const bytes = await readSmallFile(disk, manifestPath(directory));
  if (bytes === undefined) return undefined;
  let found: Partial<StoreManifest> | null;
  try {
    found = JSON.parse(bytes.toString()) as Partial<StoreManifest> | null;
  } catch {
    return 'damaged';
  }
  if (typeof found?.format !== 'number') return 'damaged';
  if (found.format > STORE_FORMAT) {
    const path = manifestPath(directory);
    throw new GuichetError('refused', `${path} was written by a newer version of Guichet (format ${found.format}).`);
  }
  if ('backup' in found) {
    const advice = `Bring it back with: guichet restore --from ${directory} --to file:DIRECTORY`;
    throw new GuichetError('refused', `${directory} is a backup, not a data directory. ${advice}`);
  }
  if (!isIntact(bytes, found, UNSEALED_KEYS)) return 'damaged';
  const { format, log, keeper = null, epoch, segment, snapshots, cleanPosition = null, adopting = null } = found;
  const whole = typeof log?.id === 'string' && typeof log.rewinds === 'number' && Array.isArray(snapshots);
  if (!whole || !Number.isInteger(epoch) || !Number.isInteger(segment)) return 'damaged';
  return { format, log, keeper, epoch: epoch!, segment: segment!, snapshots, cleanPosition, adopting };
};
