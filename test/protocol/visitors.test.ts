import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { newAgent, newVisitor, startTestApp, type TestApp } from '../support/app.ts';
import { IDENTITY_SECRET, secondsFromNow, signIdentity } from '../support/identity.ts';
import { TestSocket } from '../support/live-server.ts';
import { tempDir } from '../support/temp-dir.ts';

const env = { IDENTITY_SECRET };

const socketOf = async (t: TestContext, app: TestApp, token: string): Promise<TestSocket> => {
  const socket = await TestSocket.open(`${app.url.replace('http', 'ws')}/api/v1/socket`);
  t.after(() => socket.close());
  socket.send({ type: 'hello', token });
  return socket;
};

const idsOf = async (app: TestApp, token: string): Promise<string[]> => {
  const { body } = await app.ask('GET', '/conversations', { token });
  return body.conversations.map((each: { id: string }) => each.id).toSorted();
};

const identity = (sub: string, more: object = {}): string =>
  signIdentity({ sub, iat: secondsFromNow(0), exp: secondsFromNow(600), ...more });

describe('tokens of visitors', () => {
  test('[AC-13] a visitor renews a token, and makes those of before worth nothing', async (t) => {
    const app = await startTestApp(t);
    const { token } = await newVisitor(app);
    const renewed = (await app.ask('POST', '/me/token', { token, body: {} })).body.token;
    assert.deepEqual([await idsOf(app, token), await idsOf(app, renewed)], [[], []]);
    const only = (await app.ask('POST', '/me/token', { token: renewed, body: { revokeOthers: true } })).body.token;
    for (const old of [token, renewed]) {
      assert.equal((await app.refused('GET', '/conversations', { token: old })).code, 'unauthorized');
    }
    assert.deepEqual(await idsOf(app, only), []);
  });

  test('[AC-13] an agent revokes them: calls, sockets and polls that wait end at once', async (t) => {
    const app = await startTestApp(t);
    const { id, token } = await newVisitor(app);
    const agent = await newAgent(app, 'ann');
    await app.ask('POST', '/conversations', { token, body: { id: 'c1' } });
    const socket = await socketOf(t, app, token);
    const { cursor } = await socket.next('welcome');
    socket.send({ type: 'follow', conversationId: 'c1' });
    await socket.next('caughtUp');
    const poll = app.ask('GET', `/changes?after=${cursor}&wait=30`, { token });
    assert.equal((await app.ask('DELETE', `/contacts/${id}/tokens`, { token: agent.token })).status, 204);
    assert.equal(await socket.closed(), 4401);
    await app.ask('POST', '/conversations/c1/messages', { token: agent.token, body: { content: 'for you only' } });
    const answer = await poll;
    assert.deepEqual([answer.status, answer.text.includes('for you only')], [401, false]);
    assert.ok(!JSON.stringify(socket.frames).includes('for you only'));
    assert.equal((await app.refused('DELETE', '/contacts/none/tokens', { token: agent.token })).status, 404);
  });
});

