import { join } from 'node:path';
import { GuichetError } from '../../domain/errors.ts';
import { type Disk, type DiskLock, LockHeldError } from './disk.ts';

/** Holds a data directory for this process. Rejects with `refused` while another process or store holds it. */
export const holdDirectory = async (disk: Disk, directory: string): Promise<DiskLock> => {
  try {
    return await disk.lock(join(directory, 'lock.db'));
  } catch (cause) {
    if (!(cause instanceof LockHeldError)) throw cause;
    const advice = 'Stop it, or give this one a directory of its own.';
    throw new GuichetError('refused', `Another process holds the directory ${directory}. ${advice}`, { cause });
  }
};
