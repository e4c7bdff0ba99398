import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeLongHistory } from '../../../test/support/long-history.ts';
import { tempDir } from '../../../test/support/temp-dir.ts';
import { survivesLostTier } from './steps.ts';

test('a store is lost only when the other has everything, however long it takes to fill that one', async (t) => {
  const directory = tempDir(t);
  const place = { first: join(directory, 'first'), second: join(directory, 'second') };
  await writeLongHistory(place.first, { conversations: 30_000, messages: 100 });
  const { wrong } = await survivesLostTier(place);
  assert.deepEqual(wrong, []);
});
