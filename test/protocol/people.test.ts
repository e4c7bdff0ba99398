import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { newAgent, newVisitor, PASSWORD, startTestApp, type TestApp } from '../support/app.ts';
import { IDENTITY_SECRET, secondsFromNow, signIdentity } from '../support/identity.ts';
import { tempDir } from '../support/temp-dir.ts';

const setUpToken = (app: TestApp): string => {
  const link = app.logs.find((line) => line.msg === 'set up')?.setupUrl as string;
  assert.ok(link.startsWith(`${app.url}/console#setup=`));
  return link.split('=')[1]!;
};

const owner = { email: 'Olga@Example.org', name: 'Olga', password: PASSWORD };

describe('set-up', () => {
  test('[AC-9] the link makes one admin, once; two at once make one', async (t) => {
    const app = await startTestApp(t);
    const token = setUpToken(app);
    const short = await app.refused('POST', '/setup', { body: { ...owner, token, password: 'short' } });
    assert.equal(short.code, 'invalid');
    assert.equal((await app.refused('POST', '/setup', { body: { ...owner, token: 'other' } })).status, 404);
    const attempts = ['a', 'b', 'c'].map((name) =>
      app.ask('POST', '/setup', { body: { ...owner, email: `${name}@example.org`, token } }),
    );
    const replies = await Promise.all(attempts);
    assert.deepEqual(
      replies.map((reply) => reply.status).toSorted((a, b) => a - b),
      [201, 404, 404],
    );
    const made = replies.find((reply) => reply.status === 201)!;
    assert.equal(made.body.agent.role, 'admin');
    assert.match(made.headers.get('set-cookie')!, /^guichet_session=a1\..+; HttpOnly; SameSite=Lax$/);
    const me = await app.ask('GET', '/me', { token: made.body.token });
    assert.deepEqual([me.body.role, me.body.agent.id], ['admin', made.body.agent.id]);
    assert.equal((await app.refused('POST', '/setup', { body: { ...owner, token } })).status, 404);
    const agents = await app.ask('GET', '/agents', { token: made.body.token });
    assert.equal(agents.body.agents.length, 1);
  });

  test('[AC-9] there is no link once somebody can sign in, and an open one is worth nothing then', async (t) => {
    const dataDir = tempDir(t);
    const app = await startTestApp(t, { store: `file:${dataDir}` });
    await newAgent(app, 'ann', 'admin');
    assert.equal((await app.refused('POST', '/setup', { body: { ...owner, token: setUpToken(app) } })).status, 404);
    await app.stop();
    const again = await startTestApp(t, { store: `file:${dataDir}` });
    assert.equal(
      again.logs.find((line) => line.msg === 'set up'),
      undefined,
    );
  });
});

