import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { codeOf } from '../../src/lib/one-time-codes.ts';
import { newAgent, newVisitor, PASSWORD, startTestApp, type TestApp } from '../support/app.ts';
import { TestSocket } from '../support/live-server.ts';
import { tempDir } from '../support/temp-dir.ts';

const signIn = (app: TestApp, email: string, more: object = {}) =>
  app.ask('POST', '/sessions', { body: { email, password: PASSWORD, ...more } });

describe('sessions', () => {
  test('[AC-21] are listed and ended by their owner; another agent’s are not there', async (t) => {
    const app = await startTestApp(t);
    const ann = await newAgent(app, 'ann');
    const bob = await newAgent(app, 'bob');
    const headers = { 'user-agent': 'Firefox\u00e9 on a train' };
    const body = { email: ann.email, password: PASSWORD };
    const elsewhere = (await app.ask('POST', '/sessions', { headers, body })).body.token;
    const list = async () => (await app.ask('GET', '/me/sessions', { token: ann.token })).body.sessions;
    const [newest, first] = await list();
    assert.deepEqual([newest.client, newest.current, first.current], ['Firefox? on a train', false, true]);
    assert.equal((await app.refused('DELETE', `/me/sessions/${newest.id}`, { token: bob.token })).status, 404);
    const socket = await TestSocket.open(`${app.url.replace('http', 'ws')}/api/v1/socket`);
    t.after(() => socket.close());
    socket.send({ type: 'hello', token: elsewhere });
    await socket.next('welcome');
    assert.equal((await app.ask('DELETE', `/me/sessions/${newest.id}`, { token: ann.token })).status, 204);
    assert.equal(await socket.closed(), 4401);
    await signIn(app, ann.email);
    await app.ask('DELETE', '/me/sessions', { token: ann.token });
    assert.deepEqual(
      (await list()).map(({ current }: { current: boolean }) => current),
      [true],
    );
    assert.equal((await app.ask('GET', '/me', { token: bob.token })).status, 200);
  });
});

describe('the second factor', () => {
  /** Switches it on; answers the secret and the recovery codes. */
  const switchOn = async (app: TestApp, token: string): Promise<{ secret: string; codes: string[]; used: string }> => {
    const begun = (await app.ask('POST', '/me/second-factor', { token, body: { password: PASSWORD } })).body;
    assert.match(begun.uri, /^otpauth:\/\/totp\/Guichet:ann%40example.org\?/);
    const used = await codeOf(begun.secret);
    const { body } = await app.ask('PUT', '/me/second-factor', { token, body: { code: used } });
    return { secret: begun.secret, codes: body.recoveryCodes, used };
  };

  test('[AC-22] is asked for behind a right password only; each code counts once', async (t) => {
    const dataDir = tempDir(t);
    const app = await startTestApp(t, { store: `file:${dataDir}` });
    const ann = await newAgent(app, 'ann');
    const wrongPassword = await app.refused('POST', '/me/second-factor', { token: ann.token, body: { password: 'x' } });
    assert.equal(wrongPassword.code, 'invalid');
    const { secret, codes, used } = await switchOn(app, ann.token);
    assert.equal(codes.length, 10);

    const refusedWith = async (more: object) =>
      (await app.refused('POST', '/sessions', { body: { email: ann.email, password: PASSWORD, ...more } })).code;
    assert.equal(await refusedWith({}), 'second_factor');
    assert.equal(await refusedWith({ password: 'wrong' }), 'unauthorized');
    assert.equal(await refusedWith({ password: 'wrong', code: codes[0] }), 'unauthorized');
    assert.equal(await refusedWith({ code: used }), 'second_factor', 'it was used to switch it on');
    assert.equal((await signIn(app, ann.email, { code: await codeOf(secret, Date.now() + 30_000) })).status, 201);
    assert.equal((await signIn(app, ann.email, { code: codes[0]!.toUpperCase() })).status, 201);
    assert.equal(await refusedWith({ code: codes[0] }), 'second_factor');
    const state = (await app.ask('GET', '/me/second-factor', { token: ann.token })).body;
    assert.deepEqual(state, { enabled: true, recoveryCodesLeft: 9 });
    // Neither the secret nor a code stands in what is kept.
    await app.stop();
    const kept = readFileSync(join(dataDir, 'directory.json'), 'utf8');
    for (const word of [secret, ...codes, ann.token, PASSWORD]) assert.ok(!kept.includes(word));
  });

  test('[AC-22] codes are held back after a few tries, and an admin switches it off for who lost it', async (t) => {
    const app = await startTestApp(t);
    const ann = await newAgent(app, 'ann');
    await switchOn(app, ann.token);
    let status = 401;
    for (let i = 0; i < 10 && status === 401; i += 1)
      status = (await signIn(app, ann.email, { code: '000000' })).status;
    assert.equal(status, 429);
    await app.ask('DELETE', `/agents/${ann.id}/second-factor`, { token: app.adminToken });
    assert.equal((await signIn(app, ann.email)).status, 201);
  });

  test('[AC-22] a new password leaves it on; its owner switches it off with the password', async (t) => {
    const app = await startTestApp(t);
    const ann = await newAgent(app, 'ann');
    await switchOn(app, ann.token);
    const change = { currentPassword: PASSWORD, password: 'another long password' };
    await app.ask('PUT', '/me/password', { token: ann.token, body: change });
    await app.ask('PATCH', `/agents/${ann.id}`, { token: app.adminToken, body: { password: PASSWORD } });
    assert.equal(
      (await app.refused('POST', '/sessions', { body: ann && { email: ann.email, password: PASSWORD } })).code,
      'second_factor',
    );
  });
});

