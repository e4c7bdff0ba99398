import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, setPriority } from 'node:os';
import type { StoreUrl } from '../config/store-url.ts';

/** The text of a store URL, with what the name leaves out. */
const textOf = (url: StoreUrl): string => {
  if (url.kind === 'memory') return url.name;
  return 'path' in url ? `${url.kind}:${url.path}` : url.url.href;
};

/**
 * Writes a backup in a process of its own, at a low priority: reading a whole log back takes seconds of work and its
 * memory, and neither is the chat's. Rejects with what that process said.
 * @param blobs where the content of files is
 * @param main the program that was started
 */
export const backUpInProcess = async (
  main: string,
  store: StoreUrl,
  blobs: string,
  to: string,
  signal: AbortSignal,
): Promise<void> => {
  // By the environment: a URL may hold a password.
  const env = { ...process.env, STORE: textOf(store), LC_ALL: 'C', NODE_OPTIONS: process.env.NODE_OPTIONS ?? '' };
  const child = spawn(process.execPath, [main, 'backup', '--to', to, '--blobs', blobs], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = `${said}${text}`.slice(-2000);
  });
  const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  const stop = (): void => void child.kill('SIGTERM');
  signal.addEventListener('abort', stop, { once: true });
  try {
    if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW);
  } catch {
    // Where priorities are not ours to set it runs as everything else does.
  }
  const [code, killed] = await ended;
  signal.removeEventListener('abort', stop);
  if (code !== 0) throw new Error(said.trim() || `The process that wrote it ended (${killed ?? code}).`);
};
