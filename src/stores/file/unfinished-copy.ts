import { join } from 'node:path';
import { GuichetError } from '../../domain/errors.ts';
import type { Disk } from './disk.ts';
import { removeFile, replaceFile } from './disk-files.ts';

/** Stands in a data directory as long as a copy or a restore into it is not over. */
const UNFINISHED = 'unfinished-copy';

const pathOf = (directory: string): string => join(directory, UNFINISHED);

/** Before the first record of a copy: what a power cut leaves of it is not taken for all there is. */
export const beginCopy = (disk: Disk, directory: string): Promise<void> =>
  replaceFile(disk, pathOf(directory), Buffer.from('A copy into this directory was begun and is not over.\n'));

/** The copy was compared with what it was made of. */
export const endCopy = async (disk: Disk, directory: string): Promise<void> => {
  await removeFile(disk, pathOf(directory));
  await disk.syncDirectory(directory);
};

/** Half a log looks like a shorter one, and whoever went on with it could never have the rest. */
export const requireNoCopy = async (disk: Disk, directory: string): Promise<void> => {
  if ((await disk.stat(pathOf(directory))) === undefined) return;
  const advice = 'Run the same command again, or empty the directory.';
  throw new GuichetError('refused', `A copy or a restore into ${directory} was cut short. ${advice}`);
};
