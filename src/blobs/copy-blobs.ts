import type { GuichetError } from '../domain/errors.ts';
import type { Disk } from '../stores/file/disk.ts';
import { DiskBlobs } from './disk-blobs.ts';

/**
 * Copies the content of files from one directory to another: what is there already is not copied again, and each is
 * compared with its hash on the way. One that is damaged is named and left out: it keeps no other from being copied.
 * @param which which ones, by default all; and `earlier`, a directory whose contents may be shared instead: the same
 *   files under one more name
 * @returns how many there are now
 */
export const copyBlobs = async (
  disk: Disk,
  from: string,
  to: string,
  logger: { warn(message: string): void },
  {
    wanted = () => true,
    earlier,
  }: { readonly wanted?: ((id: string) => boolean) | undefined; readonly earlier?: string | undefined } = {},
): Promise<number> => {
  const [source, target] = [new DiskBlobs(disk, from), new DiskBlobs(disk, to)];
  const sharing = earlier === undefined ? undefined : new DiskBlobs(disk, earlier);
  const tellDamage = (id: string, outcome: string): void =>
    logger.warn(`The file ${id} in ${from} is damaged and was ${outcome}.`);
  let count = 0;
  for await (const { id } of source.list()) {
    if (!wanted(id)) continue;
    if (await target.has(id)) count += 1;
    else if (sharing !== undefined && (await target.share(sharing, id))) {
      count += 1;
      // What is shared is not read from its source, whose damage has to be told all the same.
      if ((await source.has(id)) && !(await source.isWhole(id))) tellDamage(id, `taken from ${earlier}`);
    } else {
      // A sweep may have taken it away since it was listed.
      const found = await source.read(id);
      if (found === undefined) continue;
      try {
        await target.write(found.content, id);
        count += 1;
      } catch (error) {
        const { code } = error as GuichetError;
        if (code === 'storage_full' || (await source.isWhole(id))) throw error;
        tellDamage(id, 'not copied');
      }
    }
  }
  return count;
};
