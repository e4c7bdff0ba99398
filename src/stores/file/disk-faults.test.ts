import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inThread } from '../../../test/support/in-thread.ts';

/** npm run lab -- faults: every error at every call, and so many power cuts behind each. */
const CUTS = Number(process.env.GUICHET_FAULT_CUTS ?? 0);

test('[FS-10] [FS-11] [FS-12] [FS-17] whatever call of the disk fails, once or for good: no record that was acknowledged is lost, and it goes on', {
  timeout: 300_000 + CUTS * 300_000,
}, async (t) => {
  const worker = new URL('./testing/fault-worker.ts', import.meta.url);
  const met = await inThread<number>(worker, { all: CUTS > 0, cuts: Math.max(1, CUTS) });
  assert.ok(met > 1000, `${met} errors`);
  t.diagnostic(`${met} errors, each at another call`);
});
