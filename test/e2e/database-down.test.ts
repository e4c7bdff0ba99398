import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { Client } from 'pg';
import type { Conversation } from '../../src/protocol/entities.ts';
import { call } from '../support/call.ts';
import { onPostgres } from '../support/databases/postgres-server.ts';
import { digestOf } from '../support/digest-of.ts';
import { readAll } from '../support/ledger.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { type AgentPage, assertNoComplaints, openConversation, stampOf, type VisitorPage } from './people.ts';

/** A database has no folder to keep them in. */
const SECRETS = { SESSION_SECRET: randomBytes(24).toString('hex'), IDENTITY_SECRET: randomBytes(24).toString('hex') };

/** The console looks at the storage by itself every few seconds; here it never does, and has to be told. */
const neverLooks = (): void => {
  const every = setInterval;
  window.setInterval = ((run: () => void, ms?: number) =>
    every(run, ms === 2_000 ? 2 ** 30 : ms)) as typeof setInterval;
};

/** Whether this PostgreSQL is for reading only from now on, as a stand-by is, or a hosted one that is out of room. */
const takeNothing = async (url: string, isSo: boolean): Promise<void> => {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`ALTER SYSTEM SET default_transaction_read_only = ${isSo ? 'on' : 'off'}`);
    await client.query('SELECT pg_reload_conf()');
  } finally {
    await client.end();
  }
};

/** From now on: every state that a stamp in this part of a page was ever in. */
const watchStamps = async (face: AgentPage | VisitorPage): Promise<() => Promise<string[]>> => {
  const messages = face.messages.first().locator('xpath=ancestor::ol');
  const seen = await messages.evaluateHandle((list) => {
    const states = new Set<string>();
    const look = () => {
      for (const stamp of list.querySelectorAll('.stamp')) {
        states.add([...stamp.classList].find((name) => name !== 'stamp') ?? '');
      }
    };
    new MutationObserver(look).observe(list, { subtree: true, childList: true, attributes: true });
    return states;
  });
  return () => seen.evaluate((states) => [...states]);
};

/** What both see and what the server keeps is this: nothing is lost, doubled or moved. */
const assertSaid = async (server: TestServer, said: readonly string[], ...faces: (AgentPage | VisitorPage)[]) => {
  for (const face of faces) assert.deepEqual(await face.messages.allInnerTexts(), said);
  const { body } = await call<{ conversations: Conversation[] }>(server, 'GET', '/conversations');
  const kept = await readAll(server, body.conversations[0]!.id);
  assert.deepEqual([body.conversations.length, kept.map(({ content }) => content)], [1, said]);
};

onPostgres((servers) => {
  test('[FB-2] the database dies in mid-conversation and comes back, and only the banner tells', async (t) => {
    const database = await servers.own(t);
    const url = await database.database(t);
    const server = await startServer(t, { store: url, behind: ['file:data', 'memory:'] });
    const people = await openConversation(t, server, { init: neverLooks });
    if (!people) return;
    const { agent, visitor } = people;
    const stamps = [await watchStamps(agent), await watchStamps(visitor)];
    const said = ['before', 'heard'];
    const exchange = async (round: string): Promise<void> => {
      await visitor.say(`${round}?`);
      await agent.message(`${round}?`).waitFor();
      await agent.say(`${round}!`);
      await visitor.message(`${round}!`).waitFor();
      said.push(`${round}?`, `${round}!`);
      await stampOf(visitor.message(`${round}?`), 'read').waitFor();
      await stampOf(agent.message(`${round}!`), 'read').waitFor();
    };

    assert.equal(await agent.page.locator('.banner a').count(), 0);
    await Promise.all([database.kill9(), exchange('as it dies')]);
    await agent.page.locator('.banner', { hasText: 'The storage is degraded' }).waitFor();
    await exchange('while it is away');
    await Promise.all([database.restart(), exchange('as it comes back')]);
    await agent.page.locator('.banner a').waitFor({ state: 'detached' });
    await agent.page.locator('.status-line.well', { hasText: 'postgres' }).waitFor();
    await exchange('after');

    await assertSaid(server, said, agent, visitor);
    for (const seen of stamps) {
      const states = await seen();
      assert.ok(states.includes('read'), 'stamps were watched');
      assert.deepEqual(
        states.filter((state) => state === 'unsaved' || state === 'failed'),
        [],
      );
    }
    assertNoComplaints(agent, visitor);
    await server.stop();
    assert.equal(await digestOf(url), await digestOf(`file:${server.dataDir}/data`));
  });

  test('[FB-13] the only database takes nothing, then dies: “not saved yet”, and a tick once it is back', async (t) => {
    const database = await servers.own(t);
    const { url } = await database.createDatabase();
    const server = await startServer(t, { store: url, behind: ['memory:'], env: SECRETS });
    const people = await openConversation(t, server, { init: neverLooks });
    if (!people) return;
    const { agent, visitor } = people;
    const said = ['before', 'heard', 'can you hear me', 'yes, I can', 'and now?', 'after'];

    // It can be read, so there are numbers to give: it is said and heard at once, and marked as what it is.
    await takeNothing(url, true);
    await visitor.say('can you hear me');
    await agent.message('can you hear me').waitFor();
    await stampOf(visitor.message('can you hear me'), 'unsaved').waitFor();
    assert.match(await visitor.message('can you hear me').innerText(), /not saved yet/);
    await agent.say('yes, I can');
    await visitor.message('yes, I can').waitFor();
    await stampOf(agent.message('yes, I can'), 'unsaved').waitFor();
    await agent.page.locator('.banner a').waitFor();

    // It cannot even be read: the browser keeps what is said, and says that it is on its way.
    await database.kill9();
    await visitor.say('and now?');
    await stampOf(visitor.message('and now?'), 'sending').waitFor();
    await stampOf(visitor.message('can you hear me'), 'unsaved').waitFor();

    await database.restart();
    await takeNothing(url, false);
    await agent.message('and now?').waitFor();
    for (const text of ['can you hear me', 'and now?']) await stampOf(visitor.message(text), 'read').waitFor();
    await stampOf(agent.message('yes, I can'), 'read').waitFor();
    await agent.page.locator('.banner a').waitFor({ state: 'detached' });
    await visitor.say('after');
    await agent.message('after').waitFor();
    await stampOf(visitor.message('after'), 'read').waitFor();
    await assertSaid(server, said, agent, visitor);
    assertNoComplaints(agent, visitor);

    // What has a tick has it for good.
    await server.kill9();
    await server.restart();
    await assertSaid(server, said);
  });
});
