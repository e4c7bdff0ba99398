import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { post, start } from '../../domain/testing/changes.ts';
import { answers } from './answers.ts';
import { type Harness, onSite } from './harness.ts';
import { beginRandom, play, rounds } from './random-log.ts';
import { ANNA } from './writer.ts';

/** Of stores that can be read beside whoever writes to them (capability `readsAlong`); the others say so. */
export const readingAlong = (harness: Harness): void => {
  test(
    '[BK-1] a store opened for reading shows what is there, one moment of it, and disturbs nobody',
    onSite(harness, async (site) => {
      const property = fc.asyncProperty(rounds(8), async (log) => {
        const here = await site.place();
        const { store, writer, head } = await site.open({}, here);
        if (!store.capabilities.readsAlong) return;
        await beginRandom(writer);
        for (const round of log) await play(writer, round);
        const reader = site.make(here);
        await reader.open({ reading: true });
        const before = await answers(store);
        assert.deepEqual(await answers(reader), before);
        await assert.rejects(reader.append(writer.batch([])), { code: 'fenced' });

        await writer.submit(start(ANNA, 'later', { userId: 'v1', actor: { type: 'visitor', id: 'v1' } }));
        assert.deepEqual(await answers(reader), before);
        await reader.close();
        assert.equal((await store.view(NOTHING)).head.epoch, head.epoch);
        const then = await answers(store);
        await store.close();

        const second = site.make(here);
        await second.open({ reading: true });
        assert.deepEqual(await answers(second), then);
        await second.close();
      });
      await fc.assert(property, { numRuns: Math.min(site.runs, 8) });
    }),
  );

  test(
    '[BK-1] where nothing is kept there is nothing to read, and the place stays as it was',
    onSite(harness, async (site) => {
      const here = await site.place();
      const reader = site.make(here);
      if (!reader.capabilities.readsAlong) return;
      await assert.rejects(reader.open({ reading: true }), { code: 'refused' });
      await reader.close();
      const { head, writer } = await site.open({}, here);
      assert.equal(head.epoch, 1);
      await writer.people();
      await writer.submit(start(ANNA, 'c'), post(ANNA, 'c', 'm'));
    }),
  );
};

const NOTHING = { conversations: [], messages: [], entries: [], agentEmails: [] };
