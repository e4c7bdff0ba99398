import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newAgent, newVisitor, PASSWORD, startTestApp, type TestApp } from '../support/app.ts';
import { TestSocket } from '../support/live-server.ts';

const connect = async (app: TestApp, token?: string, headers: Record<string, string> = {}): Promise<TestSocket> => {
  const socket = await TestSocket.open(`${app.url.replace('http', 'ws')}/api/v1/socket`, { headers });
  socket.send({ type: 'hello', ...(token !== undefined && { token }) });
  return socket;
};

test('[AC-8] the socket takes the tokens of HTTP, and the cookie from our own page only', async (t) => {
  const app = await startTestApp(t, { flags: ['--allowed-origins=https://shop.example'] });
  const { id, token } = await newVisitor(app);
  const ann = await newAgent(app, 'ann');
  const asVisitor = await connect(app, token, { origin: 'https://shop.example' });
  assert.equal((await asVisitor.next('welcome')).me.id, id);
  const asAdmin = await connect(app, app.adminToken);
  assert.equal((await asAdmin.next('welcome')).me.id, 'admin');

  const body = { email: ann.email, password: PASSWORD };
  const signedIn = await app.ask('POST', '/sessions', { body });
  const cookie = signedIn.headers.get('set-cookie')!.split(';')[0]!;
  const byCookie = await connect(app, undefined, { cookie, origin: app.url });
  assert.equal((await byCookie.next('welcome')).me.id, ann.id);
  const elsewhere = await connect(app, undefined, { cookie, origin: 'https://shop.example' });
  assert.equal(await elsewhere.closed(), 4401);
  const without = await connect(app);
  assert.equal(await without.closed(), 4401);
  const wrong = await connect(app, `${token}x`);
  assert.equal(await wrong.closed(), 4401);
  await assert.rejects(connect(app, token, { origin: 'https://evil.example' }), /403/);
  for (const socket of [asVisitor, asAdmin, byCookie]) socket.close();
});

test('[CL-5] a page that takes itself for one agent is refused with the cookie of another', async (t) => {
  const app = await startTestApp(t);
  const [ann, bob] = [await newAgent(app, 'ann'), await newAgent(app, 'bob')];
  const signedIn = await app.ask('POST', '/sessions', { body: { email: bob.email, password: PASSWORD } });
  const cookie = signedIn.headers.get('set-cookie')!.split(';')[0]!;
  const origin = app.url;
  for (const { id, status, closes } of [
    { id: ann.id, status: 401, closes: true },
    { id: bob.id, status: 200, closes: false },
  ]) {
    const reply = await app.ask('GET', '/me', { headers: { cookie, origin, 'guichet-as': encodeURIComponent(id) } });
    assert.equal(reply.status, status);
    const socket = await TestSocket.open(`${app.url.replace('http', 'ws')}/api/v1/socket`, {
      headers: { cookie, origin },
    });
    socket.send({ type: 'hello', as: id });
    if (closes) assert.equal(await socket.closed(), 4401);
    else assert.equal((await socket.next('welcome')).me.id, bob.id);
    socket.close();
  }
});

test('[AC-5] whoever is signed out or made inactive is off the socket at once; others stay', {
  timeout: 30_000,
}, async (t) => {
  const app = await startTestApp(t);
  const [ann, bob] = [await newAgent(app, 'ann'), await newAgent(app, 'bob')];
  const sockets = await Promise.all([ann.token, bob.token, app.adminToken].map((token) => connect(app, token)));
  for (const socket of sockets) await socket.next('welcome');
  const [annSocket, bobSocket, adminSocket] = sockets as [TestSocket, TestSocket, TestSocket];
  await app.ask('DELETE', '/sessions/current', { token: ann.token });
  assert.equal(await annSocket.closed(), 4401);
  await bobSocket.settled();
  await app.ask('PATCH', `/agents/${bob.id}`, { token: app.adminToken, body: { active: false } });
  assert.equal(await bobSocket.closed(), 4401);
  await adminSocket.settled();
  adminSocket.close();
});

test('[AC-11] a visitor has one budget on both roads', async (t) => {
  const app = await startTestApp(t);
  const { token } = await newVisitor(app);
  await app.ask('POST', '/conversations', { token, body: { id: 'c1' } });
  const socket = await connect(app, token);
  await socket.next('welcome');
  for (let i = 0; i < 300; i += 1) {
    socket.send({ type: 'post', ref: i, conversationId: 'c1', id: `m${i}`, content: 'x' });
  }
  const refused = await socket.next('error');
  assert.deepEqual([refused.code, refused.retry], ['too_many_requests', 'later']);
  const problem = await app.refused('POST', '/conversations/c1/messages', { token, body: { content: 'x' } });
  assert.equal(problem.code, 'too_many_requests');
  socket.close();
});
