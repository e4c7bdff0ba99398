import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from 'node:test';
import type { Batch, Commitment } from '../../domain/store.ts';
import { anyLog } from '../contract/any-log.ts';
import { concurrency } from '../contract/concurrency.ts';
import { conversations } from '../contract/conversations.ts';
import { messagePages } from '../contract/message-pages.ts';
import { ordering } from '../contract/ordering.ts';
import { repeats } from '../contract/repeats.ts';
import { type Harness, type Place, storeContract } from '../contract/store-contract.ts';
import { FileStore } from '../file/file-store.ts';
import { SimulatedDisk } from '../file/testing/simulated-disk.ts';
import { MemoryStore } from '../memory/memory-store.ts';
import { FakeDisk } from './testing/fake-disk.ts';
import { FaultyStore } from './testing/faulty-store.ts';
import type { MakeStore } from './tier.ts';
import { TieredStore } from './tiered-store.ts';

/** A place of one tier. */
interface Part {
  readonly make: MakeStore;
  readonly dispose?: () => Promise<void>;
}
type MakePart = (name: string) => Part | Promise<Part>;

const fake: MakePart = (name) => {
  const disk = new FakeDisk(`fake:${name}`);
  return { make: () => new FaultyStore(disk) };
};
const forgetsHistory: MakePart = (name) => {
  const disk = new FakeDisk(`fake:${name}`);
  disk.history = 3;
  return { make: () => new FaultyStore(disk) };
};
const memory: MakePart = () => ({ make: () => new MemoryStore() });
const simulatedFile: MakePart = (name) => {
  const disk = new SimulatedDisk();
  return { make: () => new FileStore({ directory: `/${name}`, disk, snapshotEverySeconds: 0 }) };
};
const file: MakePart = async () => {
  const directory = await mkdtemp(join(tmpdir(), 'guichet-chain-'));
  return {
    make: () => new FileStore({ directory, snapshotEverySeconds: 0 }),
    dispose: () => rm(directory, { recursive: true, force: true }),
  };
};

/** Nobody looks after the tiers but the test: a record of the set would be one more than the suite counts on. */
const chainOf = (runs: number, ...parts: MakePart[]): Harness => ({
  runs,
  create: async (): Promise<Place> => {
    const made = await Promise.all(parts.map(async (part, i) => part(`tier-${i + 1}`)));
    return {
      make: () =>
        new TieredStore(
          made.map(({ make }) => make),
          { probeMs: 0 },
        ),
      dispose: async () => {
        for (const part of made) await part.dispose?.();
      },
    };
  },
});

storeContract('chain: fake', chainOf(15, fake));
storeContract('chain: fake, memory', chainOf(15, fake, memory));
storeContract('chain: fake, fake', chainOf(15, fake, fake));
storeContract('chain: fake, fake of short history', chainOf(10, fake, forgetsHistory));
storeContract('chain: fake of short history, fake', chainOf(10, forgetsHistory, fake));
storeContract('chain: file, memory', chainOf(4, file, memory));
storeContract('chain: file, fake', chainOf(8, simulatedFile, fake));
storeContract('chain: fake, file', chainOf(8, fake, simulatedFile));
storeContract('chain: file, file', chainOf(5, simulatedFile, simulatedFile));
storeContract('chain: fake, fake, memory', chainOf(10, fake, fake, memory));
storeContract('chain: fake, fake, fake', chainOf(10, fake, fake, fake));
storeContract('chain: fake, file, memory', chainOf(5, fake, simulatedFile, memory));
storeContract('chain: file, file, fake', chainOf(3, simulatedFile, simulatedFile, fake));

/** A chain whose durable tier fills up after some batches: from then on memory holds what is new. */
class FilledUp extends TieredStore {
  override get capabilities() {
    return { durable: false, reopens: false };
  }

  // What the tier took before it was full is durable all the same.
  override async append(batch: Batch): Promise<Commitment> {
    return { ...(await super.append(batch)), durable: false };
  }
}

const filledUp = (batches: number, history?: number): Harness => ({
  runs: 30,
  create: async (): Promise<Place> => {
    const disk = new FakeDisk('fake:small');
    disk.history = history;
    let taken = 0;
    class SmallStore extends FaultyStore {
      override async append(batch: Batch): Promise<Commitment> {
        if (taken >= batches) disk.condition = 'full';
        const commitment = await super.append(batch);
        if (batch.records.length > 0) taken += 1;
        return commitment;
      }
    }
    return {
      make: () => new FilledUp([() => new SmallStore(disk), () => new MemoryStore()], { probeMs: 0 }),
      dispose: async () => {},
    };
  },
});

/** Without what fills an empty keeper: nobody fills a chain that stands on memory. */
const written = { repeats, ordering, anyLog, conversations, messagePages, concurrency };
const overlaid: Record<string, Harness> = {
  'all of it in memory': filledUp(0),
  'nearly all of it in memory': filledUp(2),
  'its newest part in memory': filledUp(6),
  'its newest part in memory, over a short history': filledUp(6, 3),
};
for (const [name, harness] of Object.entries(overlaid)) {
  for (const [subject, tests] of Object.entries(written)) {
    describe(`chain with ${name}: ${subject}`, () => tests(harness));
  }
}
