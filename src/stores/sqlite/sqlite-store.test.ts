import assert from 'node:assert/strict';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { tempDir } from '../../../test/support/temp-dir.ts';
import { undoAfter } from '../../../test/support/undo-after.ts';
import { GuichetError } from '../../domain/errors.ts';
import { importedConversation, importedMessage, importOf, post, redact, start } from '../../domain/testing/changes.ts';
import { answers } from '../contract/answers.ts';
import { ANNA, CLAIRE, Writer } from '../contract/writer.ts';
import { FateOpen, type Statement, type Transaction } from '../sql/dialect.ts';
import { raw, type Sql } from '../sql/sql.ts';
import { SqlStore } from '../sql/sql-store.ts';
import { SqliteDriver } from './sqlite-driver.ts';

const placeIn = (t: TestContext): string => join(tempDir(t), 'chat.db');

const begin = async (t: TestContext, driver: SqliteDriver) => {
  const store = new SqlStore(driver);
  undoAfter(t, () => store.close());
  const head = await store.open();
  return { store, head, writer: new Writer(store, head) };
};

const rowsOf = (path: string, query: string): Record<string, unknown>[] => {
  const database = new DatabaseSync(path, { readOnly: true });
  const rows = database.prepare(query).all();
  database.close();
  return rows.map((row) => ({ ...row }));
};

test('[SQ-1] [SQ-4] messages and conversations are rows that another program can read', async (t) => {
  const path = placeIn(t);
  const { writer } = await begin(t, new SqliteDriver('sqlite:chat.db', path));
  await writer.people();
  await writer.submit(start(ANNA, 'c1', { subject: 'Bill' }), post(ANNA, 'c1', 'm1', { content: 'Hello 👋' }));
  const columns = 'id, conversation_id, sender_id, sender_type, content, created_at, seq, kind';
  assert.deepEqual(rowsOf(path, `SELECT ${columns} FROM chat_messages`), [
    {
      ...{ id: 'm1', conversation_id: 'c1', sender_id: 'anna', sender_type: 'USER', content: 'Hello 👋' },
      ...{ created_at: '2025-01-06 08:00:02.000', seq: 1, kind: 'message' },
    },
  ]);
  const conversation = 'id, user_id, agent_id, subject, status, created_at';
  assert.deepEqual(rowsOf(path, `SELECT ${conversation} FROM chat_conversations`), [
    {
      ...{ id: 'c1', user_id: 'anna', agent_id: null, subject: 'Bill', status: 'ACTIVE' },
      created_at: '2025-01-06 08:00:02.000',
    },
  ]);
});

test('[SQ-2] [SQ-4] what columns cannot hold stands beside them, and only that', async (t) => {
  const path = placeIn(t);
  const { store, writer } = await begin(t, new SqliteDriver('sqlite:chat.db', path));
  await writer.people();
  const id = 'x'.repeat(400);
  const odd = { nul: 'a\0b', half: 'a\ud83d b', plain: 'a b' };
  await writer.submit(
    importOf(
      importedConversation(id, 'anna', { subject: 's'.repeat(300), createdAt: '1830-01-01T00:00:00.000Z' }),
      ...Object.entries(odd).map(([name, content]) =>
        importedMessage(id, name, { content, createdAt: '2999-01-01T00:00:00.000Z' }),
      ),
    ),
  );
  const { messages } = await store.messages(id, { limit: 9 });
  assert.deepEqual(Object.fromEntries(messages.map(({ value }) => [value.id, value.content])), odd);
  assert.equal(messages[0]!.value.createdAt, '2999-01-01T00:00:00.000Z');
  assert.equal((await store.conversation(id))!.conversation.subject, 's'.repeat(300));
  assert.deepEqual(rowsOf(path, 'SELECT DISTINCT created_at FROM chat_messages'), [
    { created_at: '2038-01-19 03:14:07.000' },
  ]);
  assert.deepEqual(
    rowsOf(path, 'SELECT content FROM chat_messages ORDER BY seq').map(({ content }) => content),
    ['a\uFFFDb', 'a\uFFFD b', 'a b'],
  );

  await writer.submit(start(ANNA, 'c1'), post(ANNA, 'c1', 'm1'));
  assert.deepEqual(rowsOf(path, "SELECT record FROM chat_messages WHERE id = 'm1'"), [{ record: null }]);
});

