import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { DiskBlobs } from '../../blobs/disk-blobs.ts';
import { SimulatedDisk } from '../../stores/file/testing/simulated-disk.ts';
import { MemoryStore } from '../../stores/memory/memory-store.ts';
import { GroupCommit } from '../group-commit.ts';
import type { Store } from '../store.ts';
import { agent, attachmentOf, contactEntry, post, put, redact, start, visitor } from '../testing/changes.ts';
import { BlobSweep, POST_LASTS_MS, UNNAMED_LASTS_MS } from './blob-sweep.ts';

const ANNA = visitor('anna');
const CLAIRE = agent('claire');
const idOf = (content: string): string => createHash('sha256').update(content).digest('hex');
const naming = (...contents: string[]) => ({
  attachments: contents.map((content) => attachmentOf(`${content}.txt`, { id: idOf(content) })),
});

const begun = async (t: TestContext, health: Partial<ReturnType<Store['health']>> = {}) => {
  const disk = new SimulatedDisk();
  const blobs = new DiskBlobs(disk, '/blobs');
  const store = new MemoryStore();
  const head = await store.open();
  let sweep: BlobSweep | undefined;
  const log = new GroupCommit(store, head, { onCommitted: ({ released }) => sweep!.release(released) });
  const clock = { now: 1_000_000_000_000 };
  disk.now = () => clock.now;
  const told = new Proxy<Store>(store, {
    get: (target: Store, name: keyof Store) => {
      if (name === 'health') return () => ({ ...target.health(), ...health });
      const value = target[name];
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const errors: unknown[] = [];
  sweep = new BlobSweep({ store: told, blobs, now: () => clock.now, logError: (error) => errors.push(error) });
  t.after(async () => {
    await log.close();
    await sweep.close();
    assert.deepEqual(errors, []);
  });
  const keep = async (content: string): Promise<void> => {
    await blobs.write(
      (async function* () {
        yield Buffer.from(content);
      })(),
    );
  };
  const left = async (): Promise<string[]> => {
    const names = new Map(['a', 'b', 'c'].map((name) => [idOf(name), name]));
    return (await Array.fromAsync(blobs.list())).map(({ id }) => names.get(id)!).sort();
  };
  await log.commit(put(contactEntry('anna')));
  await log.commit(start(ANNA, 'c1'));
  return { blobs, log, clock, sweep, keep, left };
};

test('[BL-7] an upload that no message names goes after a day, and one that is named never does', async (t) => {
  const { log, clock, sweep, keep, left } = await begun(t);
  await keep('a');
  await keep('b');
  await log.commit(post(ANNA, 'c1', 'm1', naming('a')));
  clock.now += UNNAMED_LASTS_MS;
  await keep('c');
  await sweep.sweep();
  assert.deepEqual(await left(), ['a', 'b', 'c']);
  clock.now += 1;
  await sweep.sweep();
  assert.deepEqual(await left(), ['a', 'c']);
});

test('[BL-8] what a redaction frees goes at once, unless another message names it', async (t) => {
  const { log, clock, sweep, keep, left } = await begun(t);
  for (const content of ['a', 'b', 'c']) await keep(content);
  await log.commit(post(ANNA, 'c1', 'm1', naming('a', 'b')));
  await log.commit(post(CLAIRE, 'c1', 'm2', naming('b', 'c')));
  clock.now += POST_LASTS_MS + 1;
  await log.commit(redact(CLAIRE, 'c1', 'm1'));
  await sweep.sweep();
  assert.deepEqual(await left(), ['b', 'c']);
  await log.commit(redact(CLAIRE, 'c1', 'm2'));
  await sweep.sweep();
  assert.deepEqual(await left(), []);
});

test('[BL-8] what a post under way has touched stays for it, and goes with a later sweep', async (t) => {
  const { blobs, log, clock, sweep, keep, left } = await begun(t);
  await keep('a');
  await log.commit(post(ANNA, 'c1', 'm1', naming('a')));
  clock.now += POST_LASTS_MS + 1;
  assert.equal(await blobs.touch(idOf('a')), true);
  await log.commit(redact(CLAIRE, 'c1', 'm1'));
  await sweep.sweep();
  assert.deepEqual(await left(), ['a']);
  clock.now += UNNAMED_LASTS_MS + 1;
  await sweep.sweep();
  assert.deepEqual(await left(), []);
});

for (const health of [{ complete: false }, { unsavedSince: 1 }]) {
  test(`[BL-9] a log that cannot be read whole names everything: ${JSON.stringify(health)}`, async (t) => {
    const { clock, sweep, keep, left } = await begun(t, health);
    await keep('a');
    clock.now += 2 * UNNAMED_LASTS_MS;
    await sweep.sweep();
    assert.deepEqual(await left(), ['a']);
  });
}
