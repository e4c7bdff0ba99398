import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { describe, type TestContext, test } from 'node:test';
import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import { parseStoreUrls } from '../../src/config/store-url.ts';
import { GroupCommit } from '../../src/domain/group-commit.ts';
import { patch, post } from '../../src/domain/testing/changes.ts';
import { listIds, thread } from '../../src/stores/contract/answers.ts';
import { CLAIRE } from '../../src/stores/contract/writer.ts';
import { createChain } from '../../src/stores/open-store.ts';
import { onMariadb } from '../support/databases/mariadb-server.ts';
import { onPostgres } from '../support/databases/postgres-server.ts';
import { tempDir } from '../support/temp-dir.ts';
import { undoAfter } from '../support/undo-after.ts';

/** The starting point, as it is written there; what differs between databases is put in. */
const ddl = (senderType: string): string[] => [
  `CREATE TABLE chat_conversations (
    id VARCHAR(50) PRIMARY KEY,
    user_id VARCHAR(50) NOT NULL,
    agent_id VARCHAR(50) NOT NULL,
    subject VARCHAR(255),
    status VARCHAR(20) DEFAULT 'ACTIVE',
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
  )`,
  `CREATE TABLE chat_messages (
    id VARCHAR(50) PRIMARY KEY,
    conversation_id VARCHAR(50) NOT NULL,
    sender_id VARCHAR(50) NOT NULL,
    sender_type ${senderType} NOT NULL,
    content TEXT NOT NULL,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    FOREIGN KEY (conversation_id) REFERENCES chat_conversations(id)
  )`,
];

const ROWS = [
  `INSERT INTO chat_conversations VALUES
    ('c1', 'u1', 'a1', 'Facture é 👋', 'ACTIVE', '2024-03-01 10:00:00'),
    ('c2', 'u2', 'a1', NULL, NULL, '2024-03-01 09:00:00'),
    ('c3', 'u1', 'a2', 'Closed', 'CLOSED', '2024-02-01 09:00:00')`,
  `INSERT INTO chat_messages VALUES
    ('m3', 'c1', 'u1', 'USER', 'third', '2024-03-01 10:00:02'),
    ('m2', 'c1', 'a1', 'AGENT', 'second, of the same second', '2024-03-01 10:00:01'),
    ('m1', 'c1', 'u1', 'USER', 'first', '2024-03-01 10:00:01'),
    ('M9', 'c2', 'u2', 'USER', ' spaces kept ', '2024-03-01 09:30:00')`,
];

type Run = (statement: string) => Promise<Record<string, unknown>[]>;

/** A database of another program is adopted, and everything goes on. */
const adopts = async (t: TestContext, url: string, run: Run, senderType: string): Promise<void> => {
  for (const statement of [...ddl(senderType), ...ROWS]) await run(statement);
  const original = JSON.stringify(await run('SELECT * FROM chat_messages ORDER BY id'));

  const open = async () => {
    const store = createChain(parseStoreUrls(url), { snapshotEverySeconds: 0, timezone: 'UTC' });
    undoAfter(t, () => store.close());
    return { store, queue: new GroupCommit(store, await store.open()) };
  };
  const { store, queue } = await open();
  assert.deepEqual(await listIds(store), ['c1', 'c2', 'c3']);
  assert.deepEqual(
    (await thread(store, 'c1')).map(({ value }) => [value.id, value.seq, value.content, value.createdAt]),
    [
      ['m1', 1, 'first', '2024-03-01T10:00:01.000Z'],
      ['m2', 2, 'second, of the same second', '2024-03-01T10:00:01.000Z'],
      ['m3', 3, 'third', '2024-03-01T10:00:02.000Z'],
    ],
  );
  const head = await store.conversation('c1');
  assert.equal(head!.conversation.subject, 'Facture é 👋');
  assert.equal(head!.conversation.createdAt, '2024-03-01T10:00:00.000Z');
  assert.equal((await store.conversation('c3'))!.conversation.status, 'CLOSED');
  assert.equal((await store.conversation('c2'))!.conversation.status, 'ACTIVE');
  assert.deepEqual((await store.entries('agent')).map(({ id }) => id).toSorted(), ['a1', 'a2']);
  assert.deepEqual((await store.entries('contact')).map(({ id }) => id).toSorted(), ['u1', 'u2']);

  // What the two tables could not hold works now.
  const emoji = '👋'.repeat(20_000);
  await queue.commit(patch(CLAIRE, 'c1', { agentId: null }));
  await queue.commit(post(CLAIRE, 'c2', 'long', { content: emoji }));
  await queue.commit(post(CLAIRE, 'c2', 'm9', { content: 'differs in case only' }));
  const bot = {
    type: 'message',
    conversationId: 'c3',
    senderId: 'robot',
    createdAt: '2024-01-01T00:00:00.000Z',
  } as const;
  await queue.commit({
    type: 'import',
    items: [
      { ...bot, id: 'b1', senderType: 'BOT', content: 'beep' },
      { ...bot, id: 's1', senderType: 'SYSTEM', content: 'note' },
    ],
  });
  assert.equal((await store.conversation('c1'))!.conversation.agentId, null);
  const inC2 = (await thread(store, 'c2')).map(({ value }) => value.content);
  assert.deepEqual(inC2, [' spaces kept ', emoji, 'differs in case only']);
  assert.deepEqual(
    (await run("SELECT id, sender_type, seq FROM chat_messages WHERE conversation_id = 'c3' ORDER BY seq")).map(
      (row) => ({
        ...row,
        seq: Number(row.seq),
      }),
    ),
    [
      { id: 'b1', sender_type: 'BOT', seq: 1 },
      { id: 's1', sender_type: 'SYSTEM', seq: 2 },
    ],
  );
  assert.equal(JSON.stringify(await run('SELECT * FROM chat_adopted_messages ORDER BY id')), original);

  const { position } = store.health();
  await store.close();
  const again = await open();
  assert.equal(again.store.health().position, position, 'a second start adds nothing');
};

