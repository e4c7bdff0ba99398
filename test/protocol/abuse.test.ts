import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { WebSocket } from 'ws';
import { SOCKETS_PER_VISITOR } from '../../src/http/socket-gate.ts';
import { newAgent, newVisitor, startTestApp, type TestApp } from '../support/app.ts';
import { TestSocket } from '../support/live-server.ts';

const socketUrl = (app: TestApp): string => `${app.url.replace('http', 'ws')}/api/v1/socket`;

const hello = async (t: TestContext, app: TestApp, token: string, headers?: Record<string, string>) => {
  const socket = await TestSocket.open(socketUrl(app), headers ? { headers } : {});
  t.after(() => socket.close());
  socket.send({ type: 'hello', token });
  return socket;
};

const thrice = (work: () => void): void => {
  for (let i = 0; i < 3; i += 1) work();
};

/** That the server still serves somebody else: a message there and its acknowledgement back. */
const servesOthers = async (app: TestApp): Promise<void> => {
  const { token } = await newVisitor(app);
  const body = { message: { content: 'still there' } };
  assert.equal((await app.ask('POST', '/conversations', { token, body })).status, 201);
};

describe('blocks', () => {
  test('[AC-26] a blocked visitor is out at once, on calls and sockets, until let in again', async (t) => {
    const app = await startTestApp(t);
    const { id, token } = await newVisitor(app);
    const agent = await newAgent(app, 'ann');
    const block = (blocked: boolean) =>
      app.ask('PUT', `/contacts/${id}/block`, { token: agent.token, body: { blocked } });
    const socket = await hello(t, app, token);
    await socket.next('welcome');
    await block(true);
    assert.equal(await socket.closed(), 4401);
    assert.equal((await app.refused('GET', '/conversations', { token })).code, 'blocked');
    assert.equal(await (await hello(t, app, token)).closed(), 4401);
    assert.equal((await app.ask('GET', `/contacts/${id}/block`, { token: agent.token })).body.blocked, true);
    await block(false);
    assert.equal((await app.ask('GET', '/conversations', { token })).status, 200);
    assert.equal(
      (await app.refused('PUT', '/contacts/none/block', { token: agent.token, body: { blocked: true } })).status,
      404,
    );
  });

  test('[AC-26] from a blocked address no visitor comes in; agents do, and so do others', async (t) => {
    const app = await startTestApp(t, { flags: ['--trust-proxy=on'] });
    const agent = await newAgent(app, 'ann');
    const { id, token } = await newVisitor(app);
    const from = (address: string) => ({ 'x-forwarded-for': address });
    await app.ask('GET', '/conversations', { token, headers: from('2001:db8::1') });
    const { address } = (await app.ask('GET', `/contacts/${id}/block`, { token: agent.token })).body;
    assert.equal(address, '2001:db8:0:0');
    const put = (which: string, blocked = true) =>
      app.ask('PUT', `/blocked-addresses/${which}`, { token: agent.token, body: { blocked } });
    assert.equal((await put(address)).status, 204);
    assert.equal((await put('192.0.2.7')).status, 204);
    assert.equal((await put('somewhere')).status, 400);
    for (const where of ['2001:db8::ffff', '192.0.2.7', '::ffff:192.0.2.7']) {
      const headers = from(where);
      assert.equal((await app.refused('GET', '/conversations', { token, headers })).code, 'blocked', where);
      assert.equal((await app.refused('POST', '/visitors', { body: {}, headers })).code, 'blocked', where);
      assert.equal(await (await hello(t, app, token, headers)).closed(), 4401, where);
      assert.equal((await app.ask('GET', '/conversations', { token: agent.token, headers })).status, 200, where);
    }
    assert.equal((await app.ask('GET', '/conversations', { token, headers: from('192.0.2.8') })).status, 200);
    await put('192.0.2.7', false);
    assert.equal((await app.ask('GET', '/conversations', { token, headers: from('192.0.2.7') })).status, 200);
    const { addresses } = (await app.ask('GET', '/blocked-addresses', { token: agent.token })).body;
    assert.deepEqual(
      addresses.map((one: { address: string }) => one.address),
      [address],
    );
  });
});

