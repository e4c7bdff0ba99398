import { join } from 'node:path';
import { GuichetError } from '../../../domain/errors.ts';
import type { Disk } from '../disk.ts';

/** Where a repair writes the store that takes the place of the damaged one. */
export const REPAIR = 'repair.tmp';
/** Says that it is whole: from here on a repair is finished, not begun anew. */
export const READY = 'ready';

/** A repair that was cut short has moved some of the files already: nothing starts on the others. */
export const requireNoRepair = async (disk: Disk, directory: string): Promise<void> => {
  if ((await disk.stat(join(directory, REPAIR, READY))) === undefined) return;
  const command = `guichet repair --store file:${directory}`;
  throw new GuichetError('refused', `A repair of ${directory} was cut short. Finish it with: ${command}`);
};
