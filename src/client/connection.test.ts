import assert from 'node:assert/strict';
import { mock, type TestContext, test } from 'node:test';
import { aMessage, aProblem, ScriptedServer } from '../../test/support/scripted-server.ts';
import { createApi } from './api.ts';
import { Connection } from './connection.ts';
import { createCall } from './http.ts';

const settled = async (): Promise<void> => {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
};

const connect = (t: TestContext, server: ScriptedServer) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'] });
  const api = createApi(createCall({ baseUrl: 'http://guichet.test', token: () => 'token', fetch: server.fetch }));
  const connection = new Connection({
    api,
    socketUrl: 'ws://guichet.test',
    WebSocket: server.WebSocket,
    token: () => 'token',
    random: () => 0,
  });
  const seen: string[] = [];
  connection.on('fresh', () => seen.push('fresh'));
  connection.on('state', (state) => seen.push(state));
  connection.on('unauthorized', () => seen.push('unauthorized'));
  connection.on('change', ({ cursor }) => seen.push(`change ${cursor}`));
  connection.start();
  t.after(() => connection.stop());
  const tick = async (ms: number): Promise<void> => {
    // In steps: a clock that leaps is one of a machine that slept.
    for (let left = ms; left > 0; left -= 1_000) t.mock.timers.tick(Math.min(left, 1_000));
    await settled();
  };
  return { connection, seen, tick };
};

const change = (cursor: string) => ({ type: 'change', cursor, kind: 'message', message: aMessage(1) }) as const;

test('hello, then the feed from the cursor of the welcome, then live', async (t) => {
  const server = new ScriptedServer();
  const { seen } = connect(t, server);
  await settled();
  assert.deepEqual(server.socket.frames, [{ type: 'hello', token: 'token' }]);
  server.socket.welcome('7');
  await settled();
  assert.deepEqual(server.socket.sent('followInbox'), [{ type: 'followInbox', after: '7' }]);
  assert.deepEqual(seen, ['fresh', 'live']);
});

test('a lost socket is replaced, and the feed goes on after the last change that was seen', async (t) => {
  const server = new ScriptedServer();
  const { seen, tick } = connect(t, server);
  await settled();
  server.socket.welcome('7');
  await settled();
  server.socket.say(change('8'));
  server.socket.drop();
  await settled();
  await tick(100);
  assert.deepEqual(server.socket.frames, [{ type: 'hello', token: 'token', log: 'log.0' }]);
  server.socket.welcome('12');
  await settled();
  assert.deepEqual(server.socket.sent('followInbox'), [{ type: 'followInbox', after: '8' }]);
  assert.deepEqual(seen, ['fresh', 'live', 'change 8', 'connecting', 'live'], 'no reload, no offline');
});

test('it keeps trying for ever while nothing answers', async (t) => {
  const server = new ScriptedServer();
  server.acceptsSockets = false;
  const { connection, tick } = connect(t, server);
  await settled();
  for (let i = 0; i < 200; i++) await tick(10_000);
  assert.equal(connection.state, 'offline');
  assert.ok(server.sockets.length > 190);
  server.acceptsSockets = true;
  await tick(10_000);
  server.socket.welcome('1');
  await settled();
  assert.equal(connection.state, 'live');
});

test('another log, or a resync, makes everything that was loaded void', async (t) => {
  const server = new ScriptedServer();
  const { seen, tick, connection } = connect(t, server);
  await settled();
  server.socket.welcome('7');
  await settled();
  server.socket.drop();
  await settled();
  await tick(100);
  server.socket.welcome('3', 'log.1');
  await settled();
  assert.deepEqual(server.socket.sent('followInbox'), [{ type: 'followInbox', after: '3' }]);
  server.socket.say({ type: 'resync', cursor: '2' });
  await settled();
  assert.deepEqual(seen, ['fresh', 'live', 'connecting', 'fresh', 'live', 'fresh']);
  assert.equal(connection.cursor, '2');
});

test('[CL-7] silence after a ping ends the socket; frames that come buy time for the pong', async (t) => {
  const server = new ScriptedServer();
  const { tick, connection } = connect(t, server);
  await settled();
  server.socket.welcome('7');
  await settled();
  assert.equal(server.socket.sent('ping').length, 1, 'asked at once whether both directions deliver');
  await tick(9_000);
  server.socket.say(change('8'));
  await tick(9_000);
  assert.equal(connection.state, 'live');
  await tick(2_000);
  assert.equal(connection.state, 'connecting');
});

