import { DatabaseSync } from 'node:sqlite';

export interface Lock {
  /** May be called again. */
  release(): void;
}

/**
 * Holds `path` by an exclusive SQLite transaction that is never ended: a lock of the kernel, so it goes with the
 * process, whatever kills it. Process ids in a lock file would lie in containers, where every server is number 1.
 * @returns `undefined` when somebody else holds it
 */
export const holdFile = (path: string): Lock | undefined => {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return undefined;
    throw error;
  }
  return {
    release: () => {
      if (database.isOpen) database.close();
    },
  };
};

const SQLITE_BUSY = 5;
