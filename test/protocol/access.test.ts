import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { before, describe, test } from 'node:test';
import fastify from 'fastify';
import type { HttpContext } from '../../src/http/running.ts';
import { registerRoutes } from '../../src/http/server.ts';
import { newAgent, newVisitor, PASSWORD, startTestApp, type TestApp } from '../support/app.ts';
import { tempDir } from '../support/temp-dir.ts';

const CALLERS = ['nobody', 'visitor', 'stranger', 'agent', 'admin', 'automation'] as const;
type Caller = (typeof CALLERS)[number];

/** Programs with an API key of the admin. What they get follows from what the people get: see {@link keysExpect}. */
const KEYS = ['readKey', 'agentKey', 'adminKey'] as const;
type Key = (typeof KEYS)[number];

/** What a row may name: the conversation and message of `visitor`, an agent, and ids never used before. */
interface World {
  readonly app: TestApp;
  readonly tokens: Readonly<Record<Caller | Key, string | undefined>>;
  readonly visitorId: string;
  readonly colleagueId: string;
  readonly bystanderId: string;
  readonly fresh: () => string;
}

interface Row {
  /** As registered, with what stands for the parameters after it. */
  readonly call: string;
  readonly path?: string;
  readonly body?: (world: World) => unknown;
  /** Sent as bytes, instead of a body of JSON. */
  readonly raw?: string;
  /** Status by caller, in the order of {@link CALLERS}. `stranger` is another visitor. */
  readonly expect: readonly [number, number, number, number, number, number];
  /** Status by key, in the order of {@link KEYS}, where it is not what follows. */
  readonly keys?: readonly [number, number, number];
}

/** What belongs to a person, also where automation may. */
const PERSONAL = /^(PUT|POST|GET|DELETE) \/api\/v1\/(me\/(?!token)|sessions\/current)/;

/** A reading key looks on, an agent's key does what an agent may, an admin's what ADMIN_TOKEN may; none is a person. */
const keysExpect = ({ call, expect, keys }: Row): readonly number[] => {
  const [nobody, visitor, , agent, admin, automation] = expect;
  if (keys !== undefined) return keys;
  if (PERSONAL.test(call)) return [403, 403, 403];
  // Anyone may: nobody is asked who they are.
  if (nobody === visitor && nobody !== 401) return [automation, automation, automation];
  const looksOn = call.startsWith('GET') && agent < 400;
  return [looksOn ? agent : 403, agent, admin === 403 ? 403 : automation];
};

const C = '/api/v1/conversations/:id';
const path = '//api/v1/conversations/c1';
const FILE = createHash('sha256').update('a file').digest('hex');
const BYTES = { 'content-type': 'application/octet-stream' };
const settings = { teamName: 'Counter', greeting: '', accent: null };

