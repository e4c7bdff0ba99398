import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import WebSocket from 'ws';
import { call } from '../support/call.ts';
import { Ledger } from '../support/ledger.ts';
import { root, startServer } from '../support/server.ts';
import { tempDir } from '../support/temp-dir.ts';
import { runWriters } from '../support/writers.ts';

/** Runs a command line in a process of its own and waits for its end. */
const run = async (args: readonly string[], cwd: string) => {
  const child = spawn(process.execPath, [join(root, 'src/main.ts'), ...args], {
    cwd,
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdout.resume();
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stderr };
};

describe('a server that cannot start says why in one line', () => {
  test('a port in use: exit 1', async (t) => {
    const other = createServer().listen(0, '127.0.0.1');
    t.after(() => other.close());
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const dir = tempDir(t);
    assert.deepEqual(await run(['serve', `--port=${port}`, `--store=file:${dir}`], dir), {
      code: 1,
      stderr: `Port ${port} is in use. Stop the other program, or choose another with --port.\n`,
    });
  });

  test('a data directory that another server holds: exit 1, and that server goes on', async (t) => {
    const server = await startServer(t);
    const { code, stderr } = await run(['serve', '--port=0', `--store=file:${server.dataDir}`], server.dataDir);
    assert.equal(code, 1);
    assert.match(stderr, /^Another process holds the directory [^\n]+\n$/);
    assert.equal((await call(server, 'POST', '/conversations', { userId: 'visitor' })).status, 201);
  });

  test('a wrong store URL, a secret that is too short: exit 2', async (t) => {
    const dir = tempDir(t);
    const { code, stderr } = await run(['serve', '--port=0', '--store=flie:./data'], dir);
    assert.equal(code, 2);
    assert.match(stderr, /^"flie:\.\/data" is not a store\. [^\n]+\n$/);
    assert.deepEqual(readdirSync(dir), []);
  });

  test('an address that is not of this machine: exit 1', async (t) => {
    const dir = tempDir(t);
    const { code, stderr } = await run(
      ['serve', '--port=0', '--host=192.0.2.1', '--plain-http', `--store=file:${dir}`],
      dir,
    );
    assert.equal(code, 1);
    assert.equal(stderr, 'This machine has no address "192.0.2.1". Choose another with --host.\n');
  });
});

describe('a server that is asked to stop', () => {
  test('under load: answers what it accepted, exits 0, and all that was acknowledged is there', async (t) => {
    const server = await startServer(t);
    const ledger = new Ledger();
    await call(server, 'POST', '/conversations', { id: 'c', userId: 'visitor' });
    const writing = runWriters(server, ledger, 8, ['c']);
    await ledger.reaches(200);
    assert.deepEqual(await server.stop(), { code: 0, signal: null });
    await writing;
    assert.equal(server.errors, '');
    await server.restart();
    await ledger.verify(server);
  });

  test('a snapshot is taken on the way, and a second start needs no journal', async (t) => {
    const server = await startServer(t);
    await call(server, 'POST', '/conversations', { id: 'c', userId: 'visitor', message: { content: 'read me' } });
    await server.stop();
    await server.restart();
    const { body } = await call<{ lastSnapshot: unknown }>(server, 'GET', '/storage');
    assert.notEqual(body.lastSnapshot, null);
  });

  test('with sockets that never close and requests that wait: within 10 s', async (t) => {
    const server = await startServer(t);
    await call(server, 'POST', '/conversations', { id: 'c', userId: 'visitor', message: { content: 'x' } });
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/api/v1/socket`);
    socket.on('error', () => {});
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'hello', token: server.adminToken }));
    await once(socket, 'message');
    const waiting = call(server, 'GET', '/conversations/c/messages?after=1&wait=30').catch(() => undefined);
    const exit = await server.stop();
    assert.deepEqual(exit, { code: 0, signal: null });
    assert.ok(!server.logs.some(({ msg }) => msg.includes('took too long')), 'the stop ran into its limit');
    await waiting;
  });

  test('again, half a second later: at once; signals closer together are one wish', async (t) => {
    const server = await startServer(t);
    // Half a request: it keeps the graceful stop waiting for seconds.
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    socket.on('error', () => {});
    socket.write(
      'POST /api/v1/visitors HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n1',
    );
    await once(socket, 'connect');
    await call(server, 'GET', '/me');
    const exited = server.stop();
    process.kill(server.pid, 'SIGTERM');
    await delay(600);
    process.kill(server.pid, 'SIGTERM');
    assert.deepEqual(await exited, { code: 143, signal: null });
    socket.destroy();
  });

  test('by the end of the process that started it', async (t) => {
    const server = await startServer(t);
    assert.deepEqual(await server.abandon(), { code: 0, signal: null });
    assert.equal(server.logs.findLast(({ msg }) => msg === 'stopping')?.reason, 'disconnect');
  });
});
