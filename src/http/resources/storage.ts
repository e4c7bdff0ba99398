import { lagOf, writesOf } from '../../domain/storage-state.ts';
import type { Store, StoreHealth, TierHealth } from '../../domain/store.ts';
import { type StorageReport, StorageReport as StorageReportSchema } from '../../protocol/entities.ts';
import { ok, operation } from '../operation.ts';
import type { Backups } from '../running.ts';

export const getStorage = operation({
  summary: 'How the storage is',
  answers: { 200: StorageReportSchema },
  run: async ({ running, context }) => ok(storageReport(running.chat.store, context.backups)),
});

/** A store's health as it is told to agents. A store that is no chain is its only tier. */
const storageReport = (store: Store, backups: Backups | undefined): StorageReport => {
  const health = store.health();
  const { state, position, unsavedSince = null, tiers = [alone(store, health)] } = health;
  const writes = writesOf(store);
  return {
    committing: committing(writes, health, tiers),
    degraded: state !== 'open',
    writes,
    complete: health.complete ?? true,
    durablePosition: health.durable ?? position,
    unsavedSince: time(unsavedSince),
    since: iso(health.since),
    lastError: health.lastError,
    tiers: tiers.map((tier) => ({
      ...tier,
      lag: lagOf(tier, position),
      since: iso(tier.since),
      outSince: time(tier.outSince),
    })),
    lastSnapshot: mark(health.lastSnapshot),
    lastVerifiedBackup: mark(backups?.last ?? null),
    lastBackupError: backups?.error ?? null,
  };
};

const alone = ({ name, kind }: Store, { state, since, position, lastError }: StoreHealth): TierHealth => {
  const isWell = state === 'open';
  const outSince = isWell ? null : since;
  return { name, kind, state: isWell ? 'member' : 'down', since, outSince, position, lastError };
};

/** Name of the tier that the next acknowledgement would name. */
const committing = (
  writes: StorageReport['writes'],
  { best = null }: StoreHealth,
  tiers: readonly TierHealth[],
): string | null => {
  if (writes === 'none') return null;
  if (writes === 'durable' && best !== null) return best;
  return tiers.find(({ kind }) => (kind === 'memory') === (writes === 'volatile'))?.name ?? null;
};

const iso = (time: number): string => new Date(time).toISOString();

const time = (at: number | null): string | null => (at === null ? null : iso(at));

const mark = (held: StoreHealth['lastSnapshot']): StorageReport['lastSnapshot'] =>
  held && { position: held.position, at: iso(held.at) };
