import { type ReadonlySignal, useSignal } from '@preact/signals';
import type { ClientError } from '../../../src/client/index.ts';
import { words } from '../words.ts';

/** What has become of what was sent: nothing yet, under way, kept, or refused with a sentence. */
export interface Sending {
  readonly busy: ReadonlySignal<boolean>;
  readonly problem: ReadonlySignal<string>;
  readonly saved: ReadonlySignal<boolean>;
  send(what: () => Promise<unknown>): Promise<boolean>;
}

/** Sends a form, and says what became of it in the words of the server where it knows them. */
export const useSending = (): Sending => {
  const busy = useSignal(false);
  const problem = useSignal('');
  const saved = useSignal(false);
  return {
    busy,
    problem,
    saved,
    send: async (what) => {
      busy.value = true;
      problem.value = '';
      saved.value = false;
      try {
        await what();
        saved.value = true;
        return true;
      } catch (cause) {
        const { retry, detail, title, message } = cause as ClientError;
        problem.value = retry === 'never' ? (detail ?? title ?? message) : words.value.unreachable;
        return false;
      } finally {
        busy.value = false;
      }
    },
  };
};
