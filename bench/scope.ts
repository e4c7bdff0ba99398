import type { Scope } from '../test/support/temp-dir.ts';

/** Clean-up for code that is no test: the same promise as a test context, kept by `end`, in the order of asking. */
export const scope = (): Scope & { end: () => Promise<void> } => {
  const cleaners: (() => void | Promise<void>)[] = [];
  return {
    after: (clean) => {
      cleaners.push(clean);
    },
    end: async () => {
      for (const clean of cleaners.splice(0)) await clean();
    },
  };
};
