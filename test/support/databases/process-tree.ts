import { execFileSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';

/** Process ids by parent, of what runs or stands still; what has ended and was not fetched yet is gone. */
const childrenByParent = (): Map<number, number[]> => {
  const children = new Map<number, number[]>();
  const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat='], { encoding: 'utf8' });
  for (const line of table.trim().split('\n')) {
    const [pid = '', parent = '', state = ''] = line.trim().split(/\s+/);
    if (state.startsWith('Z')) continue;
    const known = children.get(Number(parent));
    if (known === undefined) children.set(Number(parent), [Number(pid)]);
    else known.push(Number(pid));
  }
  return children;
};

/** A process and all below it, parents first. Children of PostgreSQL lead groups of their own, so a group is not all. */
const treeOf = (pid: number): number[] => {
  const children = childrenByParent();
  const tree = [pid];
  for (const next of tree) tree.push(...(children.get(next) ?? []));
  return tree;
};

const signal = (pids: readonly number[], name: NodeJS.Signals): void => {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
};

/**
 * Stops a process and all below it where they stand.
 * @returns all of them, parents first
 */
export const freezeTree = (pid: number): number[] => {
  // First the parent, so that no child is born between the look and the blow.
  signal([pid], 'SIGSTOP');
  const tree = treeOf(pid);
  signal(tree, 'SIGSTOP');
  return tree;
};

export const thawTree = (tree: readonly number[]): void => signal([...tree].reverse(), 'SIGCONT');

/** Ends a process and all below it in one blow, as the end of a machine would, and waits until they are gone. */
export const killTree = async (pid: number): Promise<void> => {
  const tree = freezeTree(pid);
  signal(tree, 'SIGKILL');
  for (;;) {
    const alive = new Set([...childrenByParent().values()].flat());
    if (!tree.some((one) => alive.has(one))) return;
    await delay(10);
  }
};
