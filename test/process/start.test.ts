import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { root } from '../support/server.ts';
import { tempDir } from '../support/temp-dir.ts';

/** The server has the same stdout as whatever started it, so its end is the end of that pipe. */
const startAndWait = async (program: string, args: readonly string[], env: NodeJS.ProcessEnv) => {
  const child = spawn(program, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const messages: string[] = [];
  const lines = createInterface({ input: child.stdout });
  const ended = once(lines, 'close');
  await new Promise<void>((ready) => {
    lines.on('line', (line) => {
      if (!line.startsWith('{')) return;
      const { msg } = JSON.parse(line) as { msg: string };
      messages.push(msg);
      if (msg === 'ready') ready();
    });
  });
  return { child, messages, ended };
};

const { NODE_TEST_CONTEXT: _, npm_lifecycle_event: __, ...env } = process.env;
const unix = process.platform !== 'win32';

for (const [name, program, args] of [
  ['npm start', 'npm', ['start', '--']],
  ['node tools/start.js', process.execPath, [join(root, 'tools/start.js')]],
] as const) {
  test(`${name}: SIGTERM to what was started ends the server, gracefully`, {
    skip: !unix && 'no signals here',
  }, async (t) => {
    const flags = ['--port=0', `--store=file:${tempDir(t)}`, '--log-level=info'];
    const { child, messages, ended } = await startAndWait(program, [...args, ...flags], env);
    child.kill('SIGTERM');
    await ended;
    assert.deepEqual(messages.slice(-2), ['stopping', 'stopped']);
  });
}

test('without execve a wrapper stays; even kill -9 of it leaves no server behind', async (t) => {
  // What Node 20 does, which has no way to replace a process.
  const older = `delete process.execve; process.argv.splice(1, 0, 'start'); await import(${JSON.stringify(join(root, 'tools/start.js'))})`;
  const flags = ['--port=0', `--store=file:${tempDir(t)}`, '--log-level=info'];
  const args = ['--input-type=module', '-e', older, '--', ...flags];
  const { child, messages, ended } = await startAndWait(process.execPath, args, env);
  child.kill('SIGKILL');
  await ended;
  assert.deepEqual(messages.slice(-2), ['stopping', 'stopped']);
});
