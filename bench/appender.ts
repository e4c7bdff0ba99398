import { randomUUIDv7 } from 'node:crypto';
import { GroupCommit } from '../src/domain/group-commit.ts';
import { type LogRecord, makeRecord } from '../src/domain/model/record.ts';
import type { Store } from '../src/domain/store.ts';
import { contactEntry, start, visitor } from '../src/domain/testing/changes.ts';

export const CONVERSATIONS = 1000;
export const CONTENT = 'x'.repeat(200);

/** Something that makes a message durable and then calls back. */
export interface Appender {
  append(i: number, done: () => void): void;
  close(): Promise<void>;
}

/** Closed loop of `outstanding` appends; milliseconds of each that was acknowledged within the measured time. */
export const drive = (appender: Appender, outstanding: number, seconds: number): Promise<number[]> =>
  new Promise((resolved) => {
    const latencies: number[] = [];
    const warmUntil = performance.now() + 300;
    const until = warmUntil + seconds * 1000;
    let next = 0;
    let underWay = 0;
    const start = (): void => {
      const at = performance.now();
      underWay += 1;
      appender.append(next++, () => {
        underWay -= 1;
        const now = performance.now();
        if (now >= warmUntil && now < until) latencies.push(now - at);
        if (now < until) start();
        else if (underWay === 0) resolved(latencies);
      });
    };
    for (let i = 0; i < outstanding; i++) start();
  });

/** Everything that waits is one batch: the same rule as that of the queue of the server. */
export const inBatches = (
  write: (numbers: readonly number[]) => Promise<void>,
  close: () => Promise<void>,
): Appender => {
  let waiting: { i: number; done: () => void }[] = [];
  let running = false;
  const run = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      await write(batch.map(({ i }) => i));
      for (const { done } of batch) done();
    }
    running = false;
  };
  return {
    append(i, done) {
      waiting.push({ i, done });
      if (running) return;
      running = true;
      setImmediate(() => void run());
    },
    close,
  };
};

/** Posts numbered by hand, batch by batch, behind `position`. */
export const handNumbered = (position: number): ((numbers: readonly number[]) => LogRecord<'message'>[]) => {
  const seqs = new Array<number>(CONVERSATIONS).fill(0);
  let last = position;
  return (numbers) => {
    const time = Date.now();
    const createdAt = new Date(time).toISOString();
    return numbers.map((i) => {
      const seq = ++seqs[i % CONVERSATIONS]!;
      const sender = { senderId: 'v1', senderType: 'USER' as const, kind: 'message' as const };
      const place = { id: randomUUIDv7(), conversationId: `c${i % CONVERSATIONS}`, seq, publicSeq: seq };
      return makeRecord(++last, time, 'message', { ...place, ...sender, content: CONTENT, createdAt });
    });
  };
};

/** Opens a store that holds nothing and gives it somebody to write to. */
export const begun = async (store: Store): Promise<GroupCommit> => {
  const log = new GroupCommit(store, await store.open({ shared: true }));
  await log.commit({ type: 'putEntries', mode: 'replace', entries: [contactEntry('v1')] });
  await Promise.all(Array.from({ length: CONVERSATIONS }, (_, i) => log.commit(start(visitor('v1'), `c${i}`))));
  return log;
};

/** Posts to a store that was not opened yet, by way of the queue: access, repeats, numbers, and the store behind it. */
export const behindResolve = async (store: Store): Promise<Appender> => {
  const log = await begun(store);
  const actor = visitor('v1');
  return {
    append(i, done) {
      const place = { id: randomUUIDv7(), conversationId: `c${i % CONVERSATIONS}`, kind: 'message' } as const;
      log.submit(
        { type: 'postMessage', actor, ...place, content: CONTENT, sender: { id: 'v1', type: 'USER' } },
        (error) => {
          if (error !== undefined) throw error;
          done();
        },
      );
    },
    close: async () => {
      await log.close();
      await store.close();
    },
  };
};
