import assert from 'node:assert/strict';
import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { ERRORS } from '../../src/domain/errors.ts';
import { ROUTES } from '../../src/http/routes.ts';
import { newAgent, newVisitor, startTestApp } from '../support/app.ts';
import { tempDir } from '../support/temp-dir.ts';

describe('health and figures', () => {
  test('alive, ready, and what is stored where', async (t) => {
    const app = await startTestApp(t, { store: 'file' });
    assert.deepEqual((await app.ask('GET', '//healthz')).body, { status: 'ok' });
    const ready = await app.ask('GET', '//readyz');
    assert.deepEqual([ready.status, ready.body], [200, { status: 'ready', degraded: false, durable: true }]);
    await newVisitor(app);
    const { body } = await app.ask('GET', '/storage', { token: app.adminToken });
    assert.match(body.committing, /^file:/);
    const [tier] = body.tiers;
    assert.deepEqual([tier.kind, tier.state, tier.position, tier.lag, tier.lastError], ['file', 'member', 1, 0, null]);
    assert.equal((await startTestApp(t).then((other) => other.ask('GET', '//readyz'))).body.durable, false);
  });

  test('a store that cannot be opened: 503 until it can, then all is well, without a restart', async (t) => {
    const folder = tempDir(t);
    const inTheWay = join(folder, 'place');
    // A link to itself: the system fails there as it does on a disk that is not well.
    symlinkSync(inTheWay, inTheWay);
    const app = await startTestApp(t, { store: `file:${join(inTheWay, 'data')}` });
    const ready = await app.ask('GET', '//readyz');
    assert.deepEqual([ready.status, ready.body.code], [503, 'unavailable']);
    assert.equal((await app.ask('GET', '//healthz')).status, 200);
    for (const [method, path] of [
      ['POST', '/visitors'],
      ['GET', '/me'],
      ['GET', '/widget'],
      ['GET', '/socket'],
    ] as const) {
      const reply = await app.ask(method, path, method === 'POST' ? { body: {} } : { token: app.adminToken });
      assert.deepEqual([reply.status, reply.body.code, reply.body.retry], [503, 'unavailable', 'later']);
      assert.ok(Number(reply.headers.get('retry-after')) >= 1);
      assert.doesNotMatch(reply.text, /ELOOP|place/, 'the cause is for the log');
    }
    assert.ok(app.logs.some((line) => line.level === 'error'));
    rmSync(inTheWay);
    while ((await app.ask('GET', '//readyz')).status !== 200) await new Promise((again) => setTimeout(again, 50));
    assert.ok((await newVisitor(app)).token);
    assert.ok(app.logs.some((line) => line.msg === 'set up'));
  });

  test('figures are for this machine and for admins', async (t) => {
    const app = await startTestApp(t, { flags: ['--trust-proxy=on'] });
    await app.ask('GET', '//metrics');
    const { token } = await newVisitor(app);
    const local = await app.ask('GET', '//metrics');
    assert.match(local.headers.get('content-type')!, /^text\/plain/);
    assert.match(local.text, /^guichet_records_total 1$/m);
    assert.match(local.text, /^guichet_store_position 1$/m);
    assert.match(local.text, /_count\{method="POST",route="\/api\/v1\/visitors",status="201"\} 1$/m);
    assert.match(local.text, /^guichet_commit_batch_records_count 1$/m);
    const headers = { 'x-forwarded-for': '192.0.2.1' };
    assert.equal((await app.refused('GET', '//metrics', { headers })).status, 401);
    assert.equal((await app.refused('GET', '//metrics', { headers, token })).status, 403);
    const agent = await newAgent(app, 'ann');
    assert.equal((await app.refused('GET', '//metrics', { headers, token: agent.token })).status, 403);
    assert.equal((await app.ask('GET', '//metrics', { headers, token: app.adminToken })).status, 200);
  });

  test('a proxy on this machine that nobody trusts does not make strangers local', async (t) => {
    const app = await startTestApp(t);
    const headers = { 'x-forwarded-for': '192.0.2.1' };
    assert.equal((await app.refused('GET', '//metrics', { headers })).status, 401);
  });

  test('a poll whose caller has gone is given up', async (t) => {
    const app = await startTestApp(t);
    const { token } = await newVisitor(app);
    await app.ask('POST', '/conversations', { token, body: { id: 'c1', message: { content: 'x' } } });
    const gone = new AbortController();
    const held = app.ask('GET', '/conversations/c1/messages?after=1&wait=30', { token, signal: gone.signal });
    const polls = async (): Promise<string | undefined> =>
      /^guichet_polls (\d+)/m.exec((await app.ask('GET', '//metrics')).text)?.[1];
    while ((await polls()) !== '1') await new Promise(setImmediate);
    gone.abort();
    await assert.rejects(held);
    while ((await polls()) !== '0') await new Promise(setImmediate);
  });

  test('a graceful stop answers who waits, and then nobody', async (t) => {
    const app = await startTestApp(t);
    const { token } = await newVisitor(app);
    await app.ask('POST', '/conversations', { token, body: { id: 'c1', message: { content: 'x' } } });
    const held = app.ask('GET', '/conversations/c1/messages?after=1&wait=30', { token });
    const waiting = async (): Promise<boolean> => /^guichet_polls 1/m.test((await app.ask('GET', '//metrics')).text);
    while (!(await waiting())) await new Promise(setImmediate);
    await app.stop();
    assert.deepEqual([(await held).status, (await held).body.messages], [200, []]);
    await assert.rejects(app.ask('GET', '//healthz'));
  });
});

describe('pages', () => {
  test('the contract lists every route, for machines and for reading', async (t) => {
    const app = await startTestApp(t);
    const { body } = await app.ask('GET', '/openapi.json');
    const listed = Object.entries<object>(body.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const routes = ROUTES.map(([method, path]) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`);
    assert.deepEqual(listed.sort(), routes.sort());
    const references = new Set(JSON.stringify(body).match(/#\/components\/schemas\/\w+/g));
    for (const reference of references) assert.ok(body.components.schemas[reference.split('/').at(-1)!], reference);
    assert.ok(references.has('#/components/schemas/Message'));
    const docs = await app.ask('GET', '//docs');
    assert.match(docs.headers.get('content-type')!, /^text\/html/);
    for (const [, path] of ROUTES) assert.ok(docs.text.includes(path.replace(/:(\w+)/g, '{$1}')), path);
    for (const code of Object.keys(ERRORS)) assert.ok(docs.text.includes(`id="${code}"`), code);
    assert.doesNotMatch(docs.text, /<script|style="/);
  });

  test('nothing of the API is kept by caches; HEAD is answered like GET', async (t) => {
    const app = await startTestApp(t);
    const { token } = await newVisitor(app);
    const me = await app.ask('GET', '/me', { token });
    assert.equal(me.headers.get('cache-control'), 'no-store');
    assert.equal((await app.ask('GET', '/me')).headers.get('cache-control'), 'no-store');
    const head = await app.ask('HEAD', '/me', { token });
    assert.deepEqual([head.status, head.text], [200, '']);
  });
});
