import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { describe, test } from 'node:test';
import { loadConfig } from './config.ts';
import { UsageError } from './usage-error.ts';

const problemOf = (args: string[], env: Record<string, string> = {}): UsageError['problem'] => {
  try {
    loadConfig(args, env);
  } catch (error) {
    if (error instanceof UsageError) return error.problem;
    throw error;
  }
  throw new Error(`accepted: ${args.join(' ')}`);
};

describe('loadConfig', () => {
  test('has a default for everything', () => {
    const config = loadConfig([], {});
    assert.equal(config.host, '127.0.0.1');
    assert.equal(config.port, 8080);
    assert.deepEqual(
      config.stores.map((store) => store.name),
      ['file:./data', 'memory:'],
    );
    assert.equal(config.snapshotEverySeconds, 300);
    assert.deepEqual(config.backup, { at: { hour: 3, minute: 0 }, keep: 14, directory: null });
    assert.equal(config.tierTimeoutMs, 2000);
    assert.deepEqual(config.leaveBehind, []);
    assert.equal(config.trustProxy, false);
    assert.equal(config.allowedOrigins, null);
    assert.equal(config.adminToken, null);
    assert.ok(config.timezone.length > 0);
  });

  test('reads the environment, and the command line wins', () => {
    const env = {
      HOST: '::',
      PORT: '1',
      SNAPSHOT_EVERY: '0',
      BACKUP_AT: '4:30',
      BACKUP_DIR: 'elsewhere',
      PUBLIC_URL: 'https://chat.example.org/',
      TRUST_PROXY: '10.0.0.0/8, loopback',
      ALLOWED_ORIGINS: 'https://a.example, http://b.example:81/,https://a.example',
      TZ: 'Europe/Paris',
      LOG_LEVEL: 'DEBUG',
      ADMIN_TOKEN: 'x'.repeat(32),
      SESSION_SECRET: '',
    };
    const config = loadConfig(['--port=0'], env);
    assert.equal(config.port, 0);
    assert.equal(config.host, '::');
    assert.equal(config.snapshotEverySeconds, 0);
    assert.deepEqual(config.backup, { at: { hour: 4, minute: 30 }, keep: 14, directory: resolve('elsewhere') });
    assert.equal(config.publicUrl, 'https://chat.example.org');
    assert.deepEqual(config.trustProxy, ['10.0.0.0/8', 'loopback']);
    assert.deepEqual(config.allowedOrigins, ['https://a.example', 'http://b.example:81']);
    assert.equal(config.timezone, 'Europe/Paris');
    assert.equal(config.logLevel, 'debug');
    assert.equal(config.adminToken, 'x'.repeat(32));
    assert.equal(config.sessionSecret, null);
  });

  test('stores are left behind by the names they are listed by, and never by the environment', () => {
    const { leaveBehind } = loadConfig(['--leave-behind', 'file:./old,postgres://u:secret@db/chat'], {});
    assert.deepEqual(
      leaveBehind.map(({ name }) => name),
      ['file:./old', 'postgres://db/chat'],
    );
    assert.deepEqual(loadConfig([], { LEAVE_BEHIND: 'file:./old' }).leaveBehind, []);
  });

  test('a TZ only the system understands is left to the system', () => {
    assert.equal(loadConfig([], { TZ: 'CET-1CEST' }).timezone, loadConfig([], {}).timezone);
    assert.deepEqual(problemOf([], { TZ: 'Europe/Pariss' }), {
      code: 'not_a_zone',
      flag: 'TZ',
      value: 'Europe/Pariss',
    });
    assert.equal(problemOf(['--timezone', 'CET-1CEST']).code, 'not_a_zone');
  });

  for (const [args, code] of [
    [['--prot', '1'], 'unknown_flag'],
    [['-p', '1'], 'unknown_flag'],
    [['--no-port'], 'unknown_flag'],
    [['--__proto__=1'], 'unknown_flag'],
    [['--port', '1', '--port', '2'], 'repeated_flag'],
    [['--port'], 'missing_value'],
    [['--port='], 'missing_value'],
    [['--host', '--port', '1'], 'missing_value'],
    [['8080'], 'unexpected_argument'],
    [['--port', '-1'], 'not_a_number'],
    [['--port', '65536'], 'not_a_number'],
    [['--port', '80.5'], 'not_a_number'],
    [['--port', '0x50'], 'not_a_number'],
    [['--backup-keep', '0'], 'not_a_number'],
    [['--backup-at', '24:00'], 'not_a_time'],
    [['--public-url', 'chat.example.org'], 'not_an_origin'],
    [['--public-url', 'https://chat.example.org/sub'], 'not_an_origin'],
    [['--allowed-origins', 'https://a.example,*'], 'not_an_origin'],
    [['--host', '0.0.0.0'], 'plain_http'],
    [['--host', 'chat.example'], 'plain_http'],
    [['--host', '::', '--public-url', 'http://chat.example'], 'plain_http'],
    [['--trust-proxy', '10.0.0.0/33'], 'not_a_proxy'],
    [['--trust-proxy', 'maybe'], 'not_a_proxy'],
    [['--log-level', 'loud'], 'not_one_of'],
    [['--store', 'ftp://x'], 'store_unknown'],
  ] as const) {
    test(`refuses ${args.join(' ')}: ${code}`, () => assert.equal(problemOf([...args]).code, code));
  }

  test('[AC-25] a public address is fine with TLS in front, when told so, and where it is none', () => {
    const fine = [
      ['--host', '0.0.0.0', '--public-url', 'https://chat.example'],
      ['--host', '::', '--trust-proxy', 'loopback'],
      ['--host', '0.0.0.0', '--plain-http'],
      ...['127.0.0.1', 'localhost', '::1', '10.1.2.3', '192.168.1.5', 'fe80::1', 'fd00::1'].map((host) => [
        '--host',
        host,
      ]),
    ];
    for (const args of fine) assert.equal(loadConfig(args, {}).host, args[1]);
  });

  test('a secret is long enough, comes from the environment only, and is never repeated', () => {
    const problem = problemOf([], { ADMIN_TOKEN: 'hunter2' });
    assert.deepEqual(problem, { code: 'short_secret', flag: 'ADMIN_TOKEN', min: 32 });
    assert.equal(problemOf(['--admin-token', 'x'.repeat(32)]).code, 'unknown_flag');
  });

  test('asks for the secrets of a server that has only a database to keep them in', () => {
    const secret = 'x'.repeat(32);
    const store = ['--store', 'postgres://u:p@db/chat,memory:'];
    assert.deepEqual(problemOf(store, { SESSION_SECRET: secret }), {
      ...{ code: 'secrets_needed', missing: ['IDENTITY_SECRET'] },
      ...{ store: 'postgres://db/chat', min: 32 },
    });
    loadConfig(store, { SESSION_SECRET: secret, IDENTITY_SECRET: secret });
    loadConfig(['--store', 'mysql://u:p@db/chat,file:./data'], {});
  });
});
