import { type ReadonlySignal, signal } from '@preact/signals';

/** A line that says for a moment what has happened, with a way back where there is one. */
export interface Notice {
  readonly text: () => string;
  readonly undo?: () => void;
}

export interface Notices {
  readonly now: ReadonlySignal<Notice | undefined>;
  say(notice: Notice): void;
  /** Takes back what was said last, if that can be. */
  undo(): void;
  dismiss(): void;
}

const LASTS_MS = 8_000;

export const createNotices = (): Notices => {
  const now = signal<Notice>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const dismiss = (): void => {
    clearTimeout(timer);
    now.value = undefined;
  };
  return {
    now,
    say: (notice) => {
      dismiss();
      now.value = notice;
      timer = setTimeout(dismiss, LASTS_MS);
    },
    undo: () => {
      const { undo } = now.peek() ?? {};
      if (undo === undefined) return;
      dismiss();
      undo();
    },
    dismiss,
  };
};
