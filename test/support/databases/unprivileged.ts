import { chownSync, readFileSync } from 'node:fs';

/** Who a database server runs as; nothing when the tests run as somebody unprivileged already. */
export interface User {
  readonly uid?: number;
  readonly gid?: number;
}

/** The first of these users that the machine has, when the tests run as root: database servers refuse to be root. */
export const unprivileged = (...names: readonly string[]): User => {
  if (process.getuid?.() !== 0) return {};
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const name of [...names, 'nobody']) {
    const found = users.find(([known]) => known === name);
    if (found) return { uid: Number(found[2]), gid: Number(found[3]) };
  }
  return { uid: 65_534, gid: 65_534 };
};

/** Gives a folder to that user. */
export const handOver = (dir: string, { uid, gid }: User): void => {
  if (uid !== undefined && gid !== undefined) chownSync(dir, uid, gid);
};
