import { performance } from 'node:perf_hooks';
import type { Histogram, Registry } from 'prom-client';
import type { Committed } from '../domain/group-commit.ts';
import { lagOf, writesOf } from '../domain/storage-state.ts';
import type { TierHealth } from '../domain/store.ts';
import type { Backups, Running } from './running.ts';

const DURATIONS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const BATCH_SIZES = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096];

/** What counts as it happens, from the first time somebody looked. */
interface Counting {
  readonly registry: Registry;
  readonly requests: Histogram<'method' | 'route' | 'status'>;
  readonly batches: Histogram;
}

/**
 * Figures for Prometheus. A server that nobody watches does not even load the library; what can be asked is asked when
 * somebody looks, because the default metrics of the library would wake the process every 10 ms.
 */
export class Metrics {
  readonly #running: () => Running | undefined;
  readonly #backups: () => Backups | undefined;
  readonly #refused: () => Iterable<readonly [string, number]>;
  #loading: Promise<Counting> | undefined;
  #counting: Counting | undefined;
  #batches = 0;
  #records = 0;
  readonly #transitions = new Map<string, number>();

  /** @param running answers `undefined` while the store is not open */
  constructor(
    running: () => Running | undefined,
    backups: () => Backups | undefined = () => undefined,
    refused: () => Iterable<readonly [string, number]> = () => [],
  ) {
    this.#running = running;
    this.#backups = backups;
    this.#refused = refused;
  }

  request(method: string, route: string, status: number, seconds: number): void {
    this.#counting?.requests.observe({ method, route, status: String(status) }, seconds);
  }

  committed({ records }: Committed): void {
    this.#batches += 1;
    this.#records += records.length;
    this.#counting?.batches.observe(records.length);
  }

  /** A tier of the chain came, went or changed its part. */
  chainMoved(event: string): void {
    this.#transitions.set(event, (this.#transitions.get(event) ?? 0) + 1);
  }

  /** All figures in the format that `contentType` names. */
  async text(): Promise<{ text: string; contentType: string }> {
    this.#loading ??= this.#load();
    this.#counting = await this.#loading;
    const { registry } = this.#counting;
    return { text: await registry.metrics(), contentType: registry.contentType };
  }

  async #load(): Promise<Counting> {
    // A CommonJS package: its classes are those of its default export.
    const { default: prometheus } = await import('prom-client');
    const registry = new prometheus.Registry();
    const registers = [registry];
    const asked = (kind: 'Gauge' | 'Counter', name: string, help: string, value: () => number): void => {
      new prometheus[kind]({
        name,
        help,
        registers,
        collect() {
          this.reset();
          this.inc(value());
        },
      });
    };
    const health = () => this.#running()?.chat.store.health();
    asked('Counter', 'guichet_commits_total', 'Batches stored since the start', () => this.#batches);
    asked('Counter', 'guichet_records_total', 'Records stored since the start', () => this.#records);
    asked('Gauge', 'guichet_commit_queue_changes', 'Changes that wait', () => this.#running()?.chat.log.depth ?? 0);
    asked('Gauge', 'guichet_sockets', 'Open WebSockets', () => this.#running()?.live.sockets ?? 0);
    asked('Gauge', 'guichet_polls', 'Polls that wait', () => this.#running()?.live.polls ?? 0);
    asked('Gauge', 'guichet_store_position', 'Position of the newest record', () => health()?.position ?? 0);
    asked('Gauge', 'guichet_store_durable_position', 'Position up to which all is durable', () => {
      return health()?.durable ?? health()?.position ?? 0;
    });
    asked('Gauge', 'guichet_store_unsaved_seconds', 'Age of the oldest record that is in memory only', () => {
      return secondsSince(health()?.unsavedSince ?? null);
    });
    asked('Gauge', 'guichet_store_writable', '1: takes writes', () => {
      const store = this.#running()?.chat.store;
      return store === undefined || writesOf(store) === 'none' ? 0 : 1;
    });
    asked(
      'Gauge',
      'guichet_backup_verified_timestamp_seconds',
      'When the last verified backup was taken, epoch',
      () => {
        return (this.#backups()?.last?.at ?? 0) / 1000;
      },
    );
    asked('Gauge', 'guichet_backup_failed', '1: the last backup was not made', () => {
      return (this.#backups()?.error ?? null) === null ? 0 : 1;
    });
    const labelled = (
      kind: 'Gauge' | 'Counter',
      name: string,
      help: string,
      label: string,
      values: () => Iterable<readonly [string, number]>,
    ): void => {
      new prometheus[kind]({
        name,
        help,
        labelNames: [label],
        registers,
        collect() {
          this.reset();
          for (const [of, value] of values()) this.inc({ [label]: of }, value);
        },
      });
    };
    const tiers = (value: (tier: TierHealth, head: number) => number) => () => {
      const { tiers: all = [], position = 0 } = health() ?? {};
      return all.map((tier) => [tier.name, value(tier, position)] as const);
    };
    const isMember = ({ state }: TierHealth): number => (state === 'member' ? 1 : 0);
    labelled('Gauge', 'guichet_tier_member', '1: takes part in storing', 'tier', tiers(isMember));
    labelled('Gauge', 'guichet_tier_lag_records', 'Records that a tier lacks', 'tier', tiers(lagOf));
    const outSeconds = ({ outSince }: TierHealth): number => secondsSince(outSince);
    labelled('Gauge', 'guichet_tier_lag_seconds', 'Time since a tier held everything', 'tier', tiers(outSeconds));
    labelled('Counter', 'guichet_refused_total', 'Calls and sockets that were told to wait', 'budget', () => {
      return this.#refused();
    });
    labelled('Counter', 'guichet_chain_transitions_total', 'Changes of tiers', 'event', () => this.#transitions);
    asked('Gauge', 'process_resident_memory_bytes', 'Resident memory', () => process.memoryUsage.rss());
    asked('Gauge', 'nodejs_heap_size_used_bytes', 'Heap in use', () => process.memoryUsage().heapUsed);
    asked('Counter', 'process_cpu_seconds_total', 'CPU time used', cpuSeconds);
    asked('Gauge', 'process_start_time_seconds', 'Start of the process, epoch', () => performance.timeOrigin / 1000);
    return {
      registry,
      requests: new prometheus.Histogram({
        name: 'guichet_http_request_duration_seconds',
        help: 'Time to answer an HTTP request, polls that wait included; since somebody first asked for figures',
        labelNames: ['method', 'route', 'status'],
        buckets: DURATIONS,
        registers,
      }),
      batches: new prometheus.Histogram({
        name: 'guichet_commit_batch_records',
        help: 'Records in each batch that the store made durable; since somebody first asked for figures',
        buckets: BATCH_SIZES,
        registers,
      }),
    };
  }
}

const secondsSince = (time: number | null): number => (time === null ? 0 : Math.max(0, Date.now() - time) / 1000);

const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
