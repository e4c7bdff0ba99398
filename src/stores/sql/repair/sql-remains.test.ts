import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { seededRandom } from '../../../../test/support/random.ts';
import { tempDir } from '../../../../test/support/temp-dir.ts';
import { undoAfter } from '../../../../test/support/undo-after.ts';
import { digestLog, messagesOf, wholeDigest } from '../../../domain/digest.ts';
import { LOST_TEXT, salvage } from '../../../domain/repair/salvage.ts';
import type { Store } from '../../../domain/store.ts';
import type { StoreProblem } from '../../../domain/store-problem.ts';
import { note, post, redact, start } from '../../../domain/testing/changes.ts';
import { verifyReads } from '../../../domain/verify-reads.ts';
import { beginRandom, play, rounds } from '../../contract/random-log.ts';
import { ANNA, BRUNO, CLAIRE, Writer } from '../../contract/writer.ts';
import { MemoryStore } from '../../memory/memory-store.ts';
import { SqliteDriver } from '../../sqlite/sqlite-driver.ts';
import { verifySqlStore } from '../check.ts';
import type { SqlRow } from '../sql.ts';
import { SqlStore } from '../sql-store.ts';
import { SqlRemains } from './sql-remains.ts';

const NAME = 'sqlite:chat.db';
const PAGE = 4096;
/** Of conversation c; with those of d and the notes between them. */
const MESSAGES = 400;
const textOf = (i: number): string => `text ${String(i).padStart(3, '0')} of c ${'x'.repeat(150)}`;

/** Two conversations in a file that was closed. @param history whether records are kept one by one */
const closed = async (t: TestContext, history: 'kept' | 'forgotten') => {
  const path = join(tempDir(t), 'chat.db');
  const store = new SqlStore(new SqliteDriver(NAME, path));
  undoAfter(t, () => store.close());
  const writer = new Writer(store, await store.open());
  await writer.people();
  await writer.submit(start(ANNA, 'c'), start(BRUNO, 'd'), post(BRUNO, 'd', 'd1'));
  for (let i = 1; i <= MESSAGES; i += 1) {
    const content = textOf(i);
    await writer.submit(i % 10 === 0 ? note(CLAIRE, 'c', `c${i}`, { content }) : post(ANNA, 'c', `c${i}`, { content }));
  }
  await writer.submit(redact(CLAIRE, 'c', 'c7'));
  if (history === 'forgotten') await store.forgetHistory(writer.clock + 1);
  const digest = wholeDigest(await digestLog(store));
  await store.close();
  return { path, writer, digest, log: writer.opened.log };
};

const change = (path: string, text: string): void => {
  const database = new DatabaseSync(path, { enableForeignKeyConstraints: false });
  database.exec(text);
  database.close();
};

/** What `guichet repair` brings together. */
const brought = async (path: string, donors: readonly Store[] = []) => {
  const driver = new SqliteDriver(NAME, path);
  try {
    const remains = await SqlRemains.of(driver);
    const log = remains.log ?? { id: 'anew', rewinds: 0 };
    const into = new MemoryStore();
    await into.open({ log });
    const report = await salvage({ name: NAME, remains, donors, into, log });
    assert.ok((await verifyReads(into, 'memory:')).ok, 'what was brought together is whole');
    return { into, report, log, digest: wholeDigest(await digestLog(into)) };
  } finally {
    await driver.close();
  }
};

const textsOf = async (store: Store, id = 'c'): Promise<string[]> => {
  const texts: string[] = [];
  for await (const { value } of messagesOf(store, id)) texts.push(value.content);
  return texts;
};

const isSound = async (path: string): Promise<boolean> => (await verifySqlStore(new SqliteDriver(NAME, path))).ok;

/** The log up to a position, in another store. */
const donorOf = async ({ log }: { log: { id: string; rewinds: number } }, writer: Writer, upTo: number) => {
  const donor = new MemoryStore();
  const { epoch } = await donor.open({ log });
  const records = writer.records.filter(({ position }) => position <= upTo);
  await donor.append({ log, epoch, after: 0, through: upTo, records });
  return donor;
};

