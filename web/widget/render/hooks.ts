import { current, type Hook, nextHook, schedule } from './render.ts';

/** Preact's hooks, as far as the components of the widget use them. */

const changed = (before: readonly unknown[] | undefined, now: readonly unknown[] | undefined): boolean =>
  !before || !now || now.some((value, index) => !Object.is(value, before[index]));

export const useState = <T>(initial: T | (() => T)): [T, (next: T | ((before: T) => T)) => void] => {
  const hook = nextHook();
  const instance = current!;
  if (!hook.set) {
    hook.value = typeof initial === 'function' ? (initial as () => T)() : initial;
    hook.set = (next) => {
      const value = typeof next === 'function' ? (next as (before: unknown) => unknown)(hook.value) : next;
      if (Object.is(value, hook.value)) return;
      hook.value = value;
      schedule(instance);
    };
  }
  return [hook.value as T, hook.set as (next: T | ((before: T) => T)) => void];
};

const effect =
  (atOnce: boolean) =>
  (run: () => unknown, deps?: readonly unknown[]): void => {
    const hook: Hook = nextHook();
    if (!changed(hook.deps, deps)) return;
    hook.deps = deps;
    hook.atOnce = atOnce;
    hook.run = run;
  };

export const useEffect = effect(false);
export const useLayoutEffect = effect(true);

export const useRef = <T>(initial?: T): { current: T | undefined } => {
  const hook = nextHook();
  hook.value ??= { current: initial };
  return hook.value as { current: T | undefined };
};

export const useCallback = <T>(callback: T, deps: readonly unknown[]): T => {
  const hook = nextHook();
  if (changed(hook.deps, deps)) {
    hook.deps = deps;
    hook.value = callback;
  }
  return hook.value as T;
};
