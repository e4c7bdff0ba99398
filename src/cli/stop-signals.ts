/** Signals that ask for a graceful stop. SIGHUP: the terminal was closed. */
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** One wish to stop may arrive several times: Ctrl-C reaches the whole group, and each parent may pass it on. */
const SAME_WISH_MS = 500;
/** How often to look whether npm's shell is still there. */
const PARENT_EVERY_MS = 500;

/**
 * Calls `first` once when the process is asked to stop, and `again` with an exit code when it is asked a second time.
 * Asked means: one of the signals; the channel to the start script closed; or, under npm, its shell gone, because npm
 * ends only that.
 */
export const onStop = (first: (reason: string) => void, again: (exitCode: number) => void): void => {
  let askedAt: number | undefined;
  const ask = (reason: string, exitCode: number) => {
    const now = performance.now();
    if (askedAt === undefined) {
      askedAt = now;
      first(reason);
    } else if (now - askedAt > SAME_WISH_MS) {
      again(exitCode);
    }
  };
  const codes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };
  for (const signal of SIGNALS) process.on(signal, () => ask(signal, codes[signal]));
  if (process.connected) process.once('disconnect', () => ask('disconnect', codes.SIGTERM));
  if (process.env.npm_lifecycle_event !== undefined) {
    const parent = process.ppid;
    const watch = setInterval(() => {
      if (process.ppid === parent) return;
      clearInterval(watch);
      ask('parent gone', codes.SIGTERM);
    }, PARENT_EVERY_MS);
    watch.unref();
  }
};