describe('sign-in', () => {
  test('[AC-6] by e-mail in any case; everything that is wrong is told alike', async (t) => {
    const app = await startTestApp(t);
    const ann = await newAgent(app, 'ann');
    await newAgent(app, 'gone');
    const { body } = await app.ask('GET', '/agents', { token: ann.token });
    const gone = body.agents.find((agent: { name: string }) => agent.name === 'gone');
    await app.ask('PATCH', `/agents/${gone.id}`, { token: app.adminToken, body: { active: false } });
    const signIn = (email: string, password: string) => app.ask('POST', '/sessions', { body: { email, password } });
    assert.equal((await signIn(' ANN@Example.ORG ', PASSWORD)).status, 201);
    const wrong = [
      await signIn('ann@example.org', 'another password'),
      await signIn('nobody@example.org', PASSWORD),
      await signIn('gone@example.org', PASSWORD),
    ];
    for (const reply of wrong) assert.deepEqual([reply.status, reply.text], [401, wrong[0]!.text]);
  });

  test('[AC-5] [AC-24] neither the token of a sign-in nor a key is in any file, nor is the password', async (t) => {
    const dataDir = tempDir(t);
    const app = await startTestApp(t, { store: `file:${dataDir}` });
    const { token } = await newAgent(app, 'ann');
    const asked = { token, body: { name: 'k', scope: 'read' } };
    const { key } = (await app.ask('POST', '/me/api-keys', asked)).body;
    await app.stop();
    for (const name of readdirSync(dataDir, { recursive: true, withFileTypes: true })) {
      if (!name.isFile()) continue;
      const text = readFileSync(join(name.parentPath, name.name), 'utf8');
      for (const secret of [token, key, PASSWORD]) assert.ok(!text.includes(secret), name.name);
    }
  });

  test('[AC-5] sessions end: by signing out, by a new password, with the agent', async (t) => {
    const app = await startTestApp(t);
    const ann = await newAgent(app, 'ann');
    const signIn = async (password = PASSWORD): Promise<string> =>
      (await app.ask('POST', '/sessions', { body: { email: ann.email, password } })).body.token;
    const status = async (token: string): Promise<number> => (await app.ask('GET', '/me', { token })).status;

    const first = await signIn();
    await app.ask('DELETE', '/sessions/current', { token: first });
    assert.deepEqual([await status(first), await status(ann.token)], [401, 200]);

    const second = await signIn();
    const body = { currentPassword: 'not this one', password: 'a longer password' };
    assert.equal((await app.refused('PUT', '/me/password', { token: second, body })).code, 'invalid');
    const right = { ...body, currentPassword: PASSWORD };
    assert.equal((await app.ask('PUT', '/me/password', { token: second, body: right })).status, 204);
    assert.deepEqual([await status(second), await status(ann.token)], [200, 401]);
    assert.equal(await signIn(), undefined);

    const third = await signIn('a longer password');
    await app.ask('PATCH', `/agents/${ann.id}`, { token: app.adminToken, body: { active: false } });
    assert.equal(await status(third), 401);
    await app.ask('PATCH', `/agents/${ann.id}`, { token: app.adminToken, body: { active: true } });
    assert.equal(await status(third), 401, 'what was ended does not come back');
  });

  test('[AC-7] many tries from one address are told to wait; another address is not', async (t) => {
    const app = await startTestApp(t, { flags: ['--trust-proxy=on'] });
    const ann = await newAgent(app, 'ann');
    const signIn = (address: string, password: string) =>
      app.ask('POST', '/sessions', {
        headers: { 'x-forwarded-for': address },
        body: { email: ann.email, password },
      });
    const statuses = new Set<number>();
    let last: Awaited<ReturnType<typeof signIn>> | undefined;
    for (let i = 0; i < 40 && last?.status !== 429; i += 1) {
      // Wrong in another way each time, so that no account is slowed down.
      last = await app.ask('POST', '/sessions', {
        headers: { 'x-forwarded-for': '192.0.2.1' },
        body: { email: `nobody-${i}@example.org`, password: 'x' },
      });
      statuses.add(last.status);
    }
    assert.deepEqual([...statuses], [401, 429]);
    assert.ok(Number(last?.headers.get('retry-after')) >= 1);
    assert.equal((await signIn('192.0.2.1', PASSWORD)).status, 429);
    assert.equal((await signIn('192.0.2.2', PASSWORD)).status, 201);
  });

  test('[AC-7] many wrong passwords for one account do not lock its owner out', async (t) => {
    const app = await startTestApp(t, { flags: ['--trust-proxy=on'] });
    const ann = await newAgent(app, 'ann');
    for (let i = 0; i < 12; i += 1) {
      const headers = { 'x-forwarded-for': `192.0.2.${i}` };
      // Without waiting for the answers: they are held back, and that is the point.
      void app.ask('POST', '/sessions', { headers, body: { email: ann.email, password: 'wrong' } }).catch(() => {});
    }
    const right = await app.ask('POST', '/sessions', { body: { email: ann.email, password: PASSWORD } });
    assert.equal(right.status, 201);
  });
});

describe('agents', () => {
  test('an address belongs to one; the last admin who can sign in stays', async (t) => {
    const app = await startTestApp(t);
    const token = app.adminToken;
    const adam = await newAgent(app, 'adam', 'admin');
    const body = { email: 'ADAM@example.org', name: 'Other', password: PASSWORD };
    const taken = await app.refused('POST', '/agents', { token, body });
    assert.deepEqual([taken.status, taken.code], [409, 'email_taken']);
    for (const patch of [{ active: false }, { role: 'agent' }]) {
      assert.equal((await app.refused('PATCH', `/agents/${adam.id}`, { token, body: patch })).code, 'invalid');
    }
    await newAgent(app, 'eve', 'admin');
    const demoted = await app.ask('PATCH', `/agents/${adam.id}`, { token, body: { role: 'agent', name: 'Adam B.' } });
    assert.deepEqual([demoted.body.agent.role, demoted.body.agent.name], ['agent', 'Adam B.']);
    assert.equal((await app.refused('POST', '/agents', { token: adam.token, body })).status, 403);
    assert.equal((await app.refused('PATCH', '/agents/none', { token, body: { name: 'x' } })).status, 404);
  });

  test('[AC-12] no secret of theirs is in any answer', async (t) => {
    const app = await startTestApp(t);
    const ann = await newAgent(app, 'ann', 'admin');
    for (const path of ['/agents', '/changes?after=0', '/me', '/settings']) {
      const { text } = await app.ask('GET', path, { token: ann.token });
      assert.doesNotMatch(text, /argon2|passwordHash|expiresAt|revoked/, path);
    }
  });
});

