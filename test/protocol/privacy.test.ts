import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { newAgent, newVisitor, startTestApp, type TestApp } from '../support/app.ts';
import { TestSocket } from '../support/live-server.ts';
import { tempDir } from '../support/temp-dir.ts';

/** Words that must be nowhere once their writer was erased. */
const SECRETS = [
  'Adelheid',
  'adelheid@example.org',
  'my-subject-word',
  'my-message-word',
  'my-note-word',
  'my-label',
  'my-rating-word',
];

/** A visitor with a conversation that holds all of {@link SECRETS}. */
const writer = async (app: TestApp): Promise<{ id: string; token: string }> => {
  const visitor = await newVisitor(app, { name: 'Adelheid', email: 'adelheid@example.org' });
  const message = { id: 'm1', content: 'my-message-word' };
  const body = { id: 'c1', subject: 'my-subject-word', message };
  assert.equal((await app.ask('POST', '/conversations', { token: visitor.token, body })).status, 201);
  const token = app.adminToken;
  await app.ask('POST', '/conversations/c1/messages', { token, body: { content: 'my-note-word', kind: 'note' } });
  await app.ask('PATCH', '/conversations/c1', { token, body: { labels: ['my-label'], status: 'CLOSED' } });
  const rating = { score: 5, comment: 'my-rating-word' };
  assert.equal((await app.ask('POST', '/conversations/c1/rating', { token: visitor.token, body: rating })).status, 200);
  return visitor;
};

const filesIn = (dir: string): string[] =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

/** The files under a folder that hold one of the words. */
const holders = (dir: string): string[] =>
  filesIn(dir).filter((path) => SECRETS.some((word) => readFileSync(path).includes(word)));

describe('erasing a visitor', () => {
  test('[AC-16] takes away who they are and what was written; places in the order stay', async (t) => {
    const app = await startTestApp(t);
    const { id, token } = await writer(app);
    const socket = await TestSocket.open(`${app.url.replace('http', 'ws')}/api/v1/socket`);
    t.after(() => socket.close());
    socket.send({ type: 'hello', token });
    await socket.next('welcome');
    const erased = await app.ask('POST', `/contacts/${id}/erase`, { token: app.adminToken, body: {} });
    assert.deepEqual(erased.body, { conversations: 1, messages: 2, purged: false });
    assert.equal(await socket.closed(), 4401);
    assert.equal((await app.refused('GET', '/conversations', { token })).code, 'unauthorized');
    for (const path of ['/conversations', '/conversations/c1', '/conversations/c1/messages', '/changes?after=0']) {
      const { text } = await app.ask('GET', path, { token: app.adminToken });
      for (const word of SECRETS) assert.ok(!text.includes(word), `${word} in ${path}`);
    }
    const { messages } = (await app.ask('GET', '/conversations/c1/messages', { token: app.adminToken })).body;
    assert.deepEqual(
      messages.map(({ seq, kind, redacted }: Record<string, unknown>) => [seq, kind, redacted]),
      [
        [1, 'message', true],
        [2, 'note', true],
        [3, 'event', undefined],
      ],
    );
    const found = await app.ask('GET', '/conversations?q=Adelheid', { token: app.adminToken });
    assert.deepEqual(found.body.conversations, []);
    assert.equal((await app.refused('POST', '/contacts/none/erase', { token: app.adminToken, body: {} })).status, 404);
  });

  test('[AC-16] with purge nothing of it is in the files of the store; without, in the history until it ages out', async (t) => {
    const dataDir = tempDir(t);
    const app = await startTestApp(t, { store: `file:${dataDir}` });
    const { id } = await writer(app);
    await app.ask('POST', `/contacts/${id}/erase`, { token: app.adminToken, body: {} });
    assert.notDeepEqual(holders(dataDir), [], 'the journal still tells how it came');
    const purged = await app.ask('POST', `/contacts/${id}/erase`, { token: app.adminToken, body: { purge: true } });
    assert.equal(purged.body.purged, true);
    assert.deepEqual(holders(dataDir), []);
    await app.stop();
    assert.deepEqual(holders(dataDir), []);
    const again = await startTestApp(t, { store: `file:${dataDir}` });
    const { messages } = (await again.ask('GET', '/conversations/c1/messages', { token: again.adminToken })).body;
    assert.equal(messages.length, 3);
  });

  test('[AC-17] a log from before the erasure is erased again at the start; what came after it stays', async (t) => {
    const dataDir = tempDir(t);
    const first = await startTestApp(t, { store: `file:${dataDir}` });
    const { id } = await writer(first);
    // As after a restore of a backup: the log knows nothing of the erasure, the list beside it does.
    await first.stop();
    writeFileSync(join(dataDir, 'erasures.json'), JSON.stringify([{ id, at: new Date().toISOString() }]));
    const app = await startTestApp(t, { store: `file:${dataDir}` });
    const read = async () => (await app.ask('GET', '/changes?after=0', { token: app.adminToken })).text;
    for (const word of SECRETS) assert.ok(!(await read()).includes(word), word);
    const body = { content: 'written later', senderId: id, senderType: 'USER' };
    await app.ask('POST', '/conversations/c1/messages', { token: app.adminToken, body });
    await app.stop();
    const again = await startTestApp(t, { store: `file:${dataDir}` });
    const { text } = await again.ask('GET', '/conversations/c1/messages', { token: again.adminToken });
    assert.ok(text.includes('written later'));
  });

  test('[AC-17] the list is on disk, for its owner only, before anything is erased', async (t) => {
    const dataDir = tempDir(t);
    const app = await startTestApp(t, { store: `file:${dataDir}` });
    const { id } = await writer(app);
    await app.ask('POST', `/contacts/${id}/erase`, { token: app.adminToken, body: {} });
    const path = join(dataDir, 'erasures.json');
    assert.equal(statSync(path).mode & 0o777, 0o600);
    const [erasure] = JSON.parse(readFileSync(path, 'utf8'));
    assert.equal(erasure.id, id);
    for (const file of filesIn(dataDir)) assert.equal(statSync(file).mode & 0o077, 0, file);
  });
});

