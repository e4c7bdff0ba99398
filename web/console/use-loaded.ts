import { type Signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { persist } from '../shared/persist.ts';

/**
 * What the server has for a part of a page: loaded when that is first shown, as often as it takes. Undefined until then,
 * which is not "there is none".
 */
export const useLoaded = <T>(load: () => Promise<T>): Signal<T | undefined> => {
  const loaded = useSignal<T | undefined>(undefined);
  useEffect(() => {
    let isWanted = true;
    void persist(
      async () => {
        const answer = await load();
        if (isWanted) loaded.value = answer;
      },
      () => isWanted,
    );
    return () => {
      isWanted = false;
    };
  }, []);
  return loaded;
};
