import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { tempDir } from '../../../../test/support/temp-dir.ts';
import type { Store } from '../../../domain/store.ts';
import {
  contactEntry,
  importedConversation,
  importedMessage,
  importOf,
  put,
  redact,
  start,
} from '../../../domain/testing/changes.ts';
import { ANNA, CLAIRE } from '../../contract/writer.ts';
import { NodeDisk } from '../node-disk.ts';
import { openOn, say } from '../testing/site.ts';
import { WordIndex } from './word-index.ts';

const openIn = (t: TestContext, directory: string) => openOn(t, new NodeDisk(), { directory });

const beginIn = async (t: TestContext, directory: string) => {
  const site = await openIn(t, directory);
  await site.writer.people();
  await site.writer.submit(start(ANNA, 'c'));
  return site;
};

const ids = async (store: Store, q: string): Promise<string[]> =>
  (await store.search({ q, limit: 500 })).messages.map(({ value }) => value.id);

/** The index of a closed store. */
const indexIn = (directory: string): WordIndex => new WordIndex(join(directory, 'search.db'));

test('[FS-44] the index stays from one start to the next, for its owner only, and follows the log', async (t) => {
  const directory = tempDir(t);
  const first = await beginIn(t, directory);
  await say(first.writer, 'm', 3);
  assert.deepEqual(await ids(first.store, 'text'), ['m3', 'm2', 'm1']);
  assert.equal(statSync(join(directory, 'search.db')).mode & 0o777, 0o600);
  const { log, position } = (await first.store.view({ conversations: [], messages: [], entries: [], agentEmails: [] }))
    .head;
  await first.store.close();

  const index = indexIn(directory);
  assert.equal(index.begin(`${log.id}.${log.rewinds}`), position, 'the next start has nothing to do');
  index.close();

  const second = await openIn(t, directory);
  await say(second.writer, 'n', 2);
  assert.deepEqual(await ids(second.store, 'text'), ['n2', 'n1', 'm3', 'm2', 'm1']);
});

test('[FS-44] an index that is gone, damaged, of another log or ahead of it is made anew', async (t) => {
  const directory = tempDir(t);
  const path = join(directory, 'search.db');
  const first = await beginIn(t, directory);
  await say(first.writer, 'm', 3);
  assert.deepEqual(await ids(first.store, 'text'), ['m3', 'm2', 'm1']);
  const { log } = (await first.store.view({ conversations: [], messages: [], entries: [], agentEmails: [] })).head;
  await first.store.close();
  const spoil: Record<string, () => unknown> = {
    gone: () => rm(path),
    'no database': () => writeFileSync(path, 'no database'.repeat(1000)),
    'cut off': () => writeFileSync(path, readFileSync(path).subarray(0, 8192)),
    'of another log': () => {
      const index = indexIn(directory);
      index.begin('another.0');
      index.add([[5, JSON.stringify({ id: 'm1', content: 'text', createdAt: '2025-01-06T08:00:00.000Z' })]], 5);
      index.close();
    },
    'ahead of the log': () => {
      const index = indexIn(directory);
      index.begin(`${log.id}.${log.rewinds}`);
      index.add([], 1_000_000);
      index.close();
    },
  };
  for (const [what, spoiled] of Object.entries(spoil)) {
    await spoiled();
    const { store } = await openIn(t, directory);
    for (;;) {
      // The search that meets the damage says so; it was mended behind it.
      const found = await ids(store, 'text').catch(() => undefined);
      if (found === undefined) continue;
      assert.deepEqual(found, ['m3', 'm2', 'm1'], what);
      break;
    }
    await store.close();
  }
});

test('[FS-45] of what was redacted nothing stays in the index', async (t) => {
  const directory = tempDir(t);
  const { store, writer } = await beginIn(t, directory);
  await writer.submit(
    importOf(
      ...['visible', 'confidential'].map((content, i) =>
        importedMessage('c', `r${i}`, { content: `${content} words` }),
      ),
    ),
  );
  assert.deepEqual(await ids(store, 'words'), ['r1', 'r0']);
  await writer.submit(redact(CLAIRE, 'c', 'r1'));
  assert.deepEqual(await ids(store, 'words'), ['r0']);
  await store.close();
  // Words that begin alike share their beginning in the file: the end tells.
  const bytes = readFileSync(join(directory, 'search.db')).toString('latin1');
  assert.ok(bytes.includes('isible'));
  assert.ok(!bytes.includes('onfidential'));
});

test('[FS-44] [LG-73] while much is missing a search says so, and the index is made without it', async (t) => {
  const directory = tempDir(t);
  const { store, writer } = await beginIn(t, directory);
  await writer.submit(put(contactEntry('v1')), importOf(importedConversation('old', 'v1')));
  for (let from = 0; from < 6000; from += 1000) {
    const messages = Array.from({ length: 1000 }, (_, i) =>
      importedMessage('old', `i${from + i}`, { content: `n${from + i}` }),
    );
    await writer.submit(importOf(...messages));
  }
  let told = 0;
  for (;;) {
    const found = await ids(store, 'n5999').catch((error: { code: string; message: string }) => {
      assert.equal(error.code, 'unavailable');
      assert.match(error.message, /index .* is being made: \d+ records are left/);
      told += 1;
    });
    if (found !== undefined) {
      assert.deepEqual(found, ['i5999']);
      break;
    }
    await delay(20);
  }
  t.diagnostic(`${told} searches were told to wait`);
  assert.deepEqual(await ids(store, 'n1234'), ['i1234']);
});
