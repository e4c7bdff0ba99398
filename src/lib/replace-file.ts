import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Puts a file in the place of another so that after a crash or a power cut there is the old one or the new one, whole.
 * @param mode permissions of the new file
 */
export const replaceFile = async (path: string, content: string, mode: number): Promise<void> => {
  const next = `${path}.next`;
  await rm(next, { force: true });
  const file = await open(next, 'wx', mode);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(next, path);
  await syncDirectory(dirname(path));
};

/** Makes the names in a directory durable. Windows has no such call, and keeps them with the file. */
const syncDirectory = async (path: string): Promise<void> => {
  if (process.platform === 'win32') return;
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
};
