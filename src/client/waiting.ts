import { listen } from './listen.ts';

/** How often a page looks at the clock, and how much more than that must have passed for it to have slept. */
const LOOK_MS = 5_000;
const SLEPT_MS = 20_000;

/**
 * Back on the network, looked at again, or awake after a sleep: the moments at which waiting any longer would be silly.
 * `slept` when the machine stood still for so long that whoever was at the other end has given up.
 */
export const listenForWakeUps = (wake: (slept: boolean) => void): (() => void) => {
  const { document } = globalThis;
  const isHidden = (): boolean => document?.visibilityState === 'hidden';
  let looked = Date.now();
  // Sleep raises no event in a page that stays in sight. In a hidden one timers are slowed down: that is no sleep.
  const look = setInterval(() => {
    const passed = Date.now() - looked;
    looked += passed;
    if (passed > LOOK_MS + SLEPT_MS && !isHidden()) wake(true);
  }, LOOK_MS);
  const roused = (): void => {
    if (!isHidden()) wake(false);
  };
  // Absent in programs that are no pages.
  const ends = document && [
    listen(globalThis as unknown as EventTarget, 'online pageshow', roused),
    listen(document, 'visibilitychange resume', roused),
  ];
  return () => {
    clearInterval(look);
    for (const end of ends ?? []) end();
  };
};

/** A wait that somebody else can cut short. */
export class Pause {
  #end: (() => void) | undefined;

  /** Resolves after `ms`, or at the next {@link wake}. One wait at a time. */
  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.wake(), ms);
      this.#end = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  wake(): void {
    const end = this.#end;
    this.#end = undefined;
    end?.();
  }
}
