import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import type { DatabaseServer } from './database-server.ts';
import { onMariadb } from './mariadb-server.ts';
import type { Servers } from './on-database.ts';
import { onPostgres } from './postgres-server.ts';

/** A connection that both kinds of database have in common. */
interface Connection {
  query(statement: string): Promise<unknown[]>;
  end(): Promise<void>;
}

type Connect = (url: string) => Promise<Connection>;

const toPostgres: Connect = async (url) => {
  const client = new Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  return { query: async (statement) => (await client.query(statement)).rows, end: () => client.end() };
};

const toMariadb: Connect = async (url) => {
  const connection = await createConnection(url);
  connection.on('error', () => {});
  return {
    query: async (statement) => (await connection.query(statement))[0] as unknown[],
    end: () => connection.end(),
  };
};

const ask = async (connect: Connect, url: string, statement: string): Promise<unknown[]> => {
  const connection = await connect(url);
  try {
    return await connection.query(statement);
  } finally {
    await connection.end();
  }
};

const declare = (connect: Connect, syncs: [statement: string, answer: object]) => (servers: Servers) => {
  /** A database with one row in it. */
  const withRow = async (server: DatabaseServer): Promise<string> => {
    const { url } = await server.createDatabase();
    await ask(connect, url, 'CREATE TABLE kept (id INT PRIMARY KEY)');
    await ask(connect, url, 'INSERT INTO kept VALUES (1)');
    return url;
  };
  const rows = (url: string) => ask(connect, url, 'SELECT id FROM kept ORDER BY id');

  test('syncs what it acknowledges, and gives each test a database that goes with it', async (t) => {
    const server = await servers.shared();
    const [statement, answer] = syncs;
    assert.deepEqual({ ...((await ask(connect, server.url(), statement))[0] as object) }, answer);
    const urls: string[] = [];
    await t.test('inside', async (inner) => {
      for (let i = 0; i < 2; i += 1) {
        const url = await server.database(inner);
        await ask(connect, url, 'CREATE TABLE mine (id INT)');
        urls.push(url);
      }
    });
    for (const url of urls) await assert.rejects(connect(url));
  });

  test('is killed in the middle of a transaction, and keeps what was committed', async () => {
    const server = await servers.shared();
    const url = await withRow(server);
    const connection = await connect(url);
    await connection.query('BEGIN');
    await connection.query('INSERT INTO kept VALUES (2)');
    await server.kill9();
    await assert.rejects(connection.query('COMMIT'));
    await assert.rejects(connect(url));
    await server.restart();
    assert.deepEqual(JSON.stringify(await rows(url)), '[{"id":1}]');
  });

  test('stands still and goes on', async () => {
    const server = await servers.shared();
    const url = await withRow(server);
    const connection = await connect(url);
    server.freeze();
    let answered = false;
    const answer = connection.query('SELECT id FROM kept').then((found) => {
      answered = true;
      return found;
    });
    await delay(300);
    assert.equal(answered, false);
    server.thaw();
    assert.equal(JSON.stringify(await answer), '[{"id":1}]');
    await connection.end();
  });

  test('is killed while it stands still, stopped and started again', async (t) => {
    const server = await servers.own(t);
    const url = await withRow(server);
    server.freeze();
    await server.kill9();
    await server.restart();
    await server.stop();
    await server.stop();
    await server.restart();
    assert.equal(JSON.stringify(await rows(url)), '[{"id":1}]');
  });
};

describe('a private PostgreSQL', () => {
  onPostgres(declare(toPostgres, ['SELECT current_setting($$fsync$$) AS fsync', { fsync: 'on' }]));
});

describe('a private MariaDB', () => {
  const statement = 'SELECT @@innodb_flush_log_at_trx_commit AS flush';
  onMariadb(declare(toMariadb, [statement, { flush: 1 }]));
});
