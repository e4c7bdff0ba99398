import type { ReadonlySignal } from '@preact/signals';
import { type Sending, useSending } from '../settings/use-form.ts';
import { useLoaded } from '../use-loaded.ts';

/** A list that the server holds, and what is done to it: after each deed it is loaded again. */
export interface List<T> {
  /** Undefined until the server has said which there are. */
  readonly items: ReadonlySignal<readonly T[] | undefined>;
  readonly sending: Sending;
  /** Does something and loads the list; answers whether it worked. */
  readonly act: (deed: () => Promise<unknown>) => Promise<boolean>;
}

export const useList = <T>(load: () => Promise<readonly T[]>): List<T> => {
  const items = useLoaded(load);
  const sending = useSending();
  return {
    items,
    sending,
    act: (deed) =>
      sending.send(async () => {
        await deed();
        items.value = await load();
      }),
  };
};
