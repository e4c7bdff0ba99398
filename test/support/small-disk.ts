import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { needs } from './needs.ts';
import { findProgram } from './programs.ts';

/** Set in a process that already stands on the small disk. */
const MARK = 'GUICHET_SMALL_DISK';

/** The folder that is a small disk, in a process that {@link runOnSmallDisk} started. */
export const smallDisk = (): string | undefined => process.env[MARK];

const unshare = findProgram('unshare');
// Root may mount in a namespace of its own; anybody else becomes root of a user namespace first.
const NAMESPACE = process.getuid?.() === 0 ? ['-m'] : ['-Urm'];

const run = async (args: readonly string[], env: NodeJS.ProcessEnv): Promise<{ code: number; output: string }> => {
  const child = spawn(unshare ?? '', [...NAMESPACE, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return { code: code ?? 1, output };
};

const canMount = async (dir: string): Promise<true | undefined> => {
  if (process.platform !== 'linux' || !unshare) return undefined;
  const { code } = await run(['mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', dir], process.env);
  return code === 0 ? true : undefined;
};

/**
 * Runs a test file once more, in a mount namespace of its own where `dir` is a tmpfs of so many MiB. The mount goes
 * away with the last process in it, whatever happens.
 */
export const runOnSmallDisk = async (t: TestContext, file: string, dir: string, mebibytes: number): Promise<void> => {
  if (!needs(t, await canMount(dir), 'a small disk needs Linux, unshare and root or user namespaces')) return;
  const mountAndRun = `mount -t tmpfs -o size=${mebibytes}m tmpfs "$0" && exec "$@"`;
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const command = [process.execPath, '--test-reporter=spec', file];
  const { code, output } = await run(['sh', '-c', mountAndRun, dir, ...command], { ...env, [MARK]: dir });
  if (code !== 0) throw new Error(output);
  t.diagnostic(output);
};

/** Something that lies on a disk and takes its room away. */
export class Ballast {
  readonly #dir: string;
  readonly #path: string;

  constructor(dir: string) {
    this.#dir = dir;
    this.#path = join(dir, 'ballast');
  }

  /** Resolves when nobody writes to the disk any more: what is behind a snapshot takes room and gives it back. */
  async settled(): Promise<void> {
    const room = (): number => statfsSync(this.#dir).bavail;
    for (let before = -1; before !== room(); await delay(500)) before = room();
  }

  /** Fills the disk but for so many bytes. */
  leave(bytes: number): void {
    const { bavail, bsize } = statfsSync(this.#dir);
    const size = Math.max(0, bavail * bsize - bytes);
    writeFileSync(this.#path, Buffer.alloc(size, 1), { flag: 'a' });
  }

  drop(): void {
    rmSync(this.#path, { force: true });
  }
}
