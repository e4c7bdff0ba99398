import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { verifyFileStore } from '../../stores/file/check.ts';
import { Correspondence } from './correspondence.ts';
import { NotStarted, PrivateServer } from './private-server.ts';
import { smallDiskAt } from './small-disk.ts';

/** What one step of a drill did and found. */
export interface DrillStep {
  readonly step: 'kill' | 'lost' | 'damage' | 'full';
  /** Messages acknowledged as durable, every one of which was looked for afterwards. */
  readonly acknowledged: number;
  /** Longest time without a durable acknowledgement, from the blow on. */
  readonly pauseMs: number;
  /** What should not be, in sentences. Empty: all is well. */
  readonly wrong: readonly string[];
  readonly rounds?: number;
  /** What was said of the damage. */
  readonly found?: string;
  /** Messages that were acknowledged as not saved yet, and were saved later. */
  readonly unsaved?: number;
  readonly kind?: 'disk' | 'limit';
}

const WRITERS = 8;
const BYTES = 200;
const ROUNDS = 3;
const MANY = 200;

/** Stores of a drill below a scratch folder: two tiers, so that one can be lost. */
interface Place {
  readonly first: string;
  readonly second: string;
}

/** Runs writers on a server, has something done to it in the middle, and verifies all of it. */
const underLoad = async (
  server: PrivateServer,
  correspondence: Correspondence,
  blow: () => Promise<void>,
): Promise<{ acknowledged: number; pauseMs: number; wrong: string[] }> => {
  try {
    await correspondence.begin();
    await correspondence.more(MANY);
    correspondence.watchPauses();
    await blow();
    await correspondence.more(MANY);
    await correspondence.end();
  } catch (error) {
    correspondence.giveUp();
    throw error;
  }
  const wrong = await correspondence.verify();
  await server.kill();
  return { acknowledged: correspondence.acknowledged, pauseMs: Math.round(correspondence.longestPauseMs), wrong };
};

/** kill -9 while people write, several times over. */
export const survivesKill = async ({ first, second }: Place): Promise<DrillStep> => {
  const server = new PrivateServer([`file:${first}`, `file:${second}`, 'memory:']);
  await server.start();
  const writing = new Correspondence(server, 'kill', WRITERS, BYTES);
  try {
    const done = await underLoad(server, writing, async () => {
      for (let round = 1; round <= ROUNDS; round += 1) {
        await server.kill();
        await server.start();
        if (round < ROUNDS) await writing.more(MANY);
      }
    });
    return { step: 'kill', rounds: ROUNDS, ...done };
  } finally {
    await server.kill();
  }
};

/** The first store is deleted while people write; the second goes on, and fills the first at the next start. */
export const survivesLostTier = async ({ first, second }: Place): Promise<DrillStep> => {
  const server = new PrivateServer([`file:${first}`, `file:${second}`, 'memory:']);
  await server.start();
  const writing = new Correspondence(server, 'lost', WRITERS, BYTES);
  try {
    const { wrong, ...done } = await underLoad(server, writing, async () => {
      // What only the first has by now, while the second is still being filled, would be gone for good.
      await writing.untilLevel();
      await rm(first, { recursive: true });
    });
    await server.start();
    await writing.untilLevel();
    return { step: 'lost', ...done, wrong: [...wrong, ...(await writing.verify())] };
  } finally {
    await server.kill();
  }
};

/** A byte of an acknowledged message is flipped: it is named, never believed, and the other store has the message. */
export const survivesDamage = async ({ first, second }: Place): Promise<DrillStep> => {
  const server = new PrivateServer([`file:${first}`, `file:${second}`, 'memory:']);
  await server.start();
  const writing = new Correspondence(server, 'damage', WRITERS, BYTES);
  try {
    const { wrong, ...done } = await underLoad(server, writing, async () => {});
    await flipIn(join(first, 'journal'), 'drill-damage-0-2 ');
    const { findings } = await verifyFileStore(first);
    const named = findings.find(({ severity }) => severity === 'error');
    if (named === undefined) wrong.push('the check did not see the damage');
    const refusal = await server.start().then(
      () => undefined,
      (error: unknown) => (error instanceof NotStarted ? error.message : Promise.reject(error)),
    );
    if (refusal === undefined) wrong.push('the server started on a damaged store');
    await server.kill();
    // An empty store is another keeper: that the damaged one is given up is for its owner to say.
    await rename(first, `${first}.damaged`);
    await server.start([], [`--leave-behind=file:${first}`]);
    await writing.untilLevel();
    return {
      step: 'damage',
      ...done,
      found: shortOf(named?.message ?? ''),
      wrong: [...wrong, ...(await writing.verify())],
    };
  } finally {
    await server.kill();
  }
};

/** What is damaged, without what the store says around it: that it was not opened, and which command shows more. */
const shortOf = (message: string): string => message.replace(/^[^/]*: /, '').replace(/ See: .*$/, '');

/** Turns one bit of a text in the newest segment that holds it. */
const flipIn = async (journal: string, text: string): Promise<void> => {
  for (const name of (await readdir(journal)).sort().reverse()) {
    const path = join(journal, name);
    const bytes = await readFile(path);
    const at = bytes.indexOf(text);
    if (at < 0) continue;
    bytes[at]! ^= 1;
    await writeFile(path, bytes);
    return;
  }
};

/** The disk fills while people write: memory stands in and says so, and everything is saved when there is room. */
export const survivesFullDisk = async (directory: string): Promise<DrillStep | undefined> => {
  const disk = await smallDiskAt(directory);
  if (disk === undefined) return undefined;
  const server = new PrivateServer([`file:${join(directory, 'data')}`, 'memory:']);
  await server.start(disk.wrapper);
  const writing = new Correspondence(server, 'full', WRITERS, 6000);
  try {
    const done = await underLoad(server, writing, async () => {
      await writing.unsavedReach(WRITERS);
      if (disk.free !== undefined) return disk.free(server.pid);
      await server.kill();
      await server.start();
    });
    return { step: 'full', kind: disk.kind, unsaved: writing.unsaved, ...done };
  } finally {
    await server.kill();
  }
};
