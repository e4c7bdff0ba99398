import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { runCli } from '../../test/support/run-cli.ts';
import { messagesFor } from './messages/messages.ts';

describe('the command line', () => {
  for (const [args, sentence] of [
    [['sevre'], 'There is no command "sevre". guichet --help lists them.\n'],
    [['serve', '--prot', '1'], 'There is no flag --prot here. Add --help to see which there are.\n'],
    [['serve', '--port', 'x\ny'], '--port must be a whole number from 0 to 65535, not "x y".\n'],
    [
      ['serve', '--store', 'postgress://me:hunter2@db/chat'],
      '"postgress://***@db/chat" is not a store. Use file:DIR, memory:, sqlite:FILE, postgres://… or mysql://…, such as file:./data.\n',
    ],
    [[], 'Say which command: guichet --help lists them, guichet serve starts the server.\n'],
  ] as const) {
    test(`${args.join(' ')} is wrong usage: exit 2 and one line on stderr`, async () => {
      assert.deepEqual(await runCli(args), { code: 2, stdout: '', stderr: sentence });
    });
  }

  test('speaks French where the terminal does', async () => {
    const { code, stderr } = await runCli(['serve', '--port', 'x'], { env: { LANG: 'fr_FR.UTF-8' } });
    assert.equal(code, 2);
    assert.match(stderr, /^--port doit être un nombre entier/);
    assert.equal(messagesFor({ LC_ALL: 'C', LANG: 'fr_FR.UTF-8' }), messagesFor({}));
    assert.equal(messagesFor({ LANG: 'fro' }), messagesFor({}));
  });

  test('--help lists the commands, and every flag of one', async () => {
    for (const args of [['--help'], ['help'], ['-h']]) {
      const { code, stdout } = await runCli(args);
      assert.equal(code, 0);
      assert.match(stdout, /^ {2}serve {2,}\S/m);
    }
    const { code, stdout } = await runCli(['serve', '--port', 'nonsense', '--help']);
    assert.equal(code, 0);
    for (const flag of ['--port NUMBER', '--snapshot-every SECONDS', '--trust-proxy', 'ADMIN_TOKEN', 'default: 8080']) {
      assert.ok(stdout.includes(flag), flag);
    }
  });

  test('--version is that of the package', async () => {
    const { code, stdout } = await runCli(['--version']);
    assert.equal(code, 0);
    assert.match(stdout, /^\d+\.\d+\.\d+\S*\n$/);
  });
});