/** Every call against every kind of caller. `DELETE /sessions/current` is last, because it ends the tokens. */
const ROWS: readonly Row[] = [
  { call: 'POST /api/v1/visitors', body: () => ({}), expect: [201, 201, 201, 201, 201, 201] },
  {
    call: 'POST /api/v1/sessions',
    body: () => ({ email: 'ann@example.org', password: PASSWORD }),
    expect: [201, 201, 201, 201, 201, 201],
  },
  {
    call: 'POST /api/v1/setup',
    body: () => ({ token: 'x', email: 'e@example.org', name: 'E', password: PASSWORD }),
    expect: [404, 404, 404, 404, 404, 404],
  },
  {
    call: 'PATCH /api/v1/visitors/me',
    body: () => ({ page: { url: 'https://shop.example/' } }),
    expect: [401, 200, 200, 403, 403, 403],
  },
  { call: 'GET /api/v1/me', expect: [401, 200, 200, 200, 200, 200] },
  {
    call: 'PUT /api/v1/me/password',
    body: () => ({ currentPassword: PASSWORD, password: PASSWORD }),
    expect: [401, 403, 403, 204, 204, 400],
  },
  { call: 'POST /api/v1/me/token', body: () => ({}), expect: [401, 201, 201, 403, 403, 403] },
  {
    call: 'DELETE /api/v1/contacts/:id/tokens',
    path: '//api/v1/contacts/BYSTANDER/tokens',
    expect: [401, 403, 403, 204, 204, 204],
  },
  {
    call: 'POST /api/v1/contacts/:id/erase',
    path: '//api/v1/contacts/BYSTANDER/erase',
    body: () => ({}),
    expect: [401, 403, 403, 403, 200, 200],
  },
  {
    call: 'GET /api/v1/contacts/:id/export',
    path: '//api/v1/contacts/BYSTANDER/export',
    expect: [401, 403, 403, 403, 200, 200],
  },
  { call: 'GET /api/v1/audit', expect: [401, 403, 403, 403, 200, 200] },
  { call: 'GET /api/v1/retention', expect: [401, 403, 403, 403, 200, 200] },
  { call: 'PUT /api/v1/retention', body: () => ({ closedForDays: null }), expect: [401, 403, 403, 403, 200, 200] },
  {
    call: 'POST /api/v1/retention/preview',
    body: () => ({ closedForDays: 30 }),
    expect: [401, 403, 403, 403, 200, 200],
  },
  { call: 'POST /api/v1/retention/run', body: () => ({}), expect: [401, 403, 403, 403, 200, 200] },
  { call: 'GET /api/v1/me/sessions', expect: [401, 403, 403, 200, 200, 200] },
  { call: 'DELETE /api/v1/me/sessions', expect: [401, 403, 403, 204, 204, 204] },
  {
    call: 'DELETE /api/v1/me/sessions/:id',
    path: '//api/v1/me/sessions/none',
    expect: [401, 403, 403, 404, 404, 404],
  },
  { call: 'GET /api/v1/me/second-factor', expect: [401, 403, 403, 200, 200, 400] },
  { call: 'POST /api/v1/me/second-factor', body: () => ({ password: 'x' }), expect: [401, 403, 403, 400, 400, 400] },
  { call: 'PUT /api/v1/me/second-factor', body: () => ({ code: '000000' }), expect: [401, 403, 403, 400, 400, 400] },
  {
    call: 'POST /api/v1/me/second-factor/off',
    body: () => ({ password: 'x' }),
    expect: [401, 403, 403, 400, 400, 400],
  },
  { call: 'GET /api/v1/me/api-keys', expect: [401, 403, 403, 200, 200, 200] },
  {
    call: 'POST /api/v1/me/api-keys',
    body: () => ({ name: 'K', scope: 'read' }),
    expect: [401, 403, 403, 201, 201, 403],
  },
  {
    call: 'DELETE /api/v1/me/api-keys/:id',
    path: '//api/v1/me/api-keys/none',
    expect: [401, 403, 403, 404, 404, 404],
  },
  {
    call: 'POST /api/v1/agents/:id/reset-link',
    path: '//api/v1/agents/COLLEAGUE/reset-link',
    expect: [401, 403, 403, 403, 201, 201],
  },
  {
    call: 'DELETE /api/v1/agents/:id/second-factor',
    path: '//api/v1/agents/COLLEAGUE/second-factor',
    expect: [401, 403, 403, 403, 204, 204],
  },
  {
    call: 'POST /api/v1/password-reset',
    body: () => ({ token: 'x', password: PASSWORD }),
    expect: [404, 404, 404, 404, 404, 404],
  },
  {
    call: 'PATCH /api/v1/contacts/:id',
    path: '//api/v1/contacts/BYSTANDER',
    body: () => ({ name: 'Nora' }),
    expect: [401, 403, 403, 200, 200, 200],
  },
  {
    call: 'GET /api/v1/contacts/:id/block',
    path: '//api/v1/contacts/BYSTANDER/block',
    expect: [401, 403, 403, 200, 200, 200],
    keys: [403, 200, 200],
  },
  {
    call: 'PUT /api/v1/contacts/:id/block',
    path: '//api/v1/contacts/BYSTANDER/block',
    body: () => ({ blocked: true }),
    expect: [401, 403, 403, 204, 204, 204],
  },
  { call: 'GET /api/v1/blocked-addresses', expect: [401, 403, 403, 200, 200, 200], keys: [403, 200, 200] },
  {
    call: 'PUT /api/v1/blocked-addresses/:address',
    path: '//api/v1/blocked-addresses/203.0.113.9',
    body: () => ({ blocked: true }),
    expect: [401, 403, 403, 204, 204, 204],
  },
  { call: 'GET /api/v1/widget', expect: [200, 200, 200, 200, 200, 200] },
  {
    call: 'POST /api/v1/conversations',
    body: ({ visitorId, fresh }) => ({ id: fresh(), userId: visitorId }),
    expect: [401, 201, 403, 201, 201, 201],
  },
  {
    call: 'POST /api/v1/conversations',
    body: ({ fresh }) => ({ id: fresh(), userId: fresh() }),
    expect: [401, 403, 403, 400, 201, 201],
  },
  { call: 'POST /api/v1/conversations', body: () => ({ id: 'c1' }), expect: [401, 200, 409, 400, 400, 400] },
  { call: 'GET /api/v1/conversations', expect: [401, 200, 200, 200, 200, 200] },
  { call: 'GET /api/v1/conversations', path: '//api/v1/conversations?label=x', expect: [401, 403, 403, 200, 200, 200] },
  { call: 'GET /api/v1/search', path: '//api/v1/search?q=hello', expect: [401, 403, 403, 200, 200, 200] },
  { call: `GET ${C}`, path, expect: [401, 200, 404, 200, 200, 200] },
  { call: `PATCH ${C}`, path, body: () => ({ labels: ['x'] }), expect: [401, 403, 403, 200, 200, 200] },
  {
    call: `POST ${C}/rating`,
    path: `${path}/rating`,
    body: () => ({ score: 5 }),
    // It is not closed.
    expect: [401, 400, 404, 403, 403, 403],
  },
  { call: 'GET /api/v1/conversations', path: '//api/v1/conversations?user=x', expect: [401, 403, 403, 200, 200, 200] },
  { call: 'GET /api/v1/labels', expect: [401, 403, 403, 200, 200, 200] },
  {
    call: 'PUT /api/v1/labels/:id',
    path: '//api/v1/labels/vip',
    body: () => ({ name: 'VIP', color: '#1F6F5C' }),
    expect: [401, 403, 403, 200, 200, 200],
  },
  { call: 'GET /api/v1/canned-replies', expect: [401, 403, 403, 200, 200, 200] },
  {
    call: 'PUT /api/v1/canned-replies/:id',
    path: '//api/v1/canned-replies/r1',
    body: () => ({ shortcut: 'hours', content: 'x' }),
    expect: [401, 403, 403, 200, 200, 200],
  },
  { call: 'GET /api/v1/mentions', expect: [401, 403, 403, 200, 200, 200], keys: [403, 200, 200] },
  { call: 'GET /api/v1/statistics', expect: [401, 403, 403, 200, 200, 200], keys: [200, 200, 200] },
  {
    call: 'POST /api/v1/mentions/:conversationId/seen',
    path: '//api/v1/mentions/c1/seen',
    expect: [401, 403, 403, 404, 404, 404],
  },
  {
    call: `POST ${C}/messages`,
    path: `${path}/messages`,
    body: ({ fresh }) => ({ id: fresh(), content: 'x' }),
    expect: [401, 201, 404, 201, 201, 201],
  },
  {
    call: `POST ${C}/messages`,
    path: `${path}/messages`,
    body: ({ fresh }) => ({ id: fresh(), content: 'x', kind: 'note' }),
    expect: [401, 403, 404, 201, 201, 201],
  },
  {
    call: `POST ${C}/messages`,
    path: `${path}/messages`,
    body: ({ fresh, visitorId }) => ({ id: fresh(), content: 'x', senderId: visitorId, senderType: 'USER' }),
    expect: [401, 403, 403, 403, 201, 201],
  },
  { call: `GET ${C}/messages`, path: `${path}/messages`, expect: [401, 200, 404, 200, 200, 200] },
  {
    call: `DELETE ${C}/messages/:messageId`,
    path: `${path}/messages/m1`,
    expect: [401, 403, 403, 204, 204, 204],
  },
  {
    call: `POST ${C}/attachments`,
    path: `${path}/attachments`,
    raw: 'a file',
    expect: [401, 201, 404, 201, 201, 201],
  },
  {
    call: `GET ${C}/attachments/:attachmentId`,
    path: `${path}/attachments/${FILE}`,
    expect: [401, 200, 404, 200, 200, 200],
  },
  {
    call: `GET ${C}/attachments/:attachmentId/:name`,
    path: `${path}/attachments/${FILE}/a.txt`,
    expect: [401, 200, 404, 200, 200, 200],
  },
  { call: `POST ${C}/read`, path: `${path}/read`, body: () => ({ seq: 1 }), expect: [401, 204, 404, 204, 204, 204] },
  {
    call: `POST ${C}/typing`,
    path: `${path}/typing`,
    body: () => ({ typing: true }),
    expect: [401, 204, 404, 204, 204, 204],
  },
  { call: 'GET /api/v1/changes', expect: [401, 200, 200, 200, 200, 200] },
  { call: 'GET /api/v1/storage', expect: [401, 403, 403, 200, 200, 200] },
  { call: 'GET /api/v1/agents', expect: [401, 403, 403, 200, 200, 200] },
  {
    call: 'POST /api/v1/agents',
    body: ({ fresh }) => ({ email: `${fresh()}@example.org`, name: 'N', password: PASSWORD }),
    expect: [401, 403, 403, 403, 201, 201],
  },
  {
    call: 'PATCH /api/v1/agents/:id',
    path: '//api/v1/agents/COLLEAGUE',
    body: () => ({ name: 'N' }),
    expect: [401, 403, 403, 403, 200, 200],
  },
  { call: 'GET /api/v1/settings', expect: [401, 403, 403, 200, 200, 200] },
  { call: 'PUT /api/v1/settings', body: () => settings, expect: [401, 403, 403, 403, 200, 200] },
  { call: 'GET /api/v1/socket', expect: [400, 400, 400, 400, 400, 400] },
  { call: 'GET /api/v1/openapi.json', expect: [200, 200, 200, 200, 200, 200] },
  { call: 'GET /api/v1/docs', expect: [200, 200, 200, 200, 200, 200] },
  { call: 'OPTIONS /api/v1/*', path: '//api/v1/me', expect: [204, 204, 204, 204, 204, 204] },
  { call: 'GET /healthz', expect: [200, 200, 200, 200, 200, 200] },
  { call: 'GET /readyz', expect: [200, 200, 200, 200, 200, 200] },
  { call: 'GET /metrics', expect: [200, 200, 200, 200, 200, 200] },
  { call: 'DELETE /api/v1/sessions/current', expect: [401, 403, 403, 204, 204, 204] },
];