describe('settings', () => {
  test('admins change them, everybody meets them', async (t) => {
    const app = await startTestApp(t);
    const before = (await app.ask('GET', '/widget')).body;
    const shown = {
      position: 'right',
      texts: {},
      preChat: { name: 'optional', email: 'optional' },
      rating: true,
    };
    const { attachments } = before;
    assert.equal(attachments.maxBytes, 10_000_000);
    const now = { online: false, open: true, opensAt: null, attachments };
    assert.deepEqual(before, { teamName: 'Guichet', greeting: '', accent: null, ...shown, ...now });
    const next = { teamName: 'Aide', greeting: 'Bonjour', accent: '#1F6F5C' };
    const settings = { ...next, ...shown, workingHours: null, autoAssign: false };
    const put = (body: object) => app.ask('PUT', '/settings', { token: app.adminToken, body });
    assert.deepEqual((await put(next)).body, { settings });
    assert.deepEqual((await app.ask('GET', '/settings', { token: app.adminToken })).body, { settings });
    assert.deepEqual((await app.ask('GET', '/widget')).body, { ...next, ...shown, ...now });
    for (const wrong of [
      { ...next, accent: 'red' },
      { ...next, teamName: '' },
      { teamName: 'x' },
      { ...next, texts: { '../x': { greeting: 'x' } } },
      { ...next, texts: { en: { greating: 'x' } } },
      { ...next, preChat: { name: 'maybe', email: 'off' } },
      { ...next, workingHours: { timezone: 'Nowhere/None', days: [[], [], [], [], [], [], []] } },
      { ...next, workingHours: { timezone: 'UTC', days: [[]] } },
    ]) {
      assert.equal((await put(wrong)).status, 400, JSON.stringify(wrong));
    }
  });

  test('what is not named stays; the widget is told whether the counter is open, and when it will be', async (t) => {
    const app = await startTestApp(t);
    const put = (body: object) => app.ask('PUT', '/settings', { token: app.adminToken, body });
    const next = { teamName: 'Aide', greeting: '', accent: null };
    const workingHours = { timezone: 'Europe/Paris', days: [[], [], [], [], [], [], []] };
    const texts = { fr: { greeting: 'Bonjour', away: '' }, en: { greeting: 'Good day' } };
    await put({ ...next, workingHours, texts, position: 'left', rating: false, autoAssign: true });
    const { settings } = (await put({ ...next, teamName: 'Help' })).body;
    assert.deepEqual(settings.texts, { fr: { greeting: 'Bonjour' }, en: { greeting: 'Good day' } });
    assert.deepEqual([settings.position, settings.rating, settings.autoAssign], ['left', false, true]);
    const widget = (await app.ask('GET', '/widget')).body;
    assert.deepEqual([widget.open, widget.opensAt, widget.autoAssign], [false, null, undefined]);
  });
});