describe('budgets', () => {
  test('[AC-11] one visitor has so many sockets; an ended one makes room; the figures tell of refusals', async (t) => {
    const app = await startTestApp(t);
    const { token } = await newVisitor(app);
    const sockets = [];
    for (let i = 0; i < SOCKETS_PER_VISITOR; i += 1) sockets.push(await hello(t, app, token));
    for (const socket of sockets) await socket.next('welcome');
    const over = await hello(t, app, token);
    assert.equal((await over.next('error')).code, 'too_many_requests');
    sockets[0]!.close();
    let back: TestSocket;
    let answer: string;
    do {
      back = await hello(t, app, token);
      while (back.frames.length === 0) await new Promise((resolved) => back.ws.once('message', resolved));
      answer = back.frames[0]!.type;
    } while (answer !== 'welcome');
    const { text } = await app.ask('GET', '//metrics', { token: app.adminToken });
    assert.match(text, /guichet_refused_total\{budget="socketsPerVisitor"\} [1-9]/);
    assert.match(text, /guichet_refused_total\{budget="messagesPerVisitor"\} 0/);
    await servesOthers(app);
  });

  test('[AC-11] text has a budget of its own', async (t) => {
    const app = await startTestApp(t);
    const { token } = await newVisitor(app);
    await app.ask('POST', '/conversations', { token, body: { id: 'c1' } });
    let status = 201;
    for (let i = 0; i < 80 && status === 201; i += 1) {
      const body = { content: 'x'.repeat(20_000) };
      status = (await app.ask('POST', '/conversations/c1/messages', { token, body })).status;
    }
    assert.equal(status, 429);
  });
});

describe('hostile requests', () => {
  /** Sends bytes and resolves with all that came back once the server has closed. */
  const raw = (app: TestApp, bytes: string | Buffer): Promise<string> =>
    new Promise((resolved, rejected) => {
      const socket = connect(Number(new URL(app.url).port), '127.0.0.1', () => socket.write(bytes));
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk.toString();
      });
      socket.on('close', () => resolved(text));
      socket.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') rejected(error);
      });
    });

  test('[AC-27] floods of headers, bombs, deep JSON and endless bodies are refused; others go on', async (t) => {
    const app = await startTestApp(t);
    const { token } = await newVisitor(app);
    const flood = Array.from({ length: 5000 }, (_, i) => `x-${i}: ${'y'.repeat(50)}`).join('\r\n');
    assert.match(await raw(app, `GET /api/v1/me HTTP/1.1\r\nhost: x\r\n${flood}\r\n\r\n`), /^HTTP\/1.1 431/);
    assert.match(
      await raw(app, 'GET / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'),
      /^HTTP\/1.1 400/,
    );
    assert.match(await raw(app, '\u0000\u0001\u0002\r\n\r\n'), /^HTTP\/1.1 400/);

    const bomb = new Uint8Array(gzipSync(Buffer.alloc(50_000_000, 0x20)));
    const headers = { 'content-encoding': 'gzip' };
    const bombed = await app.ask('POST', '/conversations', { token, raw: bomb as Uint8Array<ArrayBuffer>, headers });
    assert.ok(bombed.status === 400 || bombed.status === 413, String(bombed.status));
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    assert.equal((await app.ask('POST', '/conversations', { token, raw: deep })).status, 400);
    const nested = `${'{"message":'.repeat(20_000)}1${'}'.repeat(20_000)}`;
    assert.equal((await app.ask('POST', '/conversations', { token, raw: nested })).status, 400);
    assert.equal((await app.ask('POST', '/conversations', { token, raw: 'x'.repeat(300_000) })).status, 413);
    const poison = '{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}';
    assert.equal((await app.ask('POST', '/conversations', { token, raw: poison })).status, 400);
    assert.equal(({} as { admin?: boolean }).admin, undefined);
    await servesOthers(app);
  });

  test('[AC-27] frames that are too large, deep, binary or without an end close their socket and no other', async (t) => {
    const app = await startTestApp(t);
    const { token } = await newVisitor(app);
    const honest = await hello(t, app, token);
    await honest.next('welcome');
    const ended = async (attack: (ws: WebSocket) => void): Promise<number> => {
      const ws = new WebSocket(socketUrl(app));
      t.after(() => ws.terminate());
      await new Promise((resolved) => ws.once('open', resolved));
      const closed = new Promise<number>((resolved) => ws.once('close', resolved));
      ws.on('error', () => {});
      attack(ws);
      return closed;
    };
    assert.equal(await ended((ws) => ws.send('x'.repeat(300_000))), 1009);
    assert.equal(await ended((ws) => thrice(() => ws.send('['.repeat(100_000)))), 4400);
    assert.equal(await ended((ws) => thrice(() => ws.send(Buffer.alloc(10)))), 4400);
    // A message in pieces, none of them the last.
    const pieces = await ended((ws) => {
      for (let i = 0; i < 40; i += 1) ws.send('x'.repeat(10_000), { fin: false });
    });
    assert.equal(pieces, 1009);
    await honest.settled();
    await servesOthers(app);
  });
});

