import { randomUUIDv7 } from 'node:crypto';
import { closeSync, fdatasync, openSync, write } from 'node:fs';
import { join } from 'node:path';
import type { Store } from '../src/domain/store.ts';
import { FileStore } from '../src/stores/file/file-store.ts';
import { tempDir } from '../test/support/temp-dir.ts';
import {
  type Appender,
  begun,
  behindResolve,
  CONTENT,
  CONVERSATIONS,
  drive,
  handNumbered,
  inBatches,
} from './appender.ts';
import { type Measured, measured, printTable } from './report.ts';
import { scope } from './scope.ts';

/** Durable appends, 1, 64 and 1024 outstanding, against a bare append log with group commit. */
export const benchStore = async (options: { seconds: number; rounds: number }): Promise<void> => {
  const peers: Record<string, (dir: string) => Promise<Appender>> = {
    'bare log: write + fdatasync, group commit': bareLog,
    'file store: append of records': fileStore,
    'file store behind resolve': fileStoreBehindResolve,
  };
  for (const outstanding of [1, 64, 1024]) {
    const results = new Map<string, Measured[]>(Object.keys(peers).map((name) => [name, []]));
    for (let round = 0; round < options.rounds; round++) {
      for (const [name, open] of Object.entries(peers)) {
        const own = scope();
        const appender = await open(tempDir(own));
        const latencies = await drive(appender, outstanding, options.seconds);
        results.get(name)!.push(measured(latencies, options.seconds));
        await appender.close();
        await own.end();
      }
    }
    printTable(`Store: durable appends of 200-byte messages, ${outstanding} outstanding`, results);
  }
};

/** The least that is durable: JSON lines, everything that waits in one write and one fdatasync. */
const bareLog = async (dir: string): Promise<Appender> => {
  const file = openSync(join(dir, 'log'), 'a');
  let waiting: { line: string; done: () => void }[] = [];
  let running = false;
  const run = (): void => {
    const batch = waiting;
    waiting = [];
    write(file, Buffer.from(batch.map(({ line }) => line).join('')), (error) => {
      if (error) throw error;
      fdatasync(file, (failed) => {
        if (failed) throw failed;
        for (const { done } of batch) done();
        if (waiting.length > 0) run();
        else running = false;
      });
    });
  };
  return {
    append(i, done) {
      const message = { id: randomUUIDv7(), conversationId: `c${i % CONVERSATIONS}`, senderId: 'v1', content: CONTENT };
      waiting.push({ line: `${JSON.stringify({ ...message, at: new Date().toISOString() })}\n`, done });
      if (running) return;
      running = true;
      setImmediate(run);
    },
    close: async () => closeSync(file),
  };
};

const newFileStore = (directory: string): Store =>
  new FileStore({ directory, snapshotEverySeconds: 0, logger: { info() {}, warn() {}, error() {} } });

/** The store by itself: messages numbered by hand, batches as group commit makes them. */
const fileStore = async (dir: string): Promise<Appender> => {
  const store = newFileStore(dir);
  await begun(store);
  const { head } = await store.view({ conversations: [], messages: [], entries: [], agentEmails: [] });
  const { log, epoch, position } = head;
  const recordsOf = handNumbered(position);
  const write = async (numbers: readonly number[]): Promise<void> => {
    const records = recordsOf(numbers);
    const [first, last] = [records[0]!.position, records.at(-1)!.position];
    await store.append({ log, epoch, after: first - 1, through: last, records });
  };
  return inBatches(write, () => store.close());
};

/** What a post costs in the server, but for the network: access, repeats, numbers, journal, state. */
const fileStoreBehindResolve = (directory: string): Promise<Appender> => behindResolve(newFileStore(directory));
