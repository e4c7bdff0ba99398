import { readBackupManifest } from './backup/backup-format.ts';
import { History, type Moment, type Place } from './backup/history.ts';
import { type LivePlace, readAlong } from './live-reading.ts';
import type { Recovered } from './recovery.ts';

/**
 * What a directory shows to who only reads: the log beside whoever writes to it, as it once was, or a backup's.
 * @throws GuichetError `refused` when there is no store, or it could not be opened
 * @throws StoreProblem when the past that is asked for is not in its history
 */
export const readStore = async (place: LivePlace, past?: Moment | Place): Promise<Recovered> => {
  const { disk, directory } = place;
  if (past !== undefined) {
    const history = 'history' in past ? past.history : await History.of(disk, directory);
    return history.at(history.positionAt(past));
  }
  const backup = await readBackupManifest(disk, directory);
  return backup === undefined ? readAlong(place) : (await History.of(disk, directory)).at(backup.position);
};
