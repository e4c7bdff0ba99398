import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { newLogIdentity } from '../../domain/model/log-identity.ts';
import { post, start } from '../../domain/testing/changes.ts';
import { answers, face, feed } from './answers.ts';
import { compact, Filling } from './filling.ts';
import { type Harness, onSite } from './harness.ts';
import { beginRandom, play, rounds } from './random-log.ts';
import { ANNA } from './writer.ts';

/** Of a store that forgets (capability `reopens`): it says so, and keeps the place of nobody's log. */
export const forgetting = (harness: Harness): void => {
  test(
    '[LG-46] a store that forgets says so before it is opened, and begins anew with another log each time',
    onSite(harness, async (site) => {
      const place = await site.place();
      assert.equal(site.make(place).capabilities.durable, false);
      const first = await site.open({}, place);
      assert.equal(first.store.holder(0).durable, false);
      await first.writer.people();
      await first.store.close();
      const second = await site.open({}, place);
      assert.notEqual(second.head.log.id, first.head.log.id);
      assert.equal(second.head.position, 0);
      assert.equal(await second.store.entry('contact', 'anna'), undefined);
    }),
  );
};

export const reopen = (harness: Harness): void => {
  test(
    '[LG-46] after close and open everything is answered as before, for any log',
    onSite(harness, async (site) => {
      const property = fc.asyncProperty(rounds(10), fc.nat({ max: 10 }), async (log, cut) => {
        const here = await site.place();
        const first = await site.open({}, here);
        await beginRandom(first.writer);
        for (const round of log.slice(0, cut)) await play(first.writer, round);
        const before = await answers(first.store);
        await first.store.close();

        const second = await site.open({}, here);
        assert.deepEqual(await answers(second.store), before);
        second.writer.clock = first.writer.clock;
        for (const round of log.slice(cut)) await play(second.writer, round);
        const then = await answers(second.store);
        const records = (await feed(second.store, second.store.health().floor, 100)).map(face);
        await second.store.close();

        const third = await site.open({}, here);
        assert.deepEqual(await answers(third.store), then);
        if (third.store.health().floor <= second.head.position) {
          const tail = (await feed(third.store, second.head.position, 100)).map(face);
          assert.deepEqual(
            tail,
            records.filter(({ position }) => position > second.head.position),
          );
        }
        await third.store.close();
      });
      await fc.assert(property, { numRuns: site.runs });
    }),
  );

  test(
    '[LG-47] each opening is a new epoch of the same log, and fences what the one before still had under way',
    onSite(harness, async (site) => {
      const place = await site.place();
      const first = await site.open({}, place);
      await first.writer.people();
      await first.writer.submit(start(ANNA, 'c1'));
      const late = first.writer.batch([]);
      await first.store.close();

      const second = await site.open({}, place);
      assert.deepEqual(second.head.log, first.head.log);
      assert.equal(second.head.epoch, first.head.epoch + 1);
      assert.equal(second.head.position, first.writer.position);
      assert.equal(second.head.time, first.writer.clock);
      await assert.rejects(() => second.store.append(late), { code: 'fenced' });
      const again = { ...first.writer.batch(first.writer.records), epoch: second.head.epoch };
      await second.store.append(again);

      second.writer.clock = first.writer.clock - 60_000;
      const [posted] = await second.writer.submit(post(ANNA, 'c1', 'm1'));
      assert.equal(posted!.message!.time, second.head.time, 'time does not go back over a restart');
      await second.store.close();
      assert.equal((await site.open({}, place)).head.epoch, first.head.epoch + 2);
    }),
  );

  test(
    '[LG-45] a place that keeps one log refuses to be another, and stays as it was',
    onSite(harness, async (site) => {
      const place = await site.place();
      const first = await site.open({}, place);
      const { log } = first.head;
      await first.writer.people();
      const before = await answers(first.store);
      await first.store.close();
      for (const other of [newLogIdentity(), { ...log, rewinds: log.rewinds + 1 }]) {
        const store = site.make(place);
        await assert.rejects(() => store.open({ log: other }), { code: 'refused' });
        await store.close();
      }
      const again = await site.open({ log }, place);
      assert.deepEqual(await answers(again.store), before);
    }),
  );

  test(
    '[LG-45] a place says which log it keeps before it is opened, and a keeper stays the same one',
    onSite(harness, async (site) => {
      const place = await site.place();
      const store = site.make(place);
      assert.equal(await store.identity(), undefined);
      const head = await store.open();
      await store.close();
      const again = site.make(place);
      assert.deepEqual(await again.identity(), head.log);
      assert.equal((await again.open()).keeper, head.keeper);
      await again.close();
      const elsewhere = await site.open({ log: head.log });
      if (head.keeper !== undefined) assert.notEqual(elsewhere.head.keeper, head.keeper);
    }),
  );

  test(
    '[LG-46] a keeper that was filled from a compacted feed is the same after close and open',
    onSite(harness, async (site) => {
      const source = await site.open();
      await source.writer.people();
      await source.writer.submit(start(ANNA, 'c1'), post(ANNA, 'c1', 'm1'), post(ANNA, 'c1', 'm2'));
      const place = await site.place();
      const target = await site.open({ log: source.head.log }, place);
      const records = compact(source.writer.records);
      await new Filling(target).take({ records, through: source.writer.position, compacted: true });
      await target.store.close();
      const again = await site.open({}, place);
      assert.deepEqual(await answers(again.store), await answers(source.store));
      await again.writer.submit(post(ANNA, 'c1', 'm3'));
      assert.equal(again.writer.position, source.writer.position + 1);
    }),
  );
};