/** Fills the pages with nonsense in which one of these texts stands. @returns how many there were */
const ruin = (path: string, ...texts: readonly string[]): number => {
  const bytes = readFileSync(path);
  const pages = new Set<number>();
  for (const text of texts) {
    for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) pages.add(Math.floor(at / PAGE));
  }
  for (const page of pages) bytes.fill(0xa5, page * PAGE, (page + 1) * PAGE);
  writeFileSync(path, bytes);
  return pages.size;
};

test('[BK-18] what the state has lost is in the history, and the other way round', async (t) => {
  const { path, digest } = await closed(t, 'kept');
  change(
    path,
    `DELETE FROM chat_messages WHERE id IN ('c3', 'c400', 'd1'); DELETE FROM chat_conversations WHERE id = 'd';
     DELETE FROM chat_log WHERE position BETWEEN 100 AND 120; UPDATE chat_conversations SET last_seq = 1;
     DELETE FROM chat_entries WHERE id = 'anna'; UPDATE chat_messages SET position = 99999 WHERE id = 'c5'`,
  );
  assert.equal(await isSound(path), false);
  const { report, digest: after } = await brought(path);
  assert.deepEqual([report.lost, report.placeholders, after], [0, 0, digest]);
});

test('[BK-18] what neither has is given up in its place, at the end of a conversation too', async (t) => {
  const { path, digest } = await closed(t, 'kept');
  const lost = ['c3', 'c20', 'c400'];
  const places = lost.map((id) => `'${id}'`).join(', ');
  change(
    path,
    `DELETE FROM chat_log WHERE position IN (SELECT position FROM chat_messages WHERE id IN (${places}));
     DELETE FROM chat_messages WHERE id IN (${places})`,
  );
  const { into, report, digest: after } = await brought(path);
  assert.deepEqual([report.lost, report.placeholders], [3, 3]);
  assert.notEqual(after, digest);
  const texts = await textsOf(into);
  assert.equal(texts.length, MESSAGES);
  for (const i of [3, 20, 400]) assert.equal(texts[i - 1], LOST_TEXT);
  assert.equal(texts[3], textOf(4));
  const { messages } = await into.messages('c', { after: 19, limit: 1 });
  assert.equal(messages[0]!.value.kind, 'note', 'nobody learns of a note by its loss');
});

test('[BK-18] a position of the history that nothing speaks of counts as lost, whatever it was', async (t) => {
  const { path, digest } = await closed(t, 'kept');
  change(path, `DELETE FROM chat_log WHERE record LIKE '%text 007 of c%'`);
  const { report, digest: after } = await brought(path);
  assert.deepEqual([report.lost, report.placeholders, after], [1, 0, digest]);
});

test('[BK-18] without a history the numbers of conversations tell what is missing', async (t) => {
  const { path, digest } = await closed(t, 'forgotten');
  assert.equal((await brought(path)).digest, digest);
  change(path, `DELETE FROM chat_messages WHERE id IN ('c3', 'c400'); DELETE FROM chat_conversations WHERE id = 'd'`);
  const { into, report } = await brought(path);
  assert.equal(report.placeholders, 2);
  assert.ok(report.lost >= 3);
  const texts = await textsOf(into);
  assert.deepEqual([texts.length, texts[2], texts[399]], [MESSAGES, LOST_TEXT, LOST_TEXT]);
  assert.deepEqual(await textsOf(into, 'd'), ['text of d1']);
  assert.equal((await into.conversation('d'))!.conversation.userId, 'bruno');
});

test('[BK-19] of a damaged file everything is read but what is on the damaged pages', async (t) => {
  const { path } = await closed(t, 'forgotten');
  assert.ok(ruin(path, textOf(50), textOf(300)) >= 2);
  assert.equal(await isSound(path), false);
  const { into, report } = await brought(path);
  const texts = await textsOf(into);
  assert.equal(texts.length, MESSAGES);
  const lost = texts.filter((text) => text === LOST_TEXT).length;
  // A page of 4 KiB holds about ten such messages.
  assert.ok(lost >= 2 && lost <= 60 && report.placeholders === lost, `${lost} of ${MESSAGES} messages are lost`);
  for (const [i, text] of texts.entries()) assert.ok([textOf(i + 1), LOST_TEXT, ''].includes(text), text);
});

