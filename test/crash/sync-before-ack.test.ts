import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { call } from '../support/call.ts';
import { followMessages, TRACED_CALLS } from '../support/follow-messages.ts';
import { Ledger } from '../support/ledger.ts';
import { startServer } from '../support/server.ts';
import { tempDir } from '../support/temp-dir.ts';
import { readTrace, startTracer } from '../support/trace.ts';
import { runWriters } from '../support/writers.ts';

const MESSAGES = 400;
for (const [kind, title] of [
  ['file', 'each acknowledgement, and each delivery, comes after a successful sync of the message'],
  ['sqlite', '[SQ-8] the same in an SQLite file'],
] as const) {
  test(title, (t) => syncsFirst(t, kind));
}

const syncsFirst = async (t: TestContext, kind: 'file' | 'sqlite'): Promise<void> => {
  const tracer = startTracer(t, TRACED_CALLS);
  if (!tracer) return;
  const dataDir = tempDir(t);
  const store = kind === 'file' ? `file:${dataDir}` : `sqlite:${dataDir}/chat.db`;
  const server = await startServer(t, { wrapper: tracer.wrapper, dataDir, store });
  const conversations = ['a', 'b'];
  for (const id of conversations) await call(server, 'POST', '/conversations', { id, userId: 'visitor' });

  const ledger = new Ledger();
  const writing = runWriters(server, ledger, 8, conversations);
  await ledger.reaches(MESSAGES);
  await server.stop();
  await writing;

  const { sent, syncs } = followMessages(readTrace(await tracer.whole(server.pid)), ledger.acknowledgedIds);
  assert.ok(syncs > 0 && sent.size >= MESSAGES, `the trace shows ${sent.size} messages and ${syncs} syncs`);
  for (const id of ledger.acknowledgedIds) assert.ok(sent.has(id), `${id} was acknowledged, but not in the trace`);
  t.diagnostic(`${sent.size} messages followed through ${syncs} syncs`);
};