describe('an identity that is required', () => {
  test('[AC-14] every call and every socket comes with a token of the site, and none of ours counts', async (t) => {
    const app = await startTestApp(t, { env, flags: ['--require-identity'] });
    assert.equal((await app.refused('POST', '/visitors', { body: {} })).code, 'unauthorized');
    const identityToken = identity('u-1');
    // A contact is made by the first call and by no other.
    assert.equal((await app.refused('GET', '/conversations', { token: identityToken })).code, 'unauthorized');
    const { body } = await app.ask('POST', '/visitors', { body: { identityToken } });
    assert.equal(body.token, identityToken);
    assert.equal((await app.ask('POST', '/conversations', { token: body.token, body: { id: 'c1' } })).status, 201);
    assert.deepEqual(await idsOf(app, identity('u-1')), ['c1']);
    await (await socketOf(t, app, identity('u-1'))).next('welcome');

    const wrong = {
      over: identity('u-1', { exp: secondsFromNow(-3600) }),
      'without an end': signIdentity({ sub: 'u-1', iat: secondsFromNow(0) }),
      'without a beginning': signIdentity({ sub: 'u-1', exp: secondsFromNow(600) }),
      'of tomorrow': identity('u-1', { iat: secondsFromNow(3600), exp: secondsFromNow(7200) }),
      'not yet': identity('u-1', { nbf: secondsFromNow(3600) }),
      'of a year': identity('u-1', { exp: secondsFromNow(365 * 86_400) }),
      'without a signature': `${identityToken.split('.').slice(0, 2).join('.')}.`,
      'of no algorithm': signIdentity({ sub: 'u-1', exp: secondsFromNow(60) }, IDENTITY_SECRET, { alg: 'none' }),
      'of another algorithm': signIdentity({ sub: 'u-1', exp: secondsFromNow(60) }, IDENTITY_SECRET, { alg: 'RS256' }),
      'of another key': signIdentity({ sub: 'u-1', exp: secondsFromNow(60) }, 'a secret of somebody else entirely'),
    };
    for (const [what, token] of Object.entries(wrong)) {
      assert.equal((await app.refused('GET', '/conversations', { token })).code, 'unauthorized', what);
      assert.equal((await app.refused('POST', '/visitors', { body: { identityToken: token } })).status, 401, what);
      assert.equal(await (await socketOf(t, app, token)).closed(), 4401, what);
    }
  });

  test('[AC-14] a token that we made before it was switched on is worth nothing then', async (t) => {
    const secrets = { ...env, SESSION_SECRET: 'x'.repeat(40) };
    const store = `file:${tempDir(t)}`;
    const before = await startTestApp(t, { env: secrets, store });
    const { token } = await newVisitor(before);
    await before.stop();
    const app = await startTestApp(t, { env: secrets, store, flags: ['--require-identity'] });
    assert.equal((await app.refused('GET', '/conversations', { token })).code, 'unauthorized');
    assert.equal(await (await socketOf(t, app, token)).closed(), 4401);
  });

  test('[AC-14] a socket ends when the token does, without anybody asking', async (t) => {
    const app = await startTestApp(t, { env, flags: ['--require-identity'] });
    // The leeway for the clocks of two machines is a minute: this one has two seconds left.
    const token = identity('u-1', { iat: secondsFromNow(-100), exp: secondsFromNow(-58) });
    assert.equal((await app.ask('POST', '/visitors', { body: { identityToken: token } })).status, 201);
    const socket = await socketOf(t, app, token);
    await socket.next('welcome');
    assert.equal(await socket.closed(), 4401);
  });

  test('[AC-13] revoking ends what the site signed before, and not what it signs after', async (t) => {
    const app = await startTestApp(t, { env, flags: ['--require-identity'] });
    const token = identity('u-1');
    await app.ask('POST', '/visitors', { body: { identityToken: token } });
    await app.ask('DELETE', '/contacts/u-1/tokens', { token: app.adminToken });
    assert.equal((await app.refused('GET', '/conversations', { token })).code, 'unauthorized');
    const later = identity('u-1', { iat: secondsFromNow(2) });
    assert.deepEqual(await idsOf(app, later), []);
  });
});

describe('a visitor who becomes known', () => {
  const register = (app: TestApp, sub: string, token?: string) =>
    app.ask('POST', '/visitors', { token, body: { identityToken: identity(sub) } });

  test('[AC-15] keeps the conversations begun before, and the old token is worth nothing', async (t) => {
    const app = await startTestApp(t, { env });
    const agent = await newAgent(app, 'ann');
    const nobody = await newVisitor(app, { name: 'Ada' });
    const post = { id: 'm1', content: 'hello' };
    await app.ask('POST', '/conversations', { token: nobody.token, body: { id: 'c1', message: post } });
    await app.ask('POST', '/conversations/c1/messages', { token: agent.token, body: { content: 'good day' } });
    await app.ask('POST', '/conversations/c1/read', { token: nobody.token, body: { seq: 2 } });
    const socket = await socketOf(t, app, nobody.token);
    await socket.next('welcome');

    const known = (await register(app, 'u-1', nobody.token)).body;
    assert.deepEqual([known.visitor.id, known.visitor.name], ['u-1', 'Ada']);
    assert.equal(await socket.closed(), 4401);
    assert.equal((await app.refused('GET', '/conversations', { token: nobody.token })).code, 'unauthorized');
    const { conversation } = (await app.ask('GET', '/conversations/c1', { token: known.token })).body;
    assert.deepEqual([conversation.userId, conversation.unread], ['u-1', 0]);
    // What waited in the outbox is sent again by whoever it is now, and is no second message.
    const again = await app.ask('POST', '/conversations/c1/messages', { token: known.token, body: post });
    assert.deepEqual([again.status, again.body.message.seq], [200, 1]);
    const start = { id: 'c1', message: post };
    assert.equal((await app.ask('POST', '/conversations', { token: known.token, body: start })).status, 200);
    // A lost answer: the same call again, with the token that is void by now.
    assert.deepEqual(await idsOf(app, (await register(app, 'u-1', nobody.token)).body.token), ['c1']);
  });

  test('[AC-15] nobody takes the conversations of somebody whom the site vouches for', async (t) => {
    const app = await startTestApp(t, { env });
    const first = (await register(app, 'u-1')).body;
    await app.ask('POST', '/conversations', { token: first.token, body: { id: 'c1' } });
    const second = (await register(app, 'u-2', first.token)).body;
    assert.deepEqual([await idsOf(app, second.token), await idsOf(app, first.token)], [[], ['c1']]);
    // One who became u-1 does not become u-2 as well.
    const nobody = await newVisitor(app);
    await app.ask('POST', '/conversations', { token: nobody.token, body: { id: 'c2' } });
    await register(app, 'u-1', nobody.token);
    await register(app, 'u-2', nobody.token);
    assert.deepEqual([await idsOf(app, second.token), await idsOf(app, first.token)], [[], ['c1', 'c2']]);
  });
});
