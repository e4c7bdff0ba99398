import type { Store, TierHealth } from './store.ts';

/** What a write would be now: held for good, in memory only, or refused. */
export const writesOf = (store: Store): 'durable' | 'volatile' | 'none' => {
  const { state, writes } = store.health();
  if (writes !== undefined) return state === 'open' || state === 'degraded' ? writes : 'none';
  if (state !== 'open') return 'none';
  return store.capabilities.durable ? 'durable' : 'volatile';
};

/** Records that a tier lacks of a log that ends at `head`; one that only stands by lacks none. */
export const lagOf = ({ state, position }: TierHealth, head: number): number =>
  state === 'standby' ? 0 : Math.max(0, head - position);
