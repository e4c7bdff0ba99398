import assert from 'node:assert/strict';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { readAll } from '../../../test/support/ledger.ts';
import { runCli } from '../../../test/support/run-cli.ts';
import { startServer } from '../../../test/support/server.ts';
import { tempDir } from '../../../test/support/temp-dir.ts';

test('[BK-12] an import into a store that a server holds goes through it; the socket is its owner’s', async (t) => {
  const server = await startServer(t);
  const socket = join(server.dataDir, 'control.sock');
  assert.equal(statSync(socket).mode & 0o777, 0o600);
  const from = tempDir(t);
  const message = { id: 'm1', senderId: 'u', senderType: 'USER', content: 'hello' };
  writeFileSync(join(from, 'messages.json'), JSON.stringify({ c1: [message] }));
  const args = ['import', '--from', from, '--store', `file:${server.dataDir}`];
  assert.match((await runCli(args)).stdout, /Added 3 entries\.\n$/);
  assert.match((await runCli(args)).stdout, /There already: 3 entries\.\n$/);
  assert.deepEqual(
    (await readAll(server, 'c1')).map(({ content }) => content),
    ['hello'],
  );

  await server.kill9();
  assert.ok(existsSync(socket));
  // Nobody answers there any more: the command opens the store itself.
  assert.match((await runCli(args)).stdout, /There already/);
  await server.restart();
  assert.match((await runCli(args)).stdout, /There already/);
  await server.stop();
  assert.ok(!existsSync(socket));
});

test('[BK-12] the socket takes what commands need and nothing else, and survives nonsense', async (t) => {
  const server = await startServer(t);
  const socket = connect(join(server.dataDir, 'control.sock'));
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  const ask = async (line: string) => {
    socket.write(`${line}\n`);
    return JSON.parse((await lines.next()).value as string) as { error?: { code: string } };
  };
  assert.equal((await ask('nonsense')).error?.code, 'internal');
  assert.equal((await ask('{"call":"hello","version":99}')).error?.code, 'refused');
  assert.equal((await ask('{"call":"commit","change":{"type":"postMessage"}}')).error?.code, 'refused');
  assert.ok((await ask('{"call":"commit","change":{"type":"import"}}')).error);
  assert.equal((await ask('{"call":"hello","version":1}')).error, undefined);
  socket.destroy();
});
