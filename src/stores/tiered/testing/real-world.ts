import assert from 'node:assert/strict';
import { asGuichetError } from '../../../domain/errors.ts';
import { GroupCommit } from '../../../domain/group-commit.ts';
import type { LogRecord } from '../../../domain/model/record.ts';
import { contactEntry, post, put, start, visitor } from '../../../domain/testing/changes.ts';
import { MemoryStore } from '../../memory/memory-store.ts';
import type { Picture, Step } from '../model/walk.ts';
import type { Told } from '../model/world.ts';
import { TieredStore } from '../tiered-store.ts';
import { type FaultyDisk, Power } from './faulty-disk.ts';
import { FaultyStore } from './faulty-store.ts';
import { inTime, VirtualClock } from './virtual-clock.ts';

const ANNA = visitor('anna');

/** What is there before the first message: they stand in the log, and in walks, under these names. */
export const PRELUDE = ['contact', 'conversation'] as const;

const changeOf = (message: string) => {
  if (message === 'contact') return put(contactEntry('anna'));
  return message === 'conversation' ? start(ANNA, 'c1') : post(ANNA, 'c1', message);
};

/** What a sender may hear when nothing was acknowledged. */
const OUTAGES = new Set(['unavailable', 'storage_full', 'overloaded']);

/** The tiered store over disks that fail, behind the real queue, with clients that send again: driven like the model. */
export class RealWorld {
  readonly disks: readonly FaultyDisk[];
  readonly #volatile: boolean;
  readonly #tailBound: number;
  readonly #told: Record<string, Told>;
  #clock = new VirtualClock();
  #store: TieredStore | undefined;
  #queue: GroupCommit | undefined;

  constructor(disks: readonly FaultyDisk[], messages: readonly string[], volatile: boolean, tailBound: number) {
    this.disks = disks;
    this.#volatile = volatile;
    this.#tailBound = tailBound;
    this.#told = Object.fromEntries(messages.map((message): [string, Told] => [message, { state: 'unsent' }]));
  }

  async do(step: Step): Promise<void> {
    const power = step.writes === undefined ? undefined : new Power(step.writes);
    for (const disk of this.disks) disk.power = power;
    let isCut = false;
    const cut = power?.off.then(() => {
      isCut = true;
    });
    await inTime(this.#clock, this.#do(step), cut, () => this.#moves);
    // What other disks were given before the process ended is done.
    while (this.#moves !== undefined) await this.#moves;
    for (const disk of this.disks) disk.power = undefined;
    if (isCut) this.#crash();
  }

  get #moves(): Promise<unknown> | undefined {
    const moves = this.disks.flatMap((disk) => disk.moves ?? []);
    return moves.length === 0 ? undefined : Promise.race(moves);
  }

  async #do(step: Step): Promise<void> {
    if (step.type === 'condition') await this.disks[step.tier]!.become(step.condition);
    if (step.type === 'settle') await this.disks[step.tier]!.settle(step.lands);
    if (step.type === 'start') await this.#start();
    if (step.type === 'crash') this.#crash();
    if (step.type === 'probe') await this.#store?.probe();
    if (step.type === 'post') await Promise.all(step.messages.map((message) => this.#post(message)));
  }

  async #start(): Promise<void> {
    const clock = this.#clock;
    const makers = this.disks.map((disk) => () => new FaultyStore(disk));
    const store = new TieredStore([...makers, ...(this.#volatile ? [() => new MemoryStore()] : [])], {
      ...{ probeMs: 0, clock, tail: { records: this.#tailBound, bytes: 1 << 20 } },
    });
    store.onMadeDurable = ({ records }) => this.#madeDurable(records);
    try {
      const head = await store.open();
      this.#store = store;
      this.#queue = new GroupCommit(store, head, { now: () => clock.now() });
    } catch (error) {
      assert.equal(asGuichetError(error).code, 'unavailable', String(error));
    }
  }

  /** The process is gone: nothing of it is closed, nothing of it is heard any more. */
  #crash(): void {
    const now = this.#clock.now();
    this.#clock = new VirtualClock();
    this.#clock.advance(now - this.#clock.now());
    this.#store = undefined;
    this.#queue = undefined;
    for (const disk of this.disks) disk.crash();
    for (const [message, { state }] of Object.entries(this.#told)) {
      if (state === 'soft') this.#told[message] = { state: 'unsent' };
    }
  }

  async #post(message: string): Promise<void> {
    const queue = this.#queue;
    if (queue === undefined) return;
    try {
      const { done, commitment } = await queue.commit(changeOf(message));
      const position = done.message?.position ?? PRELUDE.indexOf(message as 'contact') + 1;
      // A process that ended meanwhile tells nobody anything.
      if (queue !== this.#queue) return;
      this.#told[message] = { state: commitment.durable ? 'durable' : 'soft', at: position - 1 };
    } catch (error) {
      const { code } = asGuichetError(error);
      if (!OUTAGES.has(code)) throw error;
      if (queue === this.#queue && this.#told[message]!.state === 'unsent') this.#told[message] = { state: 'refused' };
    }
  }

  #madeDurable(records: readonly LogRecord[]): void {
    for (const record of records) {
      const name = this.#nameOf(record);
      const told = this.#told[name];
      if (told?.state === 'soft') this.#told[name] = { state: 'durable', at: told.at };
    }
  }

  #nameOf(record: LogRecord): string {
    if (record.is('message')) return record.value.id;
    if (!record.is('chain')) return record.kind;
    const tiers = record.value.members.map(({ keeper }) => this.disks.findIndex((disk) => disk.keeper === keeper));
    return `=${tiers.join('')}`;
  }

  async picture(): Promise<Picture> {
    const held = await Promise.all(this.disks.map((disk) => disk.held()));
    const health = this.#store?.health();
    return {
      disks: held.map((records) => records.map((record) => this.#nameOf(record))),
      told: structuredClone(this.#told),
      process:
        health === undefined
          ? null
          : {
              ...{ proven: health.complete!, durable: health.durable!, head: health.position },
              taking: health.tiers!.filter(({ kind }) => kind !== 'memory').map(({ state }) => state === 'member'),
            },
    };
  }
}