describe('visitors', () => {
  const soon = (): number => secondsFromNow(600);

  test('[AC-10] one whom the site vouches for is the same person every time', async (t) => {
    const app = await startTestApp(t, { env: { IDENTITY_SECRET } });
    const register = (claims: object, more: object = {}) =>
      app.ask('POST', '/visitors', { body: { identityToken: signIdentity({ exp: soon(), ...claims }), ...more } });
    const first = await register({ sub: 'u-42', name: 'Ada', email: 'ada@example.org' });
    assert.equal(first.body.visitor.id, 'u-42');
    await app.ask('POST', '/conversations', { token: first.body.token, body: { id: 'c1' } });
    const second = await register({ sub: 'u-42', name: 'Ada L.' }, { name: 'Somebody', locale: 'fr' });
    const { createdAt } = first.body.visitor;
    assert.deepEqual(second.body.visitor, {
      id: 'u-42',
      name: 'Ada L.',
      email: 'ada@example.org',
      locale: 'fr',
      identified: true,
      createdAt,
    });
    // What the site vouches for is not the visitor's to change.
    const forged = { name: 'The Director', email: 'boss@example.org', attributes: { plan: 'pro' } };
    const { visitor } = (await app.ask('PATCH', '/visitors/me', { token: second.body.token, body: forged })).body;
    assert.deepEqual([visitor.name, visitor.email], ['Ada L.', 'ada@example.org']);
    assert.deepEqual(visitor.attributes, { plan: 'pro' });
    const own = await app.ask('GET', '/conversations', { token: second.body.token });
    assert.deepEqual(
      own.body.conversations.map((c: { id: string }) => c.id),
      ['c1'],
    );
    const odd = await register({ sub: 'ada@example.org/1' });
    assert.match(odd.body.visitor.id, /^site-[\w-]{40}$/);
    assert.equal((await register({ sub: 'ada@example.org/1' })).body.visitor.id, odd.body.visitor.id);
  });

  test('[AC-10] an identity token that is not right is refused, whatever is wrong with it', async (t) => {
    const app = await startTestApp(t, { env: { IDENTITY_SECRET } });
    const right = signIdentity({ sub: 'u', exp: soon() });
    const [header, payload, signature] = right.split('.') as [string, string, string];
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    const wrong = [
      'x',
      `${header}.${payload}.`,
      `${none}.${payload}.`,
      `${none}.${payload}.${signature}`,
      signIdentity({ sub: 'u', exp: soon() }, IDENTITY_SECRET, { alg: 'none' }),
      signIdentity({ sub: 'u', exp: soon() }, IDENTITY_SECRET, { alg: 'HS512' }),
      signIdentity({ sub: 'u', exp: soon() }, 'another secret'),
      `${header}.${Buffer.from(`{"sub":"v","exp":${soon()}}`).toString('base64url')}.${signature}`,
      signIdentity({ sub: 'u', exp: Math.floor(Date.now() / 1000) - 3600 }),
      signIdentity({ sub: 'u' }),
      signIdentity({ exp: soon() }),
      signIdentity({ sub: '', exp: soon() }),
      signIdentity({ sub: 'u', exp: soon(), nbf: soon() }),
    ];
    for (const identityToken of wrong) {
      const problem = await app.refused('POST', '/visitors', { body: { identityToken } });
      assert.deepEqual([problem.status, problem.code], [401, 'unauthorized'], identityToken);
    }
    assert.equal((await app.ask('POST', '/visitors', { body: { identityToken: right } })).status, 201);
  });

  test('[AC-5] a token outlives the server where the log does, and no other log takes it', async (t) => {
    const dataDir = tempDir(t);
    const app = await startTestApp(t, { store: `file:${dataDir}` });
    const { id, token } = await newVisitor(app, { name: 'Ada' });
    const secrets = join(dataDir, 'secrets.json');
    assert.equal(statSync(secrets).mode & 0o777, 0o600);
    const held = readFileSync(secrets, 'utf8');
    assert.doesNotMatch(JSON.stringify(app.logs), new RegExp(JSON.parse(held).sessionSecret));
    await app.stop();
    const again = await startTestApp(t, { store: `file:${dataDir}` });
    assert.equal((await again.ask('GET', '/me', { token })).body.id, id);
    assert.equal(readFileSync(secrets, 'utf8'), held);
    assert.ok(!existsSync(`${secrets}.next`));
    const SESSION_SECRET = JSON.parse(held).sessionSecret;
    const other = await startTestApp(t, { env: { SESSION_SECRET } });
    assert.equal((await other.refused('GET', '/conversations', { token })).code, 'unauthorized');
  });

  test('[AC-11] only so many come from one address; what they say of themselves is checked', async (t) => {
    const app = await startTestApp(t);
    for (const body of [{ email: 'no address' }, { name: 'x'.repeat(201) }, { locale: '../..' }, { age: 7 }]) {
      assert.equal((await app.refused('POST', '/visitors', { body })).code, 'invalid');
    }
    let status = 201;
    for (let i = 0; i < 60 && status === 201; i += 1)
      status = (await app.ask('POST', '/visitors', { body: {} })).status;
    assert.equal(status, 429);
    const automation = await app.ask('POST', '/visitors', { token: app.adminToken, body: {} });
    assert.equal(automation.status, 201, 'automation pays from nobody');
  });

  test('an untrusted proxy in front is told to the owner, once', async (t) => {
    const app = await startTestApp(t);
    for (let i = 0; i < 3; i += 1) {
      await app.ask('GET', '/widget', { headers: { 'x-forwarded-for': `192.0.2.${i}` } });
    }
    assert.equal(app.logs.filter((line) => line.msg.includes('--trust-proxy')).length, 1);
  });
});
