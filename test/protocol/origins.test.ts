import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { newAgent, newVisitor, PASSWORD, startTestApp } from '../support/app.ts';

const SHOP = 'https://shop.example';
const flags = [`--allowed-origins=${SHOP}`];

describe('origins', () => {
  test('[AC-8] a page of an allowed site may call, with a token; others may not, and a program may', async (t) => {
    const app = await startTestApp(t, { flags });
    const { token } = await newVisitor(app);
    const me = (origin: string | undefined) =>
      app.ask('GET', '/me', { token, headers: origin === undefined ? {} : { origin } });
    for (const origin of [SHOP, app.url]) {
      const reply = await me(origin);
      assert.deepEqual([reply.status, reply.headers.get('access-control-allow-origin')], [200, origin]);
      assert.equal(reply.headers.get('access-control-allow-credentials'), null);
      assert.match(reply.headers.get('vary')!, /origin/);
    }
    for (const origin of ['https://evil.example', `${SHOP}.evil.example`, 'http://shop.example', 'null']) {
      const reply = await me(origin);
      assert.deepEqual([reply.status, reply.body.code], [403, 'origin_refused'], origin);
      assert.equal(reply.headers.get('access-control-allow-origin'), null);
    }
    assert.equal((await me(undefined)).status, 200);
  });

  test('[AC-8] a preflight is answered, for an allowed site only; errors can be read there', async (t) => {
    const app = await startTestApp(t, { flags });
    const ask = { 'access-control-request-method': 'PATCH', 'access-control-request-headers': 'authorization' };
    const allowed = await app.ask('OPTIONS', '/conversations/c1', { headers: { origin: SHOP, ...ask } });
    assert.equal(allowed.status, 204);
    assert.match(allowed.headers.get('access-control-allow-methods')!, /PATCH/);
    assert.match(allowed.headers.get('access-control-allow-headers')!, /authorization/);
    const other = await app.ask('OPTIONS', '/me', { headers: { origin: 'https://evil.example', ...ask } });
    assert.equal(other.status, 403);
    const refused = await app.ask('GET', '/me', { headers: { origin: SHOP } });
    assert.deepEqual([refused.status, refused.headers.get('access-control-allow-origin')], [401, SHOP]);
  });

  test('[AC-8] the cookie signs in, and changes nothing unless our own page asks', async (t) => {
    const app = await startTestApp(t, { flags });
    const ann = await newAgent(app, 'ann');
    const body = { email: ann.email, password: PASSWORD };
    const signedIn = await app.ask('POST', '/sessions', { body, headers: { origin: app.url } });
    const cookie = signedIn.headers.get('set-cookie')!.split(';')[0]!;
    assert.equal((await app.ask('GET', '/me', { headers: { cookie: `other=1; ${cookie}` } })).body.id, ann.id);
    await app.ask('POST', '/conversations', { token: app.adminToken, body: { id: 'c1', userId: 'u1' } });
    const post = (headers: Record<string, string>) =>
      app.ask('POST', '/conversations/c1/messages', { headers: { cookie, ...headers }, body: { content: 'x' } });
    assert.equal((await post({ origin: app.url })).status, 201);
    const foreign = [{}, { origin: SHOP }, { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }];
    for (const headers of foreign) {
      const reply = await post(headers as Record<string, string>);
      assert.deepEqual([reply.status, reply.body.code], [403, 'origin_refused'], JSON.stringify(headers));
    }
    const out = await app.ask('DELETE', '/sessions/current', { headers: { cookie, origin: app.url } });
    assert.deepEqual([out.status, /Max-Age=0/.test(out.headers.get('set-cookie')!)], [204, true]);
    assert.equal((await app.ask('GET', '/me', { headers: { cookie } })).status, 401);
  });

  test('[AC-8] a site that may embed the widget cannot sign its visitors in as an agent', async (t) => {
    const app = await startTestApp(t, { flags });
    const ann = await newAgent(app, 'ann');
    const body = { email: ann.email, password: PASSWORD };
    const problem = await app.refused('POST', '/sessions', { body, headers: { origin: SHOP } });
    assert.equal(problem.code, 'origin_refused');
  });

  test('behind a proxy the public address is our own, and the cookie travels by TLS only', async (t) => {
    const publicUrl = 'https://chat.example';
    const app = await startTestApp(t, { flags: [`--public-url=${publicUrl}`] });
    const ann = await newAgent(app, 'ann');
    const body = { email: ann.email, password: PASSWORD };
    const signedIn = await app.ask('POST', '/sessions', { body, headers: { origin: publicUrl } });
    assert.equal(signedIn.status, 201);
    assert.match(signedIn.headers.get('set-cookie')!, /; Secure$/);
    const link = app.logs.find((line) => line.msg === 'set up')?.setupUrl as string;
    assert.ok(link.startsWith(`${publicUrl}/console#setup=`));
  });
});
