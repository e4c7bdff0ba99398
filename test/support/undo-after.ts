/** Anything that runs clean-up code when it is over: a test context. */
export interface Scope {
  after(fn: () => void | Promise<void>): void;
}

type Undo = () => void | Promise<void>;

const stacks = new WeakMap<Scope, Undo[]>();

/**
 * Undoes something when the test is over, the latest first: a store is closed before the folder under it goes. The
 * runner itself runs clean-up code in the order it came in, so that a folder would be removed under a store at work.
 */
export const undoAfter = (scope: Scope, undo: Undo): void => {
  const known = stacks.get(scope);
  if (known !== undefined) {
    known.push(undo);
    return;
  }
  const stack = [undo];
  stacks.set(scope, stack);
  scope.after(async () => {
    stacks.delete(scope);
    const failures: unknown[] = [];
    for (const next of stack.reverse()) {
      try {
        await next();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  });
};
