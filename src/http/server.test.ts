import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import pino from 'pino';
import { GuichetError } from '../domain/errors.ts';
import { Origins } from './auth/origins.ts';
import { Budgets } from './budgets.ts';
import { Metrics } from './metrics.ts';
import type { HttpContext } from './running.ts';
import { buildServer } from './server.ts';

const options = { publicUrl: null, trustProxy: false, allowedOrigins: null, adminToken: null };

/** The server in front of something that fails in a certain way, and the lines it logs. */
const failingWith = (thrown: unknown) => {
  const lines: string[] = [];
  const context: HttpContext = {
    options,
    log: pino({ level: 'debug' }, { write: (line: string) => lines.push(line) }),
    origins: new Origins(options),
    budgets: new Budgets(),
    metrics: new Metrics(() => undefined),
    webRoot: '/nowhere',
    running: () => {
      throw thrown;
    },
  };
  return { server: buildServer(context), lines };
};

describe('errors', () => {
  test('[AC-12] a defect is told as such, and its cause is in the log and nowhere else', async () => {
    const { server, lines } = failingWith(new TypeError('secret of the house'));
    const reply = await server.inject({ url: '/api/v1/me?q=what+somebody+looked+for' });
    assert.equal(reply.statusCode, 500);
    assert.deepEqual(reply.json(), {
      type: '/docs#internal',
      title: 'Something went wrong on the server. It has been logged.',
      status: 500,
      code: 'internal',
      retry: 'later',
    });
    assert.match(reply.headers['content-type'] as string, /^application\/problem\+json/);
    const logged = lines.find((line) => line.includes('secret of the house'))!;
    assert.match(logged, /"path":"\/api\/v1\/me"/);
    assert.doesNotMatch(lines.join(''), /looked/);
  });

  test('[AC-12] the cause of an outage is not told either; when to come back is', async () => {
    const cause = new Error('EIO /srv/secret/path');
    const { server, lines } = failingWith(new GuichetError('storage_full', undefined, { cause, retryAfter: 7 }));
    const reply = await server.inject({ method: 'POST', url: '/api/v1/visitors', payload: {} });
    assert.deepEqual([reply.statusCode, reply.headers['retry-after']], [503, '7']);
    assert.doesNotMatch(reply.body, /secret/);
    assert.match(lines.join(''), /secret/);
  });

  test('pages that are not built are said to be, in a sentence; what is no page is not there', async () => {
    const { server } = failingWith(new Error());
    for (const url of ['/', '/console', '/console/c/1', '/demo', '/widget.js']) {
      const reply = await server.inject({ url });
      assert.deepEqual([reply.statusCode, /npm run build/.test(reply.body)], [503, true], url);
    }
    assert.equal((await server.inject({ url: '/assets/x-12345678.js' })).statusCode, 404);
  });
});