describe('export', () => {
  test('[AC-18] holds everything about one visitor and nothing of another', async (t) => {
    const app = await startTestApp(t);
    const { id } = await writer(app);
    const other = await newVisitor(app, { name: 'Somebody else' });
    const message = { content: 'another text' };
    await app.ask('POST', '/conversations', { token: other.token, body: { id: 'c2', message } });
    const { body, text, headers } = await app.ask('GET', `/contacts/${id}/export`, { token: app.adminToken });
    for (const word of SECRETS) assert.ok(text.includes(word), word);
    assert.doesNotMatch(text, /another text|Somebody else|"c2"/);
    assert.equal(body.conversations[0].messages.length, 3);
    assert.match(headers.get('content-disposition')!, /^attachment/);
    assert.equal((await app.refused('GET', '/contacts/none/export', { token: app.adminToken })).status, 404);
  });
});

describe('retention', () => {
  test('[AC-19] a dry run says what the policy would delete; nothing goes without one, or before its time', async (t) => {
    const app = await startTestApp(t);
    const token = app.adminToken;
    await writer(app);
    const count = { conversations: 0, messages: 0 };
    assert.deepEqual((await app.ask('GET', '/retention', { token })).body, { closedForDays: null });
    assert.deepEqual((await app.ask('POST', '/retention/run', { token, body: {} })).body, count);
    for (const closedForDays of [0, -1, 1.5, 1e9, '30']) {
      assert.equal((await app.refused('PUT', '/retention', { token, body: { closedForDays } })).code, 'invalid');
    }
    const preview = await app.ask('POST', '/retention/preview', { token, body: { closedForDays: 30 } });
    assert.deepEqual(preview.body, count, 'closed a moment ago');
    await app.ask('PUT', '/retention', { token, body: { closedForDays: 30 } });
    assert.deepEqual((await app.ask('GET', '/retention', { token })).body, { closedForDays: 30 });
    assert.deepEqual((await app.ask('POST', '/retention/run', { token, body: {} })).body, count);
  });
});

describe('audit', () => {
  test('[AC-20] says who did what, newest first, in pages, to admins only; no secret and no text is in it', async (t) => {
    const app = await startTestApp(t);
    const token = app.adminToken;
    const { id } = await writer(app);
    const ann = await newAgent(app, 'ann');
    const adam = await newAgent(app, 'adam', 'admin');
    await app.ask('DELETE', '/conversations/c1/messages/m1', { token: ann.token });
    await app.ask('PATCH', `/agents/${ann.id}`, { token: adam.token, body: { name: 'Ann B.', role: 'admin' } });
    await app.ask('GET', `/contacts/${id}/export`, { token: adam.token });
    await app.ask('POST', `/contacts/${id}/erase`, { token: adam.token, body: {} });
    const page = (await app.ask('GET', '/audit?limit=4', { token })).body;
    assert.deepEqual(
      page.entries.map(({ by, action, about, detail }: Record<string, unknown>) => [by, action, about, detail]),
      [
        [{ type: 'agent', id: adam.id }, 'visitor.erase', id, '1 conversations, 1 messages'],
        [{ type: 'agent', id: adam.id }, 'visitor.export', id, undefined],
        [{ type: 'agent', id: adam.id }, 'agent.change', ann.id, 'name role'],
        [{ type: 'agent', id: ann.id }, 'message.redact', 'm1', undefined],
      ],
    );
    const rest = (await app.ask('GET', `/audit?before=${page.before}`, { token })).body;
    assert.equal(rest.before, null);
    assert.equal(rest.entries.at(-1).number, 1);
    const { text } = await app.ask('GET', '/audit', { token });
    assert.doesNotMatch(text, /Adelheid|my-|Ann B|correct horse|argon2|a1\./);
    const feed = await app.ask('GET', '/changes?after=0', { token: ann.token });
    assert.doesNotMatch(feed.text, /visitor\.erase|agent\.change/);
  });
});