describe('frames faster than people write', () => {
  test('[AC-27] wait with their sender; what was sent before them is answered', async (t) => {
    const app = await startTestApp(t);
    const { token } = await newVisitor(app);
    const flood = await hello(t, app, token);
    await flood.next('welcome');
    for (let i = 0; i < 5000; i += 1) flood.send({ type: 'ping' });
    for (let i = 0; i < 200; i += 1) await flood.next('pong');
    await servesOthers(app);
    assert.ok(flood.all('pong').length < 1000, 'not all were read at once');
    const agent = await newAgent(app, 'ann');
    const desk = await hello(t, app, agent.token);
    await desk.next('welcome');
    for (let i = 0; i < 1000; i += 1) desk.send({ type: 'ping' });
    for (let i = 0; i < 1000; i += 1) await desk.next('pong');
  });
});

describe('reads', () => {
  test('[AC-11] a visitor who reads without end is told when to come back; others behind the address read on', async (t) => {
    const app = await startTestApp(t);
    const { token } = await newVisitor(app);
    const read = (who: string) => app.ask('GET', '/me', { token: who });
    let reply = await read(token);
    for (let asked = 0; reply.status === 200 && asked < 3000; asked += 50) {
      [reply = reply] = (await Promise.all(Array.from({ length: 50 }, () => read(token)))).toSorted(
        (a, b) => b.status - a.status,
      );
    }
    assert.deepEqual([reply.status, reply.headers.get('retry-after')], [429, '1']);
    assert.equal((await read((await newVisitor(app)).token)).status, 200);
    assert.match((await app.ask('GET', '//metrics')).text, /guichet_refused_total\{budget="readsPerVisitor"\} [1-9]/);
  });
});

describe('headers of answers', () => {
  test('[AC-25] nothing of ours is sniffed, framed or told to other sites; behind TLS browsers stay there', async (t) => {
    const app = await startTestApp(t);
    const tls = await startTestApp(t, { flags: ['--public-url=https://chat.example'] });
    for (const path of ['/', '/console', '/demo', '/docs', '/widget.js', '/api/v1/me', '/healthz', '/nowhere']) {
      const { headers } = await app.ask('GET', `/${path}`);
      const policy = headers.get('content-security-policy') ?? '';
      assert.equal(headers.get('x-content-type-options'), 'nosniff', path);
      assert.match(policy, /frame-ancestors 'none'/, path);
      assert.doesNotMatch(policy, /unsafe|\*/, path);
      assert.ok(headers.get('referrer-policy'), path);
      assert.equal(headers.get('strict-transport-security'), null, path);
      const secure = (await tls.ask('GET', `/${path}`)).headers;
      assert.match(secure.get('strict-transport-security') ?? '', /^max-age=31536000$/, path);
    }
  });
});
