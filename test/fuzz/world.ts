import assert from 'node:assert/strict';
import { newAgent, newVisitor, startTestApp, type TestApp } from '../support/app.ts';
import { type Scope, tempDir } from '../support/temp-dir.ts';

/** Words of one visitor, and of agents about them, by which it is seen that they reached somebody else. */
export const VICTIM = 'victim-word-7f3a';
export const HIDDEN = 'hidden-word-7f3a';

/** A server with somebody's conversation on it, and everybody who may try to get at it. */
export interface World {
  readonly app: TestApp;
  readonly callers: readonly { readonly name: string; readonly token: string | undefined }[];
  /** Ids of what is there. */
  readonly known: readonly string[];
  readonly bystander: string;
  readonly colleague: string;
}

/** How many cases this run has: `GUICHET_CASES`, else few enough for every day. */
export const casesOfRun = (usual: number): number => Number(process.env.GUICHET_CASES ?? usual);

export const startWorld = async (scope: Scope): Promise<World> => {
  const app = await startTestApp(scope, { flags: ['--trust-proxy=on', `--blobs=${tempDir(scope)}`] });
  const victim = await newVisitor(app, { name: VICTIM, email: `${VICTIM}@example.org` });
  const [visitor, bystander] = [await newVisitor(app), await newVisitor(app)];
  const [agent, admin] = [await newAgent(app, 'ann'), await newAgent(app, 'adam', 'admin')];
  const colleague = await newAgent(app, 'carl');
  await newAgent(app, 'eve', 'admin');
  const message = { id: 'm-victim', content: VICTIM };
  const start = { id: 'c-victim', subject: VICTIM, message };
  assert.equal((await app.ask('POST', '/conversations', { token: victim.token, body: start })).status, 201);
  const own = { id: 'c-own', message: { id: 'm-own', content: 'mine' } };
  await app.ask('POST', '/conversations', { token: visitor.token, body: own });
  for (const id of ['c-victim', 'c-own']) {
    const note = { content: HIDDEN, kind: 'note' };
    await app.ask('POST', `/conversations/${id}/messages`, { token: agent.token, body: note });
    await app.ask('PATCH', `/conversations/${id}`, { token: agent.token, body: { labels: [HIDDEN] } });
  }
  const key = async (scopeOf: string): Promise<string> => {
    const asked = { token: admin.token, body: { name: 'k', scope: scopeOf } };
    return (await app.ask('POST', '/me/api-keys', asked)).body.key;
  };
  return {
    app,
    callers: [
      { name: 'nobody', token: undefined },
      { name: 'visitor', token: visitor.token },
      { name: 'agent', token: await key('agent') },
      { name: 'admin', token: app.adminToken },
      { name: 'reader', token: await key('read') },
    ],
    known: ['c-victim', 'c-own', 'm-victim', 'm-own', victim.id, visitor.id, agent.id, admin.id],
    bystander: bystander.id,
    colleague: colleague.id,
  };
};

/** What a caller was told holds nothing of another visitor, nothing hidden, and no secret of anybody. */
export const requireDiscretion = (caller: string, told: string): void => {
  const forbidden = caller === 'nobody' || caller === 'visitor' ? [VICTIM, HIDDEN] : [];
  for (const word of [...forbidden, 'argon2', 'passwordHash', '    at ', 'node:internal']) {
    assert.ok(!told.includes(word), `${caller} was told ${word}: ${told.slice(0, 500)}`);
  }
};

/** Nothing went wrong on the server itself. */
export const requireCalm = ({ app }: World): void => {
  const faults = app.logs.filter(({ level }) => level === 'error' || level === 'fatal');
  assert.deepEqual(faults, []);
};
