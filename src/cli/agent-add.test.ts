import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { call } from '../../test/support/call.ts';
import { runCli } from '../../test/support/run-cli.ts';
import { startServer } from '../../test/support/server.ts';
import { tempDir } from '../../test/support/temp-dir.ts';

const PASSWORD = 'correct horse é';

test('an added agent signs in with the password that came by stdin', async (t) => {
  const dataDir = tempDir(t);
  const args = ['agent', 'add', '--email', 'Ada@Example.org', '--name', 'Ada', '--role', 'admin'];
  const added = await runCli([...args, '--store', `file:${dataDir},memory:`], { input: `${PASSWORD}\r\nmore\n` });
  assert.deepEqual(added, { code: 0, stdout: 'Added Ada <ada@example.org> as admin.\n', stderr: '' });

  const server = await startServer(t, { dataDir });
  const signedIn = await call(server, 'POST', '/sessions', { email: 'ada@example.org', password: PASSWORD }, '');
  assert.equal(signedIn.status, 201);

  // The server holds the store, so the command goes through it.
  const again = await runCli([...args, '--store', `file:${dataDir}`], { input: PASSWORD });
  assert.deepEqual(again, { code: 1, stdout: '', stderr: 'An agent with this e-mail address exists already.\n' });
  const other = ['agent', 'add', '--email', 'bob@example.org', '--name', 'Bob', '--store', `file:${dataDir}`];
  assert.equal((await runCli(other, { input: PASSWORD })).code, 0);
  const bob = await call(server, 'POST', '/sessions', { email: 'bob@example.org', password: PASSWORD }, '');
  assert.equal(bob.status, 201);
});

test('an address is taken once', async (t) => {
  const args = ['agent', 'add', '--email=a@b.c', '--name=A', `--store=file:${join(tempDir(t), 'new')}`];
  assert.equal((await runCli(args, { input: PASSWORD })).code, 0);
  assert.deepEqual(await runCli(args, { input: PASSWORD }), {
    code: 1,
    stdout: '',
    stderr: 'An agent with this e-mail address exists already.\n',
  });
});

for (const [args, input, sentence] of [
  [['--email=a@b.c'], PASSWORD, '--name is missing. Add --help to see what this command needs.'],
  [['--email=ab', '--name=A'], PASSWORD, '--email must be an e-mail address, not "ab".'],
  [['--email=a@b.c', '--name=A'.padEnd(300, 'A')], PASSWORD, '--name must have 1 to 200 characters.'],
  [['--email=a@b.c', '--name=A'], 'short', 'The password must have 10 to 200 characters.'],
  [['--email=a@b.c', '--name=A', '--role=boss'], PASSWORD, '--role must be one of agent, admin, not "boss".'],
  [
    ['--email=a@b.c', '--name=A', '--password=x'],
    PASSWORD,
    'There is no flag --password here. Add --help to see which there are.',
  ],
] as const) {
  test(`wrong usage: ${sentence}`, async (t) => {
    const result = await runCli(['agent', 'add', ...args, `--store=file:${tempDir(t)}`], { input });
    assert.deepEqual(result, { code: 2, stdout: '', stderr: `${sentence}\n` });
  });
}
