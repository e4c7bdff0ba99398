import { Worker } from 'node:worker_threads';

/**
 * Runs a file in a thread of its own and answers what it posts. For long searches: the runner of tests follows every
 * promise of its own thread, which takes as long as the search.
 */
export const inThread = <T>(file: URL, task: unknown): Promise<T> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(file, { workerData: task });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