test('[CL-7] Rocket.Chat 36023: a socket that delivers in one direction only is left, and polling brings the rest', async (t) => {
  const server = new ScriptedServer();
  server.answer = async (_method, _path, query) => {
    const after = query.get('after');
    if (after === '99') await new Promise(() => {});
    return { body: { changes: [change('99')], cursor: '99', caughtUp: true, log: 'log.0' } };
  };
  const { tick, connection, seen } = connect(t, server);
  await settled();
  server.socket.welcome('7');
  await settled();
  // Our frames reach nobody; those of the server keep coming.
  for (let i = 8; i < 14; i++) {
    server.socket.say(change(String(i)));
    await tick(5_000);
  }
  await tick(100);
  assert.equal(connection.state, 'polling');
  assert.equal(server.calls[0]!.query.get('after'), '13', 'from where the socket was left');
  assert.deepEqual(seen.slice(-3), ['connecting', 'change 99', 'polling']);
});

test('[CL-7] a socket that falls silent is tried again, later each time, until it has proved itself', async (t) => {
  const server = new ScriptedServer();
  server.answer = async (_method, _path, query) => {
    if (query.get('wait') === '25') await new Promise(() => {});
    return { body: { changes: [], cursor: '7', caughtUp: true, log: 'log.0' } };
  };
  const { tick, connection } = connect(t, server);
  await settled();
  for (const pause of [4_000, 16_000, 64_000]) {
    server.socket.welcome('7');
    await settled();
    assert.equal(connection.state, 'live');
    const sockets = server.sockets.length;
    await tick(20_000);
    await tick(100);
    assert.equal(connection.state, 'polling');
    await tick(pause - 1);
    assert.equal(server.sockets.length, sockets);
    await tick(1);
    assert.equal(server.sockets.length, sockets + 1, `after ${pause}`);
  }
  server.socket.welcome('7');
  await settled();
  for (let i = 0; i < 4; i++) {
    server.socket.say({ type: 'pong', cursor: '7' });
    await tick(20_000);
  }
  const sockets = server.sockets.length;
  server.socket.drop();
  await settled();
  await tick(100);
  assert.equal(server.sockets.length, sockets + 1, 'it is trusted again: no detour by polling');
});

test('[CL-7] what is no frame ends the socket', async (t) => {
  const server = new ScriptedServer();
  const { connection } = connect(t, server);
  await settled();
  server.socket.welcome('7');
  await settled();
  server.socket.onmessage?.({ data: '<html>Sign in to the hotel network</html>' });
  await settled();
  assert.equal(connection.state, 'connecting');
});

test('[CL-8] after a sleep the socket is replaced at once, and a poll is made again', async (t) => {
  const server = new ScriptedServer();
  const { connection, tick } = connect(t, server);
  await settled();
  server.socket.welcome('7');
  await settled();
  server.socket.say({ type: 'pong', cursor: '7' });
  t.mock.timers.tick(8 * 60_000);
  await settled();
  await tick(100);
  assert.equal(server.sockets.length, 2);
  server.acceptsSockets = false;
  server.answer = async (_method, _path, query) => {
    if (query.get('wait') === '25') await new Promise(() => {});
    return { body: { changes: [], cursor: '7', caughtUp: true, log: 'log.0' } };
  };
  server.socket.drop();
  await settled();
  await tick(100);
  assert.equal(connection.state, 'polling');
  const polls = server.calls.length;
  t.mock.timers.tick(8 * 60_000);
  await settled();
  assert.ok(server.calls.length > polls);
  assert.equal(connection.state, 'polling');
});

test('[CL-8] a clock that is set back wakes nobody', async (t) => {
  const server = new ScriptedServer();
  const { tick } = connect(t, server);
  await settled();
  server.socket.welcome('7');
  await settled();
  server.socket.say({ type: 'pong', cursor: '7' });
  const now = mock.method(Date, 'now', () => 0);
  await tick(6_000);
  now.mock.restore();
  assert.equal(server.sockets.length, 1);
});

test('[CL-8] looked at again, an open socket has three seconds to show that it lives', async (t) => {
  const server = new ScriptedServer();
  const { connection, tick } = connect(t, server);
  await settled();
  server.socket.welcome('7');
  await settled();
  server.socket.say({ type: 'pong', cursor: '7' });
  connection.wake();
  await tick(2_999);
  assert.equal(connection.state, 'live');
  await tick(1);
  assert.equal(connection.state, 'connecting');
});

test('[CL-7] a pong that is ahead twice while nothing moved asks again; ahead for ever, the socket is left', async (t) => {
  const server = new ScriptedServer();
  server.answer = async (_method, _path, query) => {
    if (query.get('after') === '9') await new Promise(() => {});
    return { body: { changes: [change('9')], cursor: '9', caughtUp: true, log: 'log.0' } };
  };
  const { tick, connection, seen } = connect(t, server);
  await settled();
  const { socket } = server;
  // It says where it stands and brings nothing.
  socket.say({
    type: 'welcome',
    me: { type: 'agent', id: 'a1', role: 'agent' },
    cursor: '7',
    log: 'log.0',
    serverTime: '',
  });
  await settled();
  for (let round = 1; round <= 4; round++) {
    assert.equal(socket.sent('followInbox').length, round <= 2 ? 1 : 2);
    socket.say({ type: 'pong', cursor: '9' });
    if (round < 4) await tick(20_000);
  }
  assert.deepEqual(socket.sent('followInbox')[1], { type: 'followInbox', after: '7' });
  await settled();
  await tick(100);
  assert.equal(connection.state, 'polling');
  assert.ok(seen.includes('change 9'));
});