/** Tables of the same name that are something else stay as they are. */
const refuses = async (t: TestContext, url: string, run: Run): Promise<void> => {
  await run('CREATE TABLE chat_messages (id INT PRIMARY KEY, words VARCHAR(10))');
  await run("INSERT INTO chat_messages VALUES (1, 'mine')");
  const store = createChain(parseStoreUrls(url));
  undoAfter(t, () => store.close());
  await assert.rejects(store.open(), { code: 'refused', message: /chat_messages .* lacks conversation_id/ });
  assert.deepEqual(JSON.stringify(await run('SELECT id, words FROM chat_messages')), '[{"id":1,"words":"mine"}]');
};

const ADOPTED = '[SQ-13] two tables of another program are adopted, and all that they could not hold works';
const REFUSED = '[SQ-13] tables of these names that are something else are refused and stay as they are';

describe('adoption on SQLite', () => {
  const begin = (t: TestContext) => {
    const path = `${tempDir(t)}/chat.db`;
    const database = new DatabaseSync(path);
    undoAfter(t, () => database.close());
    const run: Run = async (statement) => database.prepare(statement).all() as Record<string, unknown>[];
    return { url: `sqlite:${path}`, run };
  };
  test(ADOPTED, (t) => {
    const { url, run } = begin(t);
    return adopts(t, url, run, "TEXT CHECK (sender_type IN ('USER', 'AGENT'))");
  });
  test(REFUSED, (t) => {
    const { url, run } = begin(t);
    return refuses(t, url, run);
  });
});

describe('adoption on PostgreSQL', () => {
  onPostgres((servers) => {
    const begin = async (t: TestContext) => {
      const url = await (await servers.shared()).database(t);
      const client = new Client({ connectionString: url });
      client.on('error', () => {});
      await client.connect();
      undoAfter(t, () => client.end());
      const run: Run = async (statement) => (await client.query(statement)).rows;
      return { url, run };
    };
    test(ADOPTED, async (t) => {
      const { url, run } = await begin(t);
      await run("CREATE TYPE sender AS ENUM ('USER', 'AGENT')");
      await adopts(t, url, run, 'sender');
    });
    test(REFUSED, async (t) => {
      const { url, run } = await begin(t);
      await refuses(t, url, run);
    });
  });
});

describe('adoption on MariaDB', () => {
  onMariadb((servers) => {
    const begin = async (t: TestContext) => {
      const url = await (await servers.shared()).database(t);
      const connection = await createConnection({ uri: url, timezone: 'Z', charset: 'utf8mb4' });
      undoAfter(t, () => connection.end());
      await connection.query("SET time_zone = '+00:00'");
      const run: Run = async (statement) => (await connection.query(statement))[0] as Record<string, unknown>[];
      return { url, run };
    };
    test(ADOPTED, async (t) => {
      const { url, run } = await begin(t);
      await run('ALTER DATABASE CHARACTER SET utf8mb4');
      await adopts(t, url, run, "ENUM('USER', 'AGENT')");
    });
    test(REFUSED, async (t) => {
      const { url, run } = await begin(t);
      await refuses(t, url, run);
    });
  });
});
