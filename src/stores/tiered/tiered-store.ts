import { GuichetError, isOutage } from '../../domain/errors.ts';
import { type LogIdentity, newLogIdentity } from '../../domain/model/log-identity.ts';
import { StoreLifecycle } from '../../domain/state/store-lifecycle.ts';
import type * as Port from '../../domain/store.ts';
import { Chain } from './chain.ts';
import type { ChainEvent, MadeDurable } from './chain-events.ts';
import { type Clock, SYSTEM_CLOCK } from './clock.ts';
import { mayHoldTheLog } from './prove.ts';
import type { TailBounds } from './tail.ts';
import { type MakeStore, Tier } from './tier.ts';

export type { ChainEvent, MadeDurable } from './chain-events.ts';

export interface TieredOptions {
  /** Milliseconds after which a silent tier is taken for failed. */
  readonly timeoutMs?: number;
  /** Milliseconds between two looks at the tiers that are out; 0: only when `probe` is called. */
  readonly probeMs?: number;
  readonly tail?: TailBounds;
  /** Names of tiers the owner gives up: a start does not wait for what they alone may hold (FB-7). */
  readonly leaveBehind?: readonly string[];
  readonly clock?: Clock;
  readonly tell?: (event: ChainEvent) => void;
}

const TAIL: TailBounds = { records: 10_000, bytes: 32 * 1024 * 1024 };