/** Pages hold no data of anybody; their own test looks at them. */
const PAGES = ['/', '/console', '/console/*', '/demo', '/widget.js', '/assets/*', '/docs', '/docs/style.css'];

describe('access', () => {
  let world: World;
  let calls = 0;

  before(async () => {
    const scope = { after: (fn: () => void | Promise<void>) => after.push(fn) };
    const app = await startTestApp(scope, { flags: ['--trust-proxy=on', `--blobs=${tempDir(scope)}`] });
    const visitor = await newVisitor(app);
    const stranger = await newVisitor(app);
    const agent = await newAgent(app, 'ann');
    const admin = await newAgent(app, 'adam', 'admin');
    const colleague = await newAgent(app, 'carl');
    const body = { id: 'c1', message: { id: 'm1', content: 'hello' } };
    assert.equal((await app.ask('POST', '/conversations', { token: visitor.token, body })).status, 201);
    const { body: upload } = await app.ask('POST', '/conversations/c1/attachments', {
      ...{ token: visitor.token, raw: 'a file', headers: BYTES },
    });
    const attachments = [{ ...upload.attachment, name: 'a.txt' }];
    const post = { id: 'm2', content: '', attachments };
    assert.equal(
      (await app.ask('POST', '/conversations/c1/messages', { token: visitor.token, body: post })).status,
      201,
    );
    const keyOf = async (scope: string): Promise<string> => {
      const asked = { token: admin.token, body: { name: scope, scope } };
      return (await app.ask('POST', '/me/api-keys', asked)).body.key;
    };
    let made = 0;
    world = {
      app,
      tokens: {
        nobody: undefined,
        visitor: visitor.token,
        stranger: stranger.token,
        agent: agent.token,
        admin: admin.token,
        automation: app.adminToken,
        readKey: await keyOf('read'),
        agentKey: await keyOf('agent'),
        adminKey: await keyOf('admin'),
      },
      visitorId: visitor.id,
      colleagueId: colleague.id,
      bystanderId: (await newVisitor(app)).id,
      fresh: () => `fresh-${++made}`,
    };
  });
  const after: (() => void | Promise<void>)[] = [];
  test.after(async () => {
    for (const end of after) await end();
  });

  // Before the table, in which people sign out.
  test('[AC-2] a token that is none is refused wherever a token is asked for, and not taken for nobody', async () => {
    for (const token of ['x', 'v1.e30.x', 'a1.x', `${world.tokens.visitor}x`, `${world.app.adminToken}x`]) {
      assert.equal((await world.app.refused('GET', '/me', { token })).code, 'unauthorized');
    }
    const basic = { headers: { authorization: 'Basic eDp5' } };
    assert.equal((await world.app.refused('GET', '/me', basic)).code, 'unauthorized');
    // Nor is it passed over for a cookie that is worth something.
    const headers = { cookie: `guichet_session=${world.tokens.agent}` };
    assert.equal((await world.app.ask('GET', '/me', { headers })).status, 200);
    assert.equal((await world.app.refused('GET', '/me', { token: 'x', headers })).code, 'unauthorized');
  });

  for (const [index, row] of ROWS.entries()) {
    test(`[AC-1] ${row.call} (${index})`, async () => {
      const [method = '', registered = ''] = row.call.split(' ');
      const address = (row.path ?? `/${registered}`)
        .replace('COLLEAGUE', world.colleagueId)
        .replace('BYSTANDER', world.bystanderId);
      const statuses: Record<string, number> = {};
      for (const caller of [...CALLERS, ...KEYS]) {
        const body = row.body?.(world);
        const { raw } = row;
        // Each call from an address of its own, so that no budget but the caller's is spent.
        calls += 1;
        const from = method === 'POST' ? { 'x-forwarded-for': `192.0.2.${calls % 250}` } : {};
        const sent = raw === undefined ? { body, headers: from } : { raw, headers: { ...BYTES, ...from } };
        const reply = await world.app.ask(method, address, { token: world.tokens[caller], ...sent });
        statuses[caller] = reply.status;
        if (reply.status >= 400) assert.match(reply.headers.get('content-type')!, /^application\/problem\+json/);
      }
      const expected = [...row.expect, ...keysExpect(row)];
      assert.deepEqual(statuses, Object.fromEntries([...CALLERS, ...KEYS].map((caller, i) => [caller, expected[i]])));
    });
  }

  test('[AC-1] every route that the server has is in this table', async () => {
    const server = fastify();
    const routes: string[] = [];
    server.addHook('onRoute', ({ method, url }) => {
      for (const one of [method].flat()) if (one !== 'HEAD') routes.push(`${one} ${url}`);
    });
    registerRoutes(server, { webRoot: '/nowhere', log: { warn() {} } } as unknown as HttpContext);
    await server.ready();
    const listed = new Set([...ROWS.map((row) => row.call), ...PAGES.map((page) => `GET ${page}`)]);
    assert.deepEqual([...new Set(routes)].sort(), [...listed].sort());
  });
});
