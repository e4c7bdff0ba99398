import { join } from 'node:path';
import { GuichetError } from '../domain/errors.ts';
import type { Erasure } from '../domain/model/erased.ts';
import { KeptList } from '../lib/kept-list.ts';
import { reasonOf } from '../stores/file/disk-files.ts';

const FILE = 'erasures.json';

/**
 * The list of those who were erased: beside the store if it has a directory on this machine, and a copy beside its
 * backups, which is all there is of it outside the log where the store is a database.
 */
export const openErasures = async (
  directory: string | null,
  backups: string | null,
  logger: { warn(message: string): void },
): Promise<KeptList<Erasure>> => {
  const path = directory === null ? null : join(directory, FILE);
  const failed = (copy: string, error: unknown): void =>
    logger.warn(`${copy}, a copy of the list of erased visitors, cannot be used: ${reasonOf(error)}`);
  try {
    return await KeptList.open<Erasure>(path, { paths: backups === null ? [] : [join(backups, FILE)], failed });
  } catch (cause) {
    throw new GuichetError('refused', `${path} cannot be read. Put back a copy of it: it says who was erased.`, {
      cause,
    });
  }
};

/** Who was erased according to the lists that stand in some directories, or in those above a backup or a store. */
export const erasuresAround = async (places: readonly string[]): Promise<readonly Erasure[]> => {
  const failed = (path: string, error: unknown): never => {
    throw new GuichetError('refused', `${path} cannot be read: ${reasonOf(error)} It says who was erased.`);
  };
  return (await KeptList.open<Erasure>(null, { paths: places.map((place) => join(place, FILE)), failed })).items;
};

/** Adds to the list of a directory of a store what it does not hold yet; nothing where the store has none. */
export const carryErasures = async (
  erasures: readonly Erasure[],
  directory: string | null,
  logger: { warn(message: string): void },
): Promise<void> => {
  if (directory === null || erasures.length === 0) return;
  const list = await openErasures(directory, null, logger);
  await list.addNew(erasures);
};