test('[CL-6] without a socket it polls with the same cursor, and goes back to the socket when it can be had', async (t) => {
  const server = new ScriptedServer();
  server.acceptsSockets = false;
  const held = Promise.withResolvers<void>();
  server.answer = async (_method, _path, query) => {
    const after = query.get('after');
    if (after === '8') await held.promise;
    const changes = after === '7' ? [change('8')] : [];
    return { body: { changes, cursor: after === null ? '7' : '8', caughtUp: true, log: 'log.0' } };
  };
  const { seen, tick } = connect(t, server);
  await settled();
  assert.deepEqual(seen, ['fresh', 'polling', 'change 8']);
  assert.deepEqual(
    server.calls.map(({ query }) => [query.get('after'), query.get('wait')]),
    [
      [null, null],
      ['7', '25'],
      ['8', '25'],
    ],
  );
  server.acceptsSockets = true;
  await tick(30_000);
  server.socket.welcome('8');
  await settled();
  assert.deepEqual(server.socket.sent('followInbox'), [{ type: 'followInbox', after: '8' }]);
  assert.deepEqual(seen, ['fresh', 'polling', 'change 8', 'live']);
  held.resolve();
  await settled();
  assert.equal(server.calls.length, 3, 'polling has ended');
});

test('[CL-6] where held requests are cut it polls every three seconds', async (t) => {
  const server = new ScriptedServer();
  server.acceptsSockets = false;
  server.answer = (_method, _path, query) => {
    if (query.get('wait') === '25') throw new TypeError('cut by a proxy');
    return { body: { changes: [], cursor: '7', caughtUp: true, log: 'log.0' } };
  };
  const { connection, tick } = connect(t, server);
  await settled();
  const before = server.calls.length;
  for (let i = 0; i < 5; i++) await tick(3_000);
  assert.equal(server.calls.length - before, 5);
  assert.equal(connection.state, 'polling');
});

test('a server that does not hold requests is not asked without end', async (t) => {
  const server = new ScriptedServer();
  server.acceptsSockets = false;
  server.answer = () => ({ body: { changes: [], cursor: '7', caughtUp: true, log: 'log.0' } });
  const { tick } = connect(t, server);
  await settled();
  const before = server.calls.length;
  await settled();
  assert.equal(server.calls.length, before);
  await tick(3_000);
  assert.equal(server.calls.length, before + 1);
});

test('a cursor that the server does not accept while polling starts again from now', async (t) => {
  const server = new ScriptedServer();
  server.acceptsSockets = false;
  let rewound = false;
  server.answer = async (_method, _path, query) => {
    if (query.get('after') === '7') {
      if (rewound) return aProblem(410, 'resync', 'now');
      rewound = true;
      return { body: { changes: [change('9')], cursor: '7', caughtUp: true, log: 'log.0' } };
    }
    if (query.get('after') === '2') await new Promise(() => {});
    return { body: { changes: [], cursor: rewound ? '2' : '7', caughtUp: true, log: rewound ? 'log.1' : 'log.0' } };
  };
  const { seen, connection } = connect(t, server);
  await settled();
  assert.deepEqual(seen, ['fresh', 'polling', 'change 9', 'fresh']);
  assert.equal(connection.cursor, '2');
});

test('a refused token ends it, aloud, and it can be started again', async (t) => {
  const server = new ScriptedServer();
  const { seen, tick, connection } = connect(t, server);
  await settled();
  server.socket.drop(4401);
  await settled();
  assert.deepEqual(seen, ['offline', 'unauthorized']);
  await tick(60_000);
  assert.equal(server.sockets.length, 1);
  connection.start();
  await settled();
  assert.equal(server.sockets.length, 2);
});

test('a socket that never says welcome is given up', async (t) => {
  const server = new ScriptedServer();
  const { tick } = connect(t, server);
  await settled();
  await tick(5_000);
  await tick(500);
  assert.equal(server.sockets.length, 2);
});

test('waking up tries at once instead of waiting out the back-off', async (t) => {
  const server = new ScriptedServer();
  server.acceptsSockets = false;
  const { connection } = connect(t, server);
  await settled();
  assert.equal(server.sockets.length, 1);
  connection.wake();
  await settled();
  assert.equal(server.sockets.length, 2);
});