/** Several stores as one, by the rules of docs/spec/fallback.md: the life of the chain, its reads and its health. */
export class TieredStore implements Port.Store {
  readonly name: string;
  /** Called in the turn in which records of the tail became durable, before anything newer is acknowledged. */
  onMadeDurable: (made: MadeDurable) => void = () => {};
  readonly #tiers: readonly Tier[];
  readonly #volatile: Port.Store | undefined;
  readonly #probeMs: number;
  readonly #leaveBehind: readonly string[];
  readonly #clock: Clock;
  readonly #tell: (event: ChainEvent) => void;
  readonly #lifecycle = new StoreLifecycle();
  readonly #chain: Chain;
  /** The one store of the list, when it is shared with other processes: they take turns there, and nothing is chained. */
  #alone: Port.Store | undefined;
  #cancelProbe: () => void = () => {};
  #probing: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  /**
   * @param stores makers of the tiers, best first; at most one is not durable, and it comes last
   * @throws GuichetError `refused` for a list that is no chain
   */
  constructor(stores: readonly MakeStore[], options: TieredOptions = {}) {
    const { timeoutMs = 2000, probeMs = 1000, tail = TAIL, leaveBehind = [], clock = SYSTEM_CLOCK } = options;
    const made = stores.map((make) => ({ make, store: make() }));
    requireChain(made.map(({ store }) => store));
    this.name = made.map(({ store }) => store.name).join(',');
    this.#volatile = made.find(({ store }) => !store.capabilities.durable)?.store;
    this.#tiers = made
      .filter(({ store }) => store !== this.#volatile)
      .map(({ make, store }) => new Tier(store, make, timeoutMs, clock));
    this.#probeMs = probeMs;
    this.#leaveBehind = leaveBehind;
    this.#clock = clock;
    this.#tell = options.tell ?? (() => {});
    this.#chain = new Chain(this.#tiers, this.#volatile, {
      ...{ clock, tail, leaveBehind },
      tell: this.#tell,
      madeDurable: (records) => this.onMadeDurable(records),
    });
  }

  get kind(): Port.StoreKind {
    return this.#chain.best?.kind ?? this.#tiers[0]!.kind;
  }

  get capabilities(): Port.Capabilities {
    return { durable: true, reopens: this.#tiers.every((tier) => tier.store.capabilities.reopens) };
  }

  async identity(): Promise<LogIdentity | undefined> {
    return (await this.#askForLog()).log;
  }

  /** The log that the tiers keep, and who did not say. */
  async #askForLog(): Promise<{ log: LogIdentity | undefined; silent: ReadonlyMap<Tier, unknown> }> {
    const silent = new Map<Tier, unknown>();
    const found = await Promise.all(
      this.#tiers.map(async (tier) => {
        try {
          return await tier.identity();
        } catch (error) {
          if (!isOutage(error)) throw error;
          silent.set(tier, error);
          return undefined;
        }
      }),
    );
    return { log: found.find((log) => log !== undefined), silent };
  }

  open(options: Port.OpenOptions = {}): Promise<Port.LogHead> {
    return this.#lifecycle.open(() => this.#open(options));
  }

  async #open(options: Port.OpenOptions): Promise<Port.LogHead> {
    try {
      const { log: kept, silent } = await this.#askForLog();
      const isSure = this.#tiers.length === 1 && silent.size === 0;
      // One that is alone begins its log itself: another process may do so at the same time.
      const log = options.log ?? kept ?? (isSure ? undefined : this.#newLog([...silent.keys()]));
      // Who did not answer is not waited for a second time.
      await Promise.all(this.#tiers.map((tier) => this.#openTier(tier, log, silent.get(tier))));
      const [only] = this.#tiers;
      if (only!.store.shared !== undefined) {
        this.#alone = only!.store;
        this.#lifecycle.opened();
        return only!.opened!;
      }
      this.#requireDistinct();
      const begun = log ?? only!.opened?.log;
      if (begun === undefined) throw mayHoldTheLog([only!.name]);
      await this.#chain.settle(begun);
    } catch (error) {
      await Promise.all(this.#tiers.map((tier) => tier.close()));
      this.#lifecycle.closed();
      throw error;
    }
    this.#lifecycle.opened();
    this.#schedule();
    return this.#chain.head;
  }

  /** @throws GuichetError `unavailable` when a log may be kept where nobody answers: a second one must not begin */
  #newLog(silent: readonly Tier[]): LogIdentity {
    const missing = silent.map((tier) => tier.name).filter((name) => !this.#leaveBehind.includes(name));
    if (missing.length === 0 && silent.length < this.#tiers.length) return newLogIdentity();
    throw mayHoldTheLog(missing);
  }

  /** An outage is worked around; a refusal needs the owner and is passed on. */
  async #openTier(tier: Tier, log: LogIdentity | undefined, outage: unknown): Promise<void> {
    try {
      if (outage !== undefined) throw outage;
      await tier.open(log, this.#tiers.length === 1 && this.#volatile === undefined);
    } catch (error) {
      if (!isOutage(error)) throw error;
      tier.to('down', error);
      this.#tell({ event: 'failed', tier: tier.name, error });
    }
  }

  /** Two tiers that are one and the same, or copies of each other, would vouch for each other. */
  #requireDistinct(): void {
    const seen = new Map<string, Tier>();
    for (const tier of this.#tiers) {
      const twin = seen.get(tier.keeper);
      if (twin !== undefined) {
        const advice = 'One of them is a copy of the other: take it out of the chain, or empty it to have it filled.';
        throw new GuichetError('refused', `${twin.name} and ${tier.name} are the same store. ${advice}`);
      }
      seen.set(tier.keeper, tier);
    }
  }

  get shared(): Port.SharedLog | undefined {
    return this.#alone?.shared;
  }

  holder(position: number): Port.Commitment {
    if (this.#alone !== undefined) return this.#alone.holder(position);
    return this.#chain.holder(position);
  }

  // Not async: whoever reads must not learn of a batch before its sender does, see `Chain.shown`.
  append(batch: Port.Batch): Promise<Port.Commitment> {
    const { state } = this.#lifecycle;
    if (state !== 'open') return Promise.reject(new GuichetError('closing'));
    if (this.#alone !== undefined) return this.#alone.append(batch);
    return this.#chain.append(batch);
  }

  /** One look at everything that is out: opens, drains, fills, joins. Runs by itself every `probeMs`. */
  probe(): Promise<void> {
    this.#probing ??= this.#probe().finally(() => {
      this.#probing = undefined;
    });
    return this.#probing;
  }

  async #probe(): Promise<void> {
    for (const tier of this.#tiers) {
      if (this.#lifecycle.state !== 'open') return;
      if (tier.state !== 'member') await this.#chain.look(tier);
      else if (tier.isMute) await this.#chain.listenTo(tier);
    }
    if (this.#lifecycle.state === 'open') await this.#chain.record();
  }

  #schedule(): void {
    if (this.#probeMs === 0 || this.#closing !== undefined) return;
    this.#cancelProbe = this.#clock.after(this.#probeMs, () => {
      void this.probe().finally(() => this.#schedule());
    });
  }

  health(): Port.StoreHealth {
    if (this.#alone !== undefined) return this.#aloneHealth(this.#alone);
    const { best, visible, durable, missing, fence, tail, writes } = this.#chain;
    const { floor = 0, lastSnapshot = null } = best?.store.health() ?? {};
    const outs = this.#tiers.filter((tier) => tier.state !== 'member');
    const degraded = outs.length > 0 || missing.length > 0 || tail !== undefined || fence !== undefined;
    const { state } = this.#lifecycle;
    return {
      state: state === 'open' && degraded ? 'degraded' : state,
      since: Math.max(this.#lifecycle.since, ...this.#tiers.map((tier) => tier.since)),
      position: visible,
      durable,
      floor,
      complete: missing.length === 0,
      best: best?.name ?? null,
      writes,
      unsavedSince: tail?.since ?? null,
      lastError: fence?.message ?? outs.find((tier) => tier.failure)?.failure?.message ?? null,
      lastSnapshot,
      tiers: this.#tierHealth(),
    };
  }

  #aloneHealth(store: Port.Store): Port.StoreHealth {
    const health = store.health();
    const { state } = this.#lifecycle;
    if (state !== 'open') return { ...health, state };
    const kept = store.holder(health.position).durable ? 'durable' : 'volatile';
    return { ...health, best: store.name, writes: health.state === 'open' ? kept : 'none' };
  }

  #tierHealth(): readonly Port.TierHealth[] {
    const durable = this.#tiers.map(({ name, kind, state, since, outSince, position, failure, store }) => {
      const lastError = failure?.message ?? store.health().lastError;
      return { name, kind, state, since, outSince, position, lastError };
    });
    if (this.#volatile === undefined) return durable;
    const { name, kind } = this.#volatile;
    const { tail, visible } = this.#chain;
    const since = tail?.since ?? this.#lifecycle.since;
    const state = tail === undefined ? ('standby' as const) : ('member' as const);
    return [...durable, { name, kind, state, since, outSince: null, position: visible, lastError: null }];
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#lifecycle.whenOpened();
    const wasOpen = this.#lifecycle.state === 'open';
    this.#lifecycle.closing();
    this.#cancelProbe();
    await this.#probing;
    if (wasOpen && this.#alone === undefined) await this.#chain.drain();
    await Promise.all(this.#tiers.map((tier) => tier.close()));
    this.#lifecycle.closed();
  }

  get #reads(): Port.Reads {
    this.#lifecycle.requireOpen();
    return this.#alone ?? this.#chain.shown;
  }

  async view(request: Port.ViewRequest): Promise<Port.View> {
    if (this.#alone !== undefined) return this.#reads.view(request);
    const view = await this.#reads.view(request);
    const { log, epoch } = this.#chain.head;
    // A tier may hold what was refused to its senders; asked for again, that is no repeat before it is sure.
    const position = Math.min(view.head.position, this.#chain.visible);
    const messages = new Map([...view.messages].filter(([, message]) => message.position <= position));
    return { ...view, messages, head: { log, epoch, position, time: view.head.time } };
  }

  async recordsSince(position: number, limit: number, filter?: Port.RecordFilter): Promise<Port.RecordPage> {
    return this.#reads.recordsSince(position, limit, filter);
  }

  async conversation(id: string): ReturnType<Port.Store['conversation']> {
    return this.#reads.conversation(id);
  }

  async conversations(query: Port.ConversationQuery): Promise<Port.ConversationPage> {
    return this.#reads.conversations(query);
  }

  async messages(conversationId: string, range: Port.MessageRange): Promise<Port.MessagePage> {
    return this.#reads.messages(conversationId, range);
  }

  async countMessages(requests: readonly Port.MessageCount[]): Promise<number[]> {
    return this.#reads.countMessages(requests);
  }

  async search(query: Port.MessageSearch): Promise<Port.MessageHits> {
    return this.#reads.search(query);
  }

  async entry<K extends Parameters<Port.Store['entry']>[0]>(kind: K, id: string) {
    return this.#reads.entry(kind, id);
  }

  async entries<K extends Parameters<Port.Store['entry']>[0]>(kind: K, page?: { after?: string; limit?: number }) {
    return this.#reads.entries(kind, page);
  }

  async agentByEmail(email: string): ReturnType<Port.Store['agentByEmail']> {
    return this.#reads.agentByEmail(email);
  }

  /** Of every tier that has copies; true only when all of these are new. */
  async takeSnapshot(forgetting = false): Promise<boolean> {
    const taken = this.#tiers.flatMap(({ store }) => (store.takeSnapshot ? [store.takeSnapshot(forgetting)] : []));
    return taken.length > 0 && (await Promise.all(taken)).every(Boolean);
  }
}

/** What a list of stores must be, as sentences. */
const requireChain = (stores: readonly Port.Store[]): void => {
  const volatile = stores.filter((store) => !store.capabilities.durable);
  const twice = stores.find(({ name }, i) => stores.findIndex((other) => other.name === name) !== i);
  const refuse = (sentence: string): never => {
    throw new GuichetError('refused', sentence);
  };
  if (twice !== undefined) refuse(`${twice.name} is twice in the chain.`);
  if (volatile.length === stores.length) refuse('A chain needs a store that keeps what it is given.');
  if (volatile.length > 1 || (volatile.length === 1 && stores.at(-1) !== volatile[0])) {
    refuse('Only the last store of a chain may be one that forgets.');
  }
};