test('[BK-19] another store gives what is on the damaged pages, and what came later is read here', async (t) => {
  const { path, writer, digest, log } = await closed(t, 'forgotten');
  ruin(path, textOf(50), textOf(60));
  const donor = await donorOf({ log }, writer, writer.position);
  const { report, digest: after } = await brought(path, [donor]);
  assert.deepEqual([report.lost, report.base, after], [0, { position: writer.position, from: 'memory:' }, digest]);
});

test('[BK-19] what another store holds of before the history may have changed since, so it counts as lost', async (t) => {
  for (const history of ['kept', 'forgotten'] as const) {
    const { path, writer, digest, log } = await closed(t, history);
    const donor = await donorOf({ log }, writer, 300);
    change(path, "DELETE FROM chat_messages WHERE id = 'c7'; DELETE FROM chat_entries WHERE id = 'bruno'");
    const { into, report, digest: after } = await brought(path, [donor]);
    if (history === 'kept') assert.deepEqual([report.lost, after], [0, digest]);
    else assert.deepEqual([report.lost, (await textsOf(into))[6]], [2, textOf(7)], 'the redaction is not there');
  }
});

test('[BK-18] of any sound log everything is brought together, and nothing of it is doubted', async (t) => {
  await fc.assert(
    fc.asyncProperty(rounds(20), fc.nat({ max: 20 }), async (log, forgotten) => {
      const path = join(tempDir(t), 'chat.db');
      const store = new SqlStore(new SqliteDriver(NAME, path));
      try {
        const writer = new Writer(store, await store.open());
        await beginRandom(writer);
        for (const [i, round] of log.entries()) {
          if (i === forgotten) await store.forgetHistory(writer.clock + 1);
          await play(writer, round);
        }
        const expected = wholeDigest(await digestLog(store));
        await store.close();
        const { report, digest } = await brought(path);
        assert.deepEqual([report.lost, report.head, digest], [0, writer.position, expected]);
      } finally {
        await store.close();
      }
    }),
    { numRuns: 25 },
  );
});

/** Damaged copies of a file: what could be made of each is whole, and says nothing that nobody wrote. */
const bringsWhole = async (t: TestContext, path: string, damages: Iterable<(bytes: Buffer) => void>) => {
  const bytes = readFileSync(path);
  const copy = join(tempDir(t), 'chat.db');
  let [kept, tried] = [0, 0];
  for (const damage of damages) {
    const broken = Buffer.from(bytes);
    damage(broken);
    writeFileSync(copy, broken);
    tried += 1;
    try {
      const { into, report } = await brought(copy);
      const texts = await textsOf(into);
      const isOurs = (text: string, i: number) => [textOf(i + 1), LOST_TEXT, ''].includes(text);
      const wrong = texts.filter((text, i) => !isOurs(text, i)).length;
      assert.ok(wrong <= report.lost, `${wrong} texts are wrong, and ${report.lost} changes are said to be lost`);
      kept += texts.some((text) => text.startsWith('text')) ? 1 : 0;
    } catch (error) {
      // The first page is no SQLite any more, or the statements on it that made the tables.
      assert.equal((error as { code?: string }).code, 'refused', String(error));
    }
  }
  t.diagnostic(`${kept} of ${tried} files gave messages back`);
  assert.ok(kept > tried / 2);
};

test('[BK-19] a file of which many pages are nonsense gives back what is on the rest', async (t) => {
  const { path } = await closed(t, 'kept');
  const damages = Array.from({ length: 11 }, (_, i) => (bytes: Buffer) => {
    for (let page = i + 1; page < bytes.length / PAGE; page += 6 + i) bytes.fill(0xa5, page * PAGE, (page + 1) * PAGE);
  });
  await bringsWhole(t, path, damages);
});

test('[BK-20] a file in which bytes are others gives back a whole log, and counts what it cannot tell', async (t) => {
  const { path } = await closed(t, 'kept');
  const random = seededRandom(7);
  const damages = Array.from({ length: 60 }, () => (bytes: Buffer) => {
    for (let flips = 1 + random() * 40; flips > 0; flips -= 1) {
      bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
    }
  });
  await bringsWhole(t, path, damages);
});

