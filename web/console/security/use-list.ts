import { type ReadonlySignal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { type Sending, useSending } from '../settings/use-form.ts';

/** A list that the server holds, and what is done to it: after each deed it is loaded again. */
export interface List<T> {
  readonly items: ReadonlySignal<readonly T[]>;
  readonly sending: Sending;
  /** Does something and loads the list; answers whether it worked. */
  readonly act: (deed: () => Promise<unknown>) => Promise<boolean>;
}

export const useList = <T>(load: () => Promise<readonly T[]>): List<T> => {
  const items = useSignal<readonly T[]>([]);
  const sending = useSending();
  const reload = async (): Promise<void> => {
    items.value = await load();
  };
  useEffect(() => {
    void reload().catch(() => {});
  }, []);
  return {
    items,
    sending,
    act: (deed) =>
      sending.send(async () => {
        await deed();
        await reload();
      }),
  };
};
