import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { newLogIdentity } from '../../domain/model/log-identity.ts';
import type { Batch, Store } from '../../domain/store.ts';
import { start } from '../../domain/testing/changes.ts';
import { type Harness, onSite } from './harness.ts';
import { ANNA } from './writer.ts';

const NOTHING: Batch = { log: { id: 'none', rewinds: 0 }, epoch: 1, after: 0, through: 0, records: [] };

/** Every call that needs an open store. */
const calls = (store: Store): Record<string, () => Promise<unknown>> => ({
  append: () => store.append(NOTHING),
  view: () => store.view({ conversations: [], messages: [], entries: [], agentEmails: [] }),
  recordsSince: () => store.recordsSince(0, 1),
  'recordsSince of a visitor': () => store.recordsSince(0, 1, { userId: 'anna' }),
  conversation: () => store.conversation('c1'),
  conversations: () => store.conversations({ limit: 1 }),
  messages: () => store.messages('c1', { limit: 1 }),
  countMessages: () => store.countMessages([]),
  search: () => store.search({ q: 'a', limit: 1 }),
  entry: () => store.entry('agent', 'claire'),
  entries: () => store.entries('agent'),
  agentByEmail: () => store.agentByEmail('claire@example.org'),
});

const allRejectClosing = async (store: Store): Promise<void> => {
  for (const [name, call] of Object.entries(calls(store))) {
    await assert.rejects(call, { code: 'closing' }, `${name} of a store that is not open`);
  }
};

export const lifecycle = (harness: Harness): void => {
  test(
    '[LG-43] every call before open rejects with closing',
    onSite(harness, async (site) => {
      const store = site.make(await site.place());
      assert.equal(store.health().state, 'new');
      assert.equal(await store.identity(), undefined);
      await allRejectClosing(store);
    }),
  );

  test(
    '[LG-43] every call after close rejects with closing',
    onSite(harness, async (site) => {
      const { store, writer } = await site.open();
      await writer.people();
      await store.close();
      assert.equal(store.health().state, 'closed');
      await allRejectClosing(store);
    }),
  );

  test(
    '[LG-44] a store is opened once, closed as often as one likes, and always says how it is',
    onSite(harness, async (site) => {
      const store = site.make(await site.place());
      const head = await store.open();
      assert.equal(store.health().state, 'open');
      await assert.rejects(() => store.open(), { code: 'closing' });
      assert.deepEqual(
        (await store.view({ conversations: [], messages: [], entries: [], agentEmails: [] })).head,
        head,
      );
      await Promise.all([store.close(), store.close()]);
      await store.close();
      assert.equal(store.health().state, 'closed');
      await assert.rejects(() => store.open(), { code: 'closing' });
    }),
  );

  test(
    '[LG-44] a store that was never opened can be closed, and then not opened',
    onSite(harness, async (site) => {
      const store = site.make(await site.place());
      await store.close();
      assert.equal(store.health().state, 'closed');
      await assert.rejects(() => store.open(), { code: 'closing' });
    }),
  );

  test(
    '[LG-44] a close during the opening waits for it and leaves a place that can be opened',
    onSite(harness, async (site) => {
      const place = await site.place();
      const store = site.make(place);
      const opening = store.open();
      await store.close();
      const still = nextTurn('runs');
      assert.notEqual(await Promise.race([opening, still]), 'runs', 'the opening still runs');
      await allRejectClosing(store);
      const { store: next } = await site.open({}, place);
      assert.equal(next.health().state, 'open');
    }),
  );

  test(
    '[LG-44] health follows the head',
    onSite(harness, async (site) => {
      const { store, writer } = await site.open();
      assert.equal(store.health().position, 0);
      await writer.people();
      await writer.submit(start(ANNA, 'c1'));
      assert.equal(store.health().position, writer.position);
      assert.ok(store.health().floor <= writer.position);
      assert.equal(store.health().lastError, null);
    }),
  );

  test(
    '[LG-45] an empty store takes the log it is given, and makes one of its own otherwise',
    onSite(harness, async (site) => {
      const log = { ...newLogIdentity(), rewinds: 3 };
      const { head } = await site.open({ log });
      assert.deepEqual(head.log, log);
      assert.deepEqual([head.position, head.time], [0, 0]);
      assert.ok(head.epoch >= 1);

      const [one, two] = [await site.open(), await site.open()];
      assert.equal(one.head.log.rewinds, 0);
      assert.notEqual(one.head.log.id, '');
      assert.notEqual(one.head.log.id, two.head.log.id);
    }),
  );
};
