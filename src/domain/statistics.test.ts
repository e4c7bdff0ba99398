import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryStore } from '../stores/memory/memory-store.ts';
import { GroupCommit } from './group-commit.ts';
import { DeskStatistics } from './statistics.ts';
import { agent, agentEntry, contactEntry, note, patch, post, put, rate, start, visitor } from './testing/changes.ts';

const DAY_MS = 86_400_000;

test('what is open and waits, first answers and ratings, of the days that were asked for', async () => {
  const store = new MemoryStore();
  let now = Date.UTC(2026, 0, 5, 10);
  const log = new GroupCommit(store, await store.open(), { now: () => now });
  const [anna, claire] = [visitor('anna'), agent('claire')];
  await log.commit(put(contactEntry('anna'), agentEntry('claire')));
  const begin = async (id: string) => {
    await log.commit(start(anna, id));
    await log.commit(post(anna, id, `${id}-1`));
  };
  const after = async (seconds: number, change: Parameters<typeof log.commit>[0]) => {
    now += seconds * 1000;
    await log.commit(change);
  };
  await begin('old');
  now += 3 * DAY_MS;
  await begin('quick');
  await after(30, post(claire, 'quick', 'quick-2'));
  await begin('slow');
  await after(10, note(claire, 'slow', 'slow-n'));
  await after(590, post(claire, 'slow', 'slow-2'));
  await after(1, post(anna, 'slow', 'slow-3'));
  await begin('silent');
  await begin('done');
  await after(100, post(claire, 'done', 'done-2'));
  await after(1, patch(claire, 'done', { status: 'CLOSED' }));
  await after(1, rate(anna, 'done', 4));

  const statistics = new DeskStatistics(store);
  const found = await statistics.of(2, 'UTC', now);
  assert.deepEqual(found.open, { count: 4, atLeast: false });
  assert.deepEqual(found.waiting, { count: 3, atLeast: false }, 'old, slow and silent');
  assert.deepEqual(
    found.started.map(({ count }) => count),
    [0, 4],
  );
  assert.equal(found.started[1]!.day, '2026-01-08');
  assert.deepEqual([found.firstAnswer.count, found.firstAnswer.medianSeconds], [3, 100]);
  assert.deepEqual(
    found.firstAnswer.groups.map(({ count }) => count),
    [1, 1, 1, 0, 0, 0],
    'a note answers nobody',
  );
  assert.deepEqual(found.ratings, { count: 1, average: 4, byScore: [0, 0, 0, 1, 0] });

  // What was found before is right only where nothing was added.
  await after(60, post(claire, 'silent', 'silent-2'));
  await after(1, post(anna, 'quick', 'quick-3'));
  const later = await statistics.of(2, 'UTC', now);
  assert.deepEqual([later.waiting.count, later.firstAnswer.count], [3, 4], 'old, slow and quick');
  await store.close();
});

test('statistics count the whole period, in days of the zone that is asked for, and say where they stop', async () => {
  const store = new MemoryStore();
  let now = Date.UTC(2026, 2, 28, 22, 30);
  const log = new GroupCommit(store, await store.open(), { now: () => now });
  const anna = visitor('anna');
  await log.commit(put(contactEntry('anna')));
  // 23:30 of the 28th in Paris; the night after it has 23 hours only, for clocks change.
  await log.commit(start(anna, 'before midnight'));
  now += 45 * 60_000;
  await log.commit(start(anna, 'after midnight'));
  now = Date.UTC(2026, 2, 29, 21, 59);
  for (let i = 0; i < 700; i += 1) await log.commit(start(anna, `many-${i}`));
  now = Date.UTC(2026, 2, 29, 22, 1);
  await log.commit(start(anna, 'the day after'));
  const paris = await new DeskStatistics(store).of(3, 'Europe/Paris', now);
  assert.deepEqual(paris.started, [
    { day: '2026-03-28', count: 1 },
    { day: '2026-03-29', count: 701 },
    { day: '2026-03-30', count: 1 },
  ]);
  assert.deepEqual([paris.since, paris.lookedAt], ['2026-03-27T23:00:00.000Z', { count: 703, atLeast: false }]);
  const utc = await new DeskStatistics(store).of(2, 'UTC', now);
  assert.deepEqual(
    utc.started.map(({ count }) => count),
    [2, 701],
  );
  const bounded = await new DeskStatistics(store, 100).of(2, 'UTC', now);
  assert.deepEqual(
    [bounded.lookedAt, bounded.open],
    [
      { count: 100, atLeast: true },
      { count: 100, atLeast: true },
    ],
  );
  await store.close();
});
