import { GroupCommit } from '../../../domain/group-commit.ts';
import type { LogRecord } from '../../../domain/model/record.ts';
import type { Commitment, LogHead } from '../../../domain/store.ts';
import { contactEntry, post, put, start, visitor } from '../../../domain/testing/changes.ts';
import { MemoryStore } from '../../memory/memory-store.ts';
import { type ChainEvent, type MadeDurable, type TieredOptions, TieredStore } from '../tiered-store.ts';
import { FakeDisk } from './fake-disk.ts';
import { FaultyStore } from './faulty-store.ts';
import { inTime, VirtualClock } from './virtual-clock.ts';

export const ANNA = visitor('anna');

export interface FakeChainOptions extends TieredOptions {
  /** Whether memory is the last tier; it is unless this says no. */
  readonly memory?: boolean;
}

/** A chain over fake disks in virtual time, with a queue in front and all it told. */
export class FakeChain {
  readonly disks: readonly FakeDisk[];
  readonly store: TieredStore;
  readonly clock: VirtualClock;
  readonly events: ChainEvent[] = [];
  readonly made: MadeDurable[] = [];
  #queue: GroupCommit | undefined;

  constructor(
    disks: readonly FakeDisk[],
    { memory = true, ...options }: FakeChainOptions = {},
    clock = new VirtualClock(),
  ) {
    this.disks = disks;
    this.clock = clock;
    const makers = disks.map((disk) => () => new FaultyStore(disk));
    this.store = new TieredStore([...makers, ...(memory ? [() => new MemoryStore()] : [])], {
      ...{ probeMs: 0, clock, tell: (event) => this.events.push(event) },
      ...options,
    });
    this.store.onMadeDurable = (made) => this.made.push(made);
  }

  async open(): Promise<LogHead> {
    const head = await this.inTime(this.store.open());
    this.#queue = new GroupCommit(this.store, head, { now: () => this.clock.now() });
    return head;
  }

  /** A contact and a conversation, and the record of the set. */
  async begin(): Promise<this> {
    await this.open();
    await this.inTime(this.#queue!.commit(put(contactEntry('anna'))));
    await this.inTime(this.#queue!.commit(start(ANNA, 'c1')));
    await this.probe();
    return this;
  }

  /** Posts messages in one batch; answers how each is held. */
  post(...ids: string[]): Promise<Commitment[]> {
    return this.inTime(this.send(...ids));
  }

  /** The same while time stands still. */
  async send(...ids: string[]): Promise<Commitment[]> {
    const held = await Promise.all(ids.map((id) => this.#queue!.commit(post(ANNA, 'c1', id))));
    return held.map(({ commitment }) => commitment);
  }

  probe(): Promise<void> {
    return this.inTime(this.store.probe());
  }

  /** Lets time pass as long as somebody waits for it. */
  async inTime<T>(work: Promise<T>): Promise<T> {
    return (await inTime(this.clock, work)) as T;
  }

  /** The process is gone, without a word to anybody. */
  crash(): void {
    for (const disk of this.disks) disk.crash();
  }

  async messages(): Promise<string[]> {
    const page = await this.inTime(this.store.messages('c1', { after: 0, limit: 500 }));
    return page.messages.map((record) => record.value.id);
  }

  /** Names of tiers by state, as in `a member, b down`. */
  get states(): string {
    return this.store
      .health()
      .tiers!.map(({ name, state }) => `${name} ${state}`)
      .join(', ');
  }

  get told(): string[] {
    return this.events.map(({ event, tier }) => `${tier} ${event}`);
  }
}

export const disksNamed = (...names: string[]): FakeDisk[] => names.map((name) => new FakeDisk(name));

/** What a disk holds, in short: messages by id, sets by the names of their members, all else by kind. */
export const heldBy = (disk: FakeDisk): string[] => disk.records.map(nameOf);

export const nameOf = (record: LogRecord): string => {
  if (record.is('message')) return record.value.id;
  if (record.is('chain')) return `set ${record.value.members.map(({ name }) => name).join('+')}`;
  return record.kind;
};

/** What a pair holds when it has begun. */
export const BEGUN = ['contact', 'conversation', 'set a+b'];

/** A chain of two that has begun. */
export const pair = async (options: ConstructorParameters<typeof FakeChain>[1] = {}) => {
  const [a, b] = disksNamed('a', 'b');
  const chain = await new FakeChain([a!, b!], options).begin();
  return { a: a!, b: b!, chain };
};
