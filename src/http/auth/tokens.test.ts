import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { tempDir } from '../../../test/support/temp-dir.ts';
import { Origins } from './origins.ts';
import { loadSecrets } from './secrets.ts';
import { sessionCookie, sessionCookieOf } from './session-cookie.ts';
import { SetUpLink } from './set-up-link.ts';
import { VisitorTokens } from './visitor-tokens.ts';

describe('tokens of visitors', () => {
  test('are bound to one visitor and to the secret', () => {
    const tokens = new VisitorTokens('secret one');
    const token = tokens.issue({ id: 'ünï/"v1' });
    assert.equal(tokens.verify(token)?.id, 'ünï/"v1');
    assert.equal(new VisitorTokens('secret two').verify(token), null);
    const [version, payload, signature] = token.split('.') as [string, string, string];
    const other = Buffer.from('{"id":"v2"}').toString('base64url');
    const forged = [
      '',
      'v1',
      'v1..',
      `${version}.${payload}.`,
      `${version}.${other}.${signature}`,
      `v2.${payload}.${signature}`,
      `${token}.x`,
      `${version}.${payload}.${signature.slice(1)}`,
    ];
    for (const one of forged) assert.equal(tokens.verify(one), null, one);
  });

  test('[AC-13] one that was not renewed for a year is over', () => {
    let now = Date.UTC(2026, 0, 1);
    const tokens = new VisitorTokens('secret', () => now);
    const token = tokens.issue({ id: 'v1', tokenGeneration: 2 });
    const said = tokens.verify(token)!;
    assert.deepEqual([said.id, said.generation, said.until > now], ['v1', 2, true]);
    now = said.until - 1;
    assert.notEqual(tokens.verify(token), null);
    now = said.until;
    assert.equal(tokens.verify(token), null);
  });
});

describe('secrets', () => {
  const none = { sessionSecret: null, identitySecret: null };

  test('are made once, kept for the owner alone, and given way to those from outside', async (t) => {
    const folder = tempDir(t);
    const made = await loadSecrets(folder, none);
    assert.match(made.sessionSecret, /^[0-9a-f]{64}$/);
    assert.notEqual(made.sessionSecret, made.identitySecret);
    const path = join(folder, 'secrets.json');
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.deepEqual(await loadSecrets(folder, none), made);
    const given = await loadSecrets(folder, { ...none, sessionSecret: 'from outside' });
    assert.deepEqual(given, { ...made, sessionSecret: 'from outside' });
    assert.doesNotMatch(readFileSync(path, 'utf8'), /from outside/);
    assert.notDeepEqual(await loadSecrets(null, none), await loadSecrets(null, none));
  });

  test('a file that cannot be understood stops the start and stays as it is', async (t) => {
    const folder = tempDir(t);
    const path = join(folder, 'secrets.json');
    for (const text of ['', '{"sessionSecret":', '[]x', '{"sessionSecret":7}', '{"sessionSecret":""}']) {
      writeFileSync(path, text);
      await assert.rejects(loadSecrets(folder, none), { code: 'refused' });
      assert.equal(readFileSync(path, 'utf8'), text);
    }
    writeFileSync(path, '{"sessionSecret":"kept","more":"kept as well"}');
    assert.equal((await loadSecrets(folder, none)).sessionSecret, 'kept');
    assert.match(readFileSync(path, 'utf8'), /kept as well/);
  });
});

describe('the cookie', () => {
  const of = (cookie: string | undefined, secure = false) =>
    sessionCookieOf({ ...(cookie !== undefined && { cookie }) }, secure);

  test('is found among others, and only under its own name', () => {
    assert.equal(of('a=1; guichet_session=a1.x; b=2'), 'a1.x');
    assert.equal(of('guichet_session=a1.x'), 'a1.x');
    for (const other of [undefined, '', 'xguichet_session=a', 'guichet_session=', 'a=guichet_session']) {
      assert.equal(of(other), undefined);
    }
    assert.match(sessionCookie(null, false), /^guichet_session=; Path=\/; Max-Age=0; HttpOnly; SameSite=Lax$/);
  });

  test('[AC-21] behind TLS it is bound to this host, and one that is not does not count', () => {
    assert.match(
      sessionCookie('t', true),
      /^__Host-guichet_session=t; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure$/,
    );
    assert.equal(of('guichet_session=evil; __Host-guichet_session=a1.x', true), 'a1.x');
    assert.equal(of('guichet_session=evil', true), undefined);
  });
});

describe('the set-up link', () => {
  test('[AC-9] is good for one piece of work that succeeds', async () => {
    const link = new SetUpLink();
    await assert.rejects(
      link.use('other', async () => 1),
      { code: 'not_found' },
    );
    await assert.rejects(
      link.use(link.token, () => Promise.reject(new Error('too short'))),
      /too short/,
    );
    let finish = (): void => {};
    const first = link.use(link.token, () => new Promise<void>((resolved) => (finish = resolved)));
    await assert.rejects(
      link.use(link.token, async () => 1),
      { code: 'not_found' },
    );
    finish();
    await first;
    await assert.rejects(
      link.use(link.token, async () => 1),
      { code: 'not_found' },
    );
  });
});

describe('origins', () => {
  const origins = (more: object = {}) =>
    new Origins({ publicUrl: null, trustProxy: false, allowedOrigins: null, ...more });

  test('our own is the host that the browser names, whatever the scheme; a proxy counts where it is trusted', () => {
    const headers = { host: 'chat.example:8080' };
    assert.ok(origins().isOwn('http://chat.example:8080', headers));
    assert.ok(origins().isOwn('https://chat.example:8080', headers));
    for (const other of ['http://chat.example', 'http://evil.example:8080', 'null', '', 'chat.example:8080']) {
      assert.ok(!origins().isOwn(other, headers), other);
    }
    const proxied = { host: 'inside:8080', 'x-forwarded-host': 'chat.example' };
    assert.ok(!origins().isOwn('https://chat.example', proxied));
    assert.ok(origins({ trustProxy: true }).isOwn('https://chat.example', proxied));
    assert.ok(origins({ publicUrl: 'https://chat.example' }).isOwn('https://chat.example', headers));
  });

  test('a call on the strength of a cookie says that it comes from our page, or it does not count', () => {
    const from = (headers: object): boolean => origins().isFromOwnPage({ host: 'chat.example', ...headers });
    assert.ok(from({ origin: 'https://chat.example' }));
    assert.ok(from({ 'sec-fetch-site': 'same-origin' }));
    const others = [{}, { 'sec-fetch-site': 'none' }, { 'sec-fetch-site': 'same-site' }];
    for (const headers of others) assert.ok(!from(headers), JSON.stringify(headers));
    assert.ok(!from({ origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' }));
  });
});
