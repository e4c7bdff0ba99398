import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { tempDir } from '../../../test/support/temp-dir.ts';
import { undoAfter } from '../../../test/support/undo-after.ts';
import { parseSingleStoreUrl } from '../../config/store-url.ts';
import { note, post, start } from '../../domain/testing/changes.ts';
import { ANNA, CLAIRE, Writer } from '../contract/writer.ts';
import { createStore, verifyStore } from '../open-store.ts';

const begun = async (t: TestContext) => {
  const path = join(tempDir(t), 'chat.db');
  const url = parseSingleStoreUrl(`sqlite:${path}`, '--store');
  const store = createStore(url);
  undoAfter(t, () => store.close());
  const writer = new Writer(store, await store.open());
  await writer.people();
  await writer.submit(start(ANNA, 'c1'), post(ANNA, 'c1', 'm1'), note(CLAIRE, 'c1', 'n1'), post(ANNA, 'c1', 'm2'));
  return { path, url, store, writer };
};

test('[SQ-14] a sound store is said to be, with what it holds, while it is open', async (t) => {
  const { url, writer } = await begun(t);
  const { ok, findings, counts } = await verifyStore(url);
  assert.deepEqual({ ok, findings }, { ok: true, findings: [] });
  assert.deepEqual([counts.conversations, counts.messages, counts.position], [1, 3, writer.position]);
});

for (const [what, change, message] of [
  ['a message that is gone', "DELETE FROM chat_messages WHERE id = 'm1'", /"c1" counts 3 messages and holds 2/],
  ['a note that turned public', "UPDATE chat_messages SET kind = 'message' WHERE id = 'n1'", /"c1" counts 3/],
  ['a record that is gone', 'DELETE FROM chat_log WHERE position = 2', /1 records between 0 and/],
  ['a row ahead of the log', "UPDATE chat_messages SET position = 999 WHERE id = 'm2'", /ahead of the log's end/],
] as const) {
  test(`[SQ-14] ${what} is found and named`, async (t) => {
    const { path, url, store } = await begun(t);
    await store.close();
    const database = new DatabaseSync(path, { enableForeignKeyConstraints: false });
    database.exec(change);
    database.close();
    const report = await verifyStore(url);
    assert.equal(report.ok, false);
    assert.match(report.findings.map((finding) => finding.message).join('\n'), message);
  });
}

test('[SQ-14] a place that keeps nothing stays as it was', async (t) => {
  const url = parseSingleStoreUrl(`sqlite:${join(tempDir(t), 'none.db')}`, '--store');
  const report = await verifyStore(url);
  assert.match(report.findings[0]!.message, /There is no store in/);
});
