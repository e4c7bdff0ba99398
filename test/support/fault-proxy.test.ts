import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { FaultProxy } from './fault-proxy.ts';
import { undoAfter } from './undo-after.ts';

/** A server that answers each line `x` with `<x>`, and tells what it heard and how its clients left. */
const startEcho = async (t: TestContext) => {
  const heard: string[] = [];
  const left: string[] = [];
  const server = createServer((socket) => {
    let end = 'closed';
    socket.on('data', (chunk: Buffer) => {
      heard.push(chunk.toString());
      socket.write(`<${chunk.toString()}>`);
    });
    socket.on('error', () => {
      end = 'reset';
    });
    socket.on('close', () => left.push(end));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  undoAfter(t, () => void server.close());
  const { port } = server.address() as AddressInfo;
  return { heard, left, url: `http://127.0.0.1:${port}` };
};

class Caller {
  readonly socket: Socket;
  text = '';
  ended: string | undefined;

  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.socket = connect(Number(port), hostname);
    this.socket.setEncoding('utf8').on('data', (text: string) => {
      this.text += text;
    });
    this.socket.on('error', (error: NodeJS.ErrnoException) => {
      this.ended = error.code;
    });
    this.socket.on('close', () => {
      this.ended ??= 'closed';
    });
  }

  async says(line: string): Promise<void> {
    await new Promise<void>((resolve) => this.socket.write(line, () => resolve()));
  }

  async hears(text: string): Promise<void> {
    while (!this.text.includes(text)) await once(this.socket, 'data');
  }

  async left(): Promise<string> {
    while (!this.socket.closed) await delay(5);
    return this.ended!;
  }
}

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await delay(5);
};

const start = async (t: TestContext) => {
  const echo = await startEcho(t);
  const proxy = await FaultProxy.start(t, echo.url);
  return { echo, proxy, call: () => new Caller(proxy.url) };
};

test('passes bytes and ends both ways', async (t) => {
  const { echo, proxy, call } = await start(t);
  const [one, two] = [call(), call()];
  await one.says('a');
  await one.hears('<a>');
  await two.says('b');
  await two.hears('<b>');
  assert.equal(proxy.connections, 2);
  one.socket.end();
  assert.equal(await one.left(), 'closed');
  await until(() => echo.left.length === 1 && proxy.connections === 1);
  assert.deepEqual(echo.left, ['closed']);
});

test('names the way by itself in any URL', async (t) => {
  const proxy = await FaultProxy.start(t, 'postgres://me:p%40ss@127.0.0.1:5432/chat?ssl=no');
  assert.match(proxy.url, /^postgres:\/\/me:p%40ss@127\.0\.0\.1:\d+\/chat\?ssl=no$/);
  assert.notEqual(new URL(proxy.url).port, '5432');
  // Nobody needs to be there: then its clients are reset.
  assert.equal(await new Caller((await FaultProxy.start(t, 'http://127.0.0.1:1')).url).left(), 'ECONNRESET');
});

test('cuts, resets and refuses', async (t) => {
  const { echo, proxy, call } = await start(t);
  const opened = async () => {
    const caller = call();
    await caller.says('x');
    await caller.hears('<x>');
    return caller;
  };
  const [cut] = [await opened(), proxy.cut()];
  assert.equal(await cut.left(), 'closed');
  const [reset] = [await opened(), proxy.reset()];
  assert.equal(await reset.left(), 'ECONNRESET');
  await until(() => echo.left.length === 2);
  assert.deepEqual(echo.left, ['closed', 'reset']);

  const met = await opened();
  await proxy.refuse();
  assert.equal(await met.left(), 'ECONNRESET');
  assert.equal(await call().left(), 'ECONNREFUSED');
  await proxy.pass();
  await opened();
});

for (const direction of ['up', 'down'] as const) {
  test(`loses what goes ${direction} until the network is back, then it comes in order`, async (t) => {
    const { echo, proxy, call } = await start(t);
    const caller = call();
    await caller.says('1');
    await caller.hears('<1>');
    proxy.blackhole(direction);
    const late = call();
    await caller.says('2');
    await late.says('3');
    if (direction === 'down') await until(() => echo.heard.length === 3);
    else await delay(50);
    assert.deepEqual(echo.heard, direction === 'up' ? ['1'] : echo.heard.toSorted());
    assert.equal(caller.text + late.text, '<1>');
    await proxy.pass();
    await caller.hears('<2>');
    await late.hears('<3>');
  });
}

test('delays every byte, and keeps their order', async (t) => {
  const { proxy, call } = await start(t);
  proxy.delay(60, 'down');
  const from = performance.now();
  const caller = call();
  for (const line of ['1', '2', '3']) {
    await caller.says(line);
    await delay(5);
  }
  await caller.hears('3>');
  assert.ok(performance.now() - from >= 60);
  assert.equal(caller.text.replaceAll(/[<>]/g, ''), '123');
});

test('holds what matches and delivers it late, even when its sender has gone', async (t) => {
  const { echo, proxy, call } = await start(t);
  const held = proxy.hold('up', (chunk) => chunk.includes('COMMIT'));
  const [caller, other] = [call(), call()];
  await caller.says('insert');
  await caller.hears('<insert>');
  await caller.says('COMMIT');
  const commit = await held;
  assert.equal(commit.chunk.toString(), 'COMMIT');
  caller.socket.destroy();
  await other.says('other');
  await other.hears('<other>');
  assert.deepEqual(echo.heard, ['insert', 'other']);
  commit.release();
  await until(() => echo.heard.includes('COMMIT'));
});

test('drops the reply to what matches: it was done, and its sender cannot know', async (t) => {
  const { echo, proxy, call } = await start(t);
  const dropped = proxy.dropReply((chunk) => chunk.includes('COMMIT'));
  const [caller, other] = [call(), call()];
  await caller.says('insert');
  await caller.hears('<insert>');
  await caller.says('COMMIT');
  await dropped;
  assert.equal(await caller.left(), 'ECONNRESET');
  assert.equal(caller.text, '<insert>');
  assert.deepEqual(echo.heard, ['insert', 'COMMIT']);
  await other.says('COMMIT');
  await other.hears('<COMMIT>');
});

test('carries more than fits into any buffer', async (t) => {
  const { proxy, call } = await start(t);
  const caller = call();
  const size = 8 * 1024 * 1024;
  caller.socket.write(Buffer.alloc(size, 'x'));
  proxy.blackhole();
  await delay(20);
  await proxy.pass();
  await until(() => caller.text.replaceAll(/[<>]/g, '').length === size);
});