test('[SQ-8] a second process is refused, and the file is for its owner', async (t) => {
  const path = placeIn(t);
  const { store } = await begin(t, new SqliteDriver('sqlite:chat.db', path));
  const second = new SqlStore(new SqliteDriver('sqlite:chat.db', path));
  await assert.rejects(second.open(), { code: 'refused', message: /Another process holds sqlite:chat.db/ });
  await second.close();
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  await store.close();
  await begin(t, new SqliteDriver('sqlite:chat.db', path));
});

test('[SQ-9] a file that is no database, damaged, a folder or of a newer format is refused', async (t) => {
  const refusedWith = async (path: string, message: RegExp) => {
    const store = new SqlStore(new SqliteDriver('sqlite:chat.db', path));
    await assert.rejects(store.open(), { code: 'refused', message });
    await store.close();
  };
  const text = placeIn(t);
  await writeFile(text, 'this is a letter, and no database '.repeat(200));
  await refusedWith(text, /damaged or not an SQLite database/);
  await refusedWith(tempDir(t), /is not a file/);

  const path = placeIn(t);
  const { store } = await begin(t, new SqliteDriver('sqlite:chat.db', path));
  await store.close();
  const database = new DatabaseSync(path);
  database.exec('UPDATE chat_head SET format = 99');
  database.close();
  await refusedWith(path, /is of format 99/);
});

const OUTAGE = new GuichetError('unavailable', 'The line was cut.');
/** Fails, and with it the transaction it ends. */
const NOWHERE: Statement = { sql: raw('INSERT INTO nowhere VALUES (1)') };

/** Loses the answer to COMMIT as often as it is told to, with the transaction kept or not. */
class LossyDriver extends SqliteDriver {
  lose: 'kept' | 'not kept' | undefined;
  /** Whether the database can be reached again at once. */
  staysAway = false;

  override transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.#losing(
      () => super.transaction(work),
      () => super.transaction((transaction) => work(transaction).then(() => Promise.reject(OUTAGE))),
    );
  }

  override commitIf(guard: Sql, statements: readonly Statement[]): Promise<boolean> {
    return this.#losing(
      () => super.commitIf(guard, statements),
      () => super.commitIf(guard, [...statements, NOWHERE]),
    );
  }

  async #losing<T>(kept: () => Promise<T>, notKept: () => Promise<unknown>): Promise<T> {
    const { lose } = this;
    if (lose === undefined) {
      if (this.staysAway) throw OUTAGE;
      return kept();
    }
    this.lose = undefined;
    await (lose === 'kept' ? kept() : notKept()).catch(() => {});
    throw new FateOpen(OUTAGE);
  }
}

test('[SQ-6] [LG-48] after a lost answer the head row says what became of the batch', async (t) => {
  const driver = new LossyDriver('sqlite:chat.db', placeIn(t));
  const { store, writer } = await begin(t, driver);
  await writer.people();
  await writer.submit(start(ANNA, 'c1'));

  driver.lose = 'kept';
  await writer.submit(post(ANNA, 'c1', 'm1'));
  driver.lose = 'not kept';
  await assert.rejects(writer.submit(post(ANNA, 'c1', 'm2')), { code: 'unavailable' });
  assert.equal(store.health().state, 'degraded');
  await writer.submit(post(ANNA, 'c1', 'm2'));
  assert.equal(store.health().state, 'open');

  driver.lose = 'kept';
  driver.staysAway = true;
  await assert.rejects(writer.submit(post(ANNA, 'c1', 'm3')), { code: 'unavailable' });
  await assert.rejects(writer.submit(post(ANNA, 'c1', 'm4')), { code: 'unavailable' }, 'nothing is numbered yet');
  driver.staysAway = false;
  const [again] = await writer.submit(post(ANNA, 'c1', 'm3'));
  assert.equal(again!.repeated, true, 'it had landed');
  await writer.submit(post(ANNA, 'c1', 'm4'));
  const ids = (await store.messages('c1', { limit: 9 })).messages.map(({ value }) => value.id);
  assert.deepEqual(ids, ['m1', 'm2', 'm3', 'm4']);
});

