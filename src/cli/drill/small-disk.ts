import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

/** A way to give a server a disk that fills up, and to free it again. */
export interface SmallDisk {
  /** `disk`: a real one of some MiB. `limit`: files that may not grow past a size, where none may be mounted. */
  readonly kind: 'disk' | 'limit';
  readonly wrapper: readonly string[];
  /** Frees room under a server that goes on; `undefined` where it has to be started again without the wrapper. */
  readonly free: ((pid: number) => Promise<void>) | undefined;
}

/** Room for the store, and what is taken away again when the disk is to be freed. */
const ROOM_MIB = 2;
const BALLAST_MIB = 8;

// Root may mount in a namespace of its own; anybody else becomes root of a user namespace first.
const NAMESPACE = process.getuid?.() === 0 ? ['-m'] : ['-Urm'];
const MOUNT = `mount -t tmpfs -o size=${ROOM_MIB + BALLAST_MIB}m tmpfs "$0" && head -c ${BALLAST_MIB}m /dev/zero > "$0/ballast"`;
/** A signal ends a program that passes the limit; ignored, the write fails as on a full disk. */
const LIMIT = `trap '' XFSZ; ulimit -f ${ROOM_MIB * 2048}; exec "$@"`;

const works = async (program: string, args: readonly string[]): Promise<boolean> => {
  const child = spawn(program, args, { stdio: 'ignore' });
  const code = await Promise.race([once(child, 'close').then(([status]) => status as number), once(child, 'error')]);
  return code === 0;
};

/** @param directory that becomes the small disk, for the server alone; its data go below it */
export const smallDiskAt = async (directory: string): Promise<SmallDisk | undefined> => {
  if (process.platform === 'linux' && (await works('unshare', [...NAMESPACE, 'sh', '-c', MOUNT, directory]))) {
    return {
      kind: 'disk',
      wrapper: ['unshare', ...NAMESPACE, 'sh', '-c', `${MOUNT}; exec "$@"`, directory],
      // The mount is seen by the server only; we reach it through the server.
      free: (pid) => rm(join(`/proc/${pid}/root`, directory, 'ballast')),
    };
  }
  if (!(await works('sh', ['-c', LIMIT, 'sh', 'true']))) return undefined;
  return { kind: 'limit', wrapper: ['sh', '-c', LIMIT, 'sh'], free: undefined };
};