describe('the link of an admin', () => {
  test('[AC-23] lets an agent choose a password once, and ends what was open', async (t) => {
    const app = await startTestApp(t);
    const ann = await newAgent(app, 'ann');
    const link = (await app.ask('POST', `/agents/${ann.id}/reset-link`, { token: app.adminToken })).body;
    const token = link.path.split('=')[1];
    const choose = (password: string, given = token) =>
      app.ask('POST', '/password-reset', { body: { token: given, password } });
    assert.equal((await choose('short')).status, 400);
    for (const wrong of ['', 'x', `${token}x`, token.split('.')[0], `.${token.split('.')[1]}`]) {
      assert.equal((await choose('a long new password', wrong)).status, 404);
    }
    const uses = await Promise.all([choose('a long new password'), choose('another new password')]);
    assert.deepEqual(
      uses.map(({ status }) => status).toSorted((a, b) => a - b),
      [204, 404],
    );
    assert.equal((await app.refused('GET', '/me', { token: ann.token })).code, 'unauthorized');
    const password = uses[0]!.status === 204 ? 'a long new password' : 'another new password';
    assert.equal((await signIn(app, ann.email, { password })).status, 201);
  });
});

describe('API keys', () => {
  const make = async (app: TestApp, token: string, body: object) =>
    (await app.ask('POST', '/me/api-keys', { token, body: { name: 'Shop', scope: 'agent', ...body } })).body;

  test('[AC-24] are shown once, act as their owner within their scope, and end when revoked', async (t) => {
    const app = await startTestApp(t);
    const ann = await newAgent(app, 'ann');
    const bob = await newAgent(app, 'bob');
    const visitor = await newVisitor(app);
    const { apiKey, key } = await make(app, ann.token, { days: 30 });
    const list = (await app.ask('GET', '/me/api-keys', { token: ann.token })).body;
    assert.deepEqual(list.apiKeys, [apiKey]);
    assert.ok(!JSON.stringify(list).includes(key));
    assert.deepEqual((await app.ask('GET', '/me/api-keys', { token: bob.token })).body.apiKeys, []);
    const start = { id: 'c1', userId: visitor.id, message: { content: 'from a program' } };
    const started = await app.ask('POST', '/conversations', { token: key, body: start });
    assert.deepEqual([started.body.message.senderId, started.body.message.senderType], [ann.id, 'AGENT']);

    const socket = await TestSocket.open(`${app.url.replace('http', 'ws')}/api/v1/socket`);
    t.after(() => socket.close());
    socket.send({ type: 'hello', token: key });
    await socket.next('welcome');
    assert.equal((await app.refused('DELETE', `/me/api-keys/${apiKey.id}`, { token: bob.token })).status, 404);
    await app.ask('DELETE', `/me/api-keys/${apiKey.id}`, { token: ann.token });
    assert.equal(await socket.closed(), 4401);
    assert.equal((await app.refused('GET', '/me', { token: key })).code, 'unauthorized');
  });

  test('[AC-24] give nobody more than their owner has', async (t) => {
    const app = await startTestApp(t);
    const ann = await newAgent(app, 'ann');
    const adam = await newAgent(app, 'adam', 'admin');
    await newAgent(app, 'eve', 'admin');
    const body = { name: 'K', scope: 'admin' };
    assert.equal((await app.refused('POST', '/me/api-keys', { token: ann.token, body })).code, 'forbidden');
    const { key } = await make(app, adam.token, { scope: 'admin' });
    assert.equal((await app.ask('GET', '/audit', { token: key })).status, 200);
    assert.equal((await app.refused('POST', '/me/api-keys', { token: key, body })).code, 'forbidden');
    await app.ask('PATCH', `/agents/${adam.id}`, { token: app.adminToken, body: { role: 'agent' } });
    assert.equal((await app.refused('GET', '/audit', { token: key })).code, 'forbidden');
    await app.ask('PATCH', `/agents/${adam.id}`, { token: app.adminToken, body: { active: false } });
    assert.equal((await app.refused('GET', '/me', { token: key })).code, 'unauthorized');
    for (const wrong of [{ days: 0 }, { days: 1e6 }, { days: 1.5 }, { name: '' }, { scope: 'all' }]) {
      const asked = { token: ann.token, body: { name: 'K', scope: 'read', ...wrong } };
      assert.equal((await app.refused('POST', '/me/api-keys', asked)).code, 'invalid');
    }
  });
});
