import { join } from 'node:path';
import { GuichetError } from '../../domain/errors.ts';
import type { Disk } from './disk.ts';
import { copySynced, ensureDirectory, removeTree } from './disk-files.ts';
import type { Logger } from './logger.ts';
import { readManifest, STORE_FORMAT, writeManifest } from './manifest.ts';

export interface UpgradePlace {
  readonly disk: Disk;
  readonly directory: string;
  readonly logger: Logger;
}

/** Brings a data directory from one format to the next. Cut short, it is done again: twice is as good as once. */
export type UpgradeStep = (place: UpgradePlace) => Promise<void>;

/** By the format that a step begins with. There is one format so far, and nothing to upgrade from. */
const STEPS: Readonly<Record<number, UpgradeStep>> = {};

/** What the log is made of: all that a step may change. */
const COPIED = ['manifest.json', 'journal', 'snapshots', 'conversations.json', 'messages.json', 'directory.json'];

/**
 * Upgrades a directory of an older format, after all of it was copied to `backup/before-format-N/`. The format in the
 * manifest is raised last, so a start that is cut short leaves it to the next.
 * @throws GuichetError `refused` for a format that no step begins with
 */
export const upgradeOlder = async (place: UpgradePlace, current = STORE_FORMAT, steps = STEPS): Promise<void> => {
  const { disk, directory, logger } = place;
  const found = await readManifest(disk, directory);
  if (typeof found !== 'object' || found.format >= current) return;
  const kept = await keep(place, found.format);
  logger.info(
    `${directory} is of format ${found.format} and is brought to ${current}. It is kept as it was in ${kept}.`,
  );
  for (let format = found.format; format < current; format += 1) {
    const step = steps[format];
    if (step === undefined) {
      const advice = 'Start a version in between on it first.';
      throw new GuichetError('refused', `Format ${format} of ${directory} is too old for this version. ${advice}`);
    }
    await step(place);
  }
  const upgraded = await readManifest(disk, directory);
  if (typeof upgraded !== 'object') throw new GuichetError('refused', `${directory} has no manifest any more.`);
  await writeManifest(disk, directory, { ...upgraded, format: current });
};

/** Copies the directory, once: what a step that was cut short has changed is no copy of the older format. */
const keep = async ({ disk, directory }: UpgradePlace, format: number): Promise<string> => {
  const backups = join(directory, 'backup');
  const kept = join(backups, `before-format-${format}`);
  if ((await disk.stat(kept)) !== undefined) return kept;
  const unfinished = `${kept}.unfinished`;
  await removeTree(disk, unfinished);
  await ensureDirectory(disk, unfinished);
  for (const name of COPIED) await copyTree(disk, join(directory, name), join(unfinished, name));
  await disk.syncDirectory(unfinished);
  await disk.rename(unfinished, kept);
  await disk.syncDirectory(backups);
  return kept;
};

const copyTree = async (disk: Disk, from: string, to: string): Promise<void> => {
  const found = await disk.stat(from);
  if (found === undefined) return;
  if (!found.directory) return copySynced(disk, from, to);
  await disk.makeDirectory(to);
  for (const name of await disk.list(from)) await copyTree(disk, join(from, name), join(to, name));
  await disk.syncDirectory(to);
};