for (const history of ['kept', 'forgotten'] as const) {
  test(`[BK-20] a database that has lost the row of its log still gives the rest, its history ${history}`, async (t) => {
    const { path, digest } = await closed(t, history);
    change(path, 'DELETE FROM chat_head');
    const driver = new SqliteDriver(NAME, path);
    undoAfter(t, () => driver.close());
    assert.equal((await SqlRemains.of(driver)).log, undefined);
    const { report, digest: after } = await brought(path);
    assert.deepEqual([report.lost, after], [0, digest]);
  });
}

test('[BK-20] a row of the log that no log can have is none', async (t) => {
  const { path, digest } = await closed(t, 'kept');
  for (const nonsense of ['position = -5', 'position = 4503599627370496', 'floor_position = 99999', "log_id = x'00'"]) {
    const copy = join(tempDir(t), 'chat.db');
    copyFileSync(path, copy);
    change(copy, `UPDATE chat_head SET ${nonsense}`);
    const { log, digest: after } = await brought(copy);
    assert.deepEqual([log.id, after], ['anew', digest], nonsense);
  }
});

test('[BK-20] a table that is gone takes nothing with it that another one says', async (t) => {
  const { path, digest } = await closed(t, 'kept');
  for (const table of ['chat_reads', 'chat_entries', 'chat_messages', 'chat_conversations']) {
    change(path, `DROP TABLE ${table}`);
    assert.equal((await brought(path)).digest, digest, table);
  }
  const other = await closed(t, 'kept');
  change(other.path, 'DROP TABLE chat_log');
  const { report, digest: after } = await brought(other.path);
  assert.equal(after, other.digest);
  assert.ok(report.lost >= 1, 'the history said more than the state does');
});

test('[BK-20] rows that cannot be records are left out, whatever is in them', async (t) => {
  const { path, digest } = await closed(t, 'kept');
  change(
    path,
    `UPDATE chat_entries SET record = '{"id":' WHERE id = 'anna'; UPDATE chat_log SET record = 'null' WHERE position = 40;
     UPDATE chat_log SET kind = 'nonsense' WHERE position = 41; UPDATE chat_messages SET seq = 1000000 WHERE id = 'c9';
     UPDATE chat_messages SET seq = 9007199254740993 WHERE id = 'c10';
     UPDATE chat_conversations SET record = '[]', last_seq = 77777777 WHERE id = 'd'`,
  );
  const { report, digest: after } = await brought(path);
  assert.deepEqual([report.lost, after], [0, digest]);
});

test('[BK-20] what another store has under a name that is somebody else here cannot be one log with it', async (t) => {
  const { path, writer, log } = await closed(t, 'kept');
  change(
    path,
    `DELETE FROM chat_log WHERE record LIKE '%"id":"c5"%'; DELETE FROM chat_messages WHERE id = 'c5';
     UPDATE chat_log SET record = replace(record, '"id":"c300"', '"id":"c5"') WHERE kind = 'message';
     UPDATE chat_messages SET id = 'c5' WHERE id = 'c300'`,
  );
  const donor = await donorOf({ log }, writer, 100);
  await assert.rejects(brought(path, [donor]), (error: StoreProblem) => error.trouble.code === 'contradicts');
});

test('[BK-21] a database that somebody writes to is not put together, nor is one that keeps nothing', async (t) => {
  const { path } = await closed(t, 'kept');
  class Busy extends SqliteDriver {
    override async read(...asked: Parameters<SqliteDriver['read']>): Promise<readonly SqlRow[]> {
      const rows = await super.read(...asked);
      if (asked[0].texts[0]!.includes('chat_entries')) change(path, 'UPDATE chat_head SET epoch = epoch + 1');
      return rows;
    }
  }
  const busy = new Busy(NAME, path);
  undoAfter(t, () => busy.close());
  await assert.rejects(SqlRemains.of(busy), { code: 'refused', message: /Stop it first/ });
  const empty = new SqliteDriver(NAME, join(tempDir(t), 'none.db'));
  undoAfter(t, () => empty.close());
  await assert.rejects(SqlRemains.of(empty), { code: 'refused', message: /There is no store/ });
});