test('[SQ-5] a batch that fails half-way leaves nothing behind', async (t) => {
  class BreakingDriver extends SqliteDriver {
    breaks = false;
    override commitIf(guard: Sql, statements: readonly Statement[]): Promise<boolean> {
      return super.commitIf(guard, this.breaks ? [...statements, NOWHERE] : statements);
    }
  }
  const driver = new BreakingDriver('sqlite:chat.db', placeIn(t));
  const { store, writer } = await begin(t, driver);
  await writer.people();
  const before = await answers(store);
  driver.breaks = true;
  await assert.rejects(writer.submit(start(ANNA, 'c1'), post(ANNA, 'c1', 'm1')), { code: 'internal' });
  driver.breaks = false;
  assert.deepEqual(await answers(store), before);
  await writer.submit(start(ANNA, 'c1'), post(ANNA, 'c1', 'm1'));
});

test('[SQ-7] a database that does not sync is said not to', async (t) => {
  class LaxDriver extends SqliteDriver {
    override async open() {
      await super.open();
      return { durable: false, reason: 'The server runs with fsync = off.' };
    }
  }
  const { store, head } = await begin(t, new LaxDriver('sqlite:chat.db', placeIn(t)));
  const batch = { log: head.log, epoch: head.epoch, after: 0, through: 0, records: [] };
  assert.deepEqual(await store.append(batch), { tier: 'sqlite', durable: false });
  assert.equal(store.capabilities.durable, false);
  assert.equal(store.health().lastError, 'The server runs with fsync = off.');
});

test('[SQ-15] [LG-58] records older than the history that is kept are answered from state, the rest one by one', async (t) => {
  const path = placeIn(t);
  const { store, writer } = await begin(t, new SqliteDriver('sqlite:chat.db', path));
  await writer.people();
  await writer.submit(start(ANNA, 'c1'), post(ANNA, 'c1', 'm1'));
  const old = writer.position;
  const before = writer.clock + 1;
  await writer.submit(post(ANNA, 'c1', 'm2'), post(ANNA, 'c1', 'm3'));
  const state = await answers(store);
  await store.forgetHistory(before);
  assert.equal(store.health().floor, old);
  assert.deepEqual(rowsOf(path, 'SELECT count(*) AS left_over FROM chat_log'), [{ left_over: 2 }]);
  assert.deepEqual(await answers(store), state);
  assert.equal((await store.recordsSince(0, 50)).compacted, true);
  const recent = await store.recordsSince(old, 50);
  assert.deepEqual([recent.compacted, recent.records.map(({ position }) => position)], [false, [old + 1, old + 2]]);
  await writer.submit(post(ANNA, 'c1', 'm4'));
  await store.forgetHistory(0);
  assert.equal(store.health().floor, old, 'nothing is that old');
});

test('[SQ-16] what was redacted is in no file any more behind the next checkpoint, nor are its words', async (t) => {
  const path = placeIn(t);
  const driver = new SqliteDriver('sqlite:chat.db', path);
  const { store, writer } = await begin(t, driver);
  await writer.people();
  const secret = 'xylophone';
  const filler = Array.from({ length: 40 }, (_, i) =>
    post(ANNA, 'c1', `m${i}`, { content: `${secret} ${'y'.repeat(i * 200)}` }),
  );
  await writer.submit(start(ANNA, 'c1'), ...filler);
  assert.equal((await store.search({ q: secret, limit: 50 })).messages.length, 40, 'the index has it too');
  await driver.checkpoint();
  const isThere = async (): Promise<boolean[]> => {
    const files = await Promise.all([path, `${path}-wal`].map((file) => readFile(file)));
    return files.map((bytes) => bytes.includes(secret));
  };
  assert.equal((await isThere())[0], true);

  await writer.submit(...filler.map(({ id }) => redact(CLAIRE, 'c1', id!)));
  await store.forgetHistory(writer.clock + 1);
  assert.equal((await store.search({ q: secret, limit: 50 })).messages.length, 0);
  await driver.checkpoint();
  assert.deepEqual(await isThere(), [false, false]);
});
