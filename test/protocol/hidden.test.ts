import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newAgent, newVisitor, startTestApp, type TestApp } from '../support/app.ts';

type Step = (app: TestApp, token: string) => Promise<unknown>;

const post =
  (id: string, kind: 'message' | 'note'): Step =>
  (app, token) =>
    app.ask('POST', '/conversations/c1/messages', { token, body: { id, kind, content: `text of ${id}` } });
const patch =
  (body: object): Step =>
  (app, token) =>
    app.ask('PATCH', '/conversations/c1', { token, body });
/** Reads to the end of what agents see. */
const readAll: Step = async (app, token) => {
  const { body } = await app.ask('GET', '/conversations/c1', { token });
  return app.ask('POST', '/conversations/c1/read', { token, body: { seq: body.conversation.lastSeq } });
};

interface Chapter {
  /** What the visitor may know of. */
  readonly shown: Step;
  /** What only agents may know of, before it and after it. */
  readonly before: readonly Step[];
  readonly after: readonly Step[];
  /** Whether `shown` is something a poll for messages waits for. */
  readonly wakes: boolean;
}

const CHAPTERS: readonly Chapter[] = [
  {
    before: [post('n1', 'note'), patch({ labels: ['vip'] })],
    shown: post('a1', 'message'),
    // A mark on a note is one on the message before it, which its author has read anyway.
    after: [post('n2', 'note'), readAll],
    wakes: true,
  },
  {
    before: [patch({ labels: ['vip', 'angry'] })],
    shown: patch({ status: 'SNOOZED' }),
    // While it sleeps, until when is the agents' business.
    after: [patch({ snoozedUntil: '2099-01-01T00:00:00Z' }), patch({ snoozedUntil: '2099-02-01T00:00:00Z' })],
    wakes: false,
  },
  {
    before: [post('n3', 'note'), post('n4', 'note'), patch({ labels: [] })],
    shown: post('a2', 'message'),
    after: [],
    wakes: true,
  },
  { before: [post('n5', 'note')], shown: patch({ status: 'CLOSED' }), after: [post('n6', 'note')], wakes: false },
  { before: [], shown: patch({ subject: 'Opening hours' }), after: [post('n7', 'note')], wakes: false },
  { before: [post('n8', 'note'), patch({ labels: ['late'] })], shown: post('a3', 'message'), after: [], wakes: true },
];

/** The time that is never over while the steps run, so that only news answer it. */
const HELD = 30;

/** Everything a visitor can see in the life of a conversation, in order, with what differs anyway taken out. */
const lifeOf = async (t: Parameters<typeof startTestApp>[0], withHidden: boolean, store: string): Promise<string[]> => {
  const app = await startTestApp(t, { store });
  const visitor = await newVisitor(app);
  const agent = await newAgent(app, 'ann');
  const { token } = visitor;
  const seen: string[] = [];
  const look = async (method: string, path: string, body?: object): Promise<void> => {
    const reply = await app.ask(method, path, { token, ...(body && { body }) });
    seen.push(`${method} ${path.replace(/after=[^&]*/, 'after=X')} ${reply.status} ${reply.text}`);
  };
  seen.push((await app.ask('POST', '/conversations', { token, body: { id: 'c1' } })).text);
  let cursor: string = (await app.ask('GET', '/changes', { token })).body.cursor;

  const pollChanges = async (): Promise<void> => {
    const { text, body } = await app.ask('GET', `/changes?after=${encodeURIComponent(cursor)}`, { token });
    cursor = body.cursor;
    seen.push(text);
  };
  /** What only agents may know of changes nothing of what the visitor sees: not even a time. */
  const hide = async (steps: readonly Step[]): Promise<void> => {
    const all = ['/conversations/c1', '/conversations', '/conversations/c1/messages', '/changes?after=0', '/changes'];
    const view = () => Promise.all(all.map(async (path) => (await app.ask('GET', path, { token })).text));
    const before = await view();
    for (const step of withHidden ? steps : []) await step(app, agent.token);
    assert.deepEqual(await view(), before);
  };

  // While there is nothing but a note, having read it is a mark on nothing a visitor knows of.
  await hide([post('n0', 'note'), readAll]);
  await look('POST', '/conversations/c1/messages', { id: 'v1', content: 'hello' });
  for (const [i, { before, shown, after, wakes }] of CHAPTERS.entries()) {
    const last: number = (await app.ask('GET', '/conversations/c1', { token })).body.conversation.lastSeq;
    const held = app.ask('GET', `/conversations/c1/messages?after=${last}&wait=${HELD}`, { token });
    await hide(before);
    await shown(app, agent.token);
    await hide(after);
    if (wakes) seen.push((await held).text);
    await look('POST', '/conversations/c1/messages', { id: `v${i + 2}`, content: 'and then?' });
    if (!wakes) seen.push((await held).text);
    await look('GET', '/conversations/c1');
    await look('GET', '/conversations');
    await look('GET', '/conversations?q=hello&limit=1');
    for (const query of ['', 'after=0', 'after=2&limit=1', 'before=3', `after=${last}`]) {
      await look('GET', `/conversations/c1/messages?${query}`);
    }
    // Once only: further marks are put together by the clock, which is not the same twice.
    if (i === 0) await look('POST', '/conversations/c1/read', { seq: 2 });
    await pollChanges();
  }
  const feed = await app.ask('GET', '/changes?after=0', { token });
  seen.push(feed.text);
  await look('GET', '/changes?after=0&limit=3');
  await look('GET', '/me');
  const names: Record<string, string> = { [visitor.id]: 'VISITOR', [agent.id]: 'AGENT', [feed.body.log]: 'LOG' };
  return seen.map((text) => normalise(text, names));
};

/** Ids and times of a run, and sealed cursors, which hold a position nobody but the server can read. */
const normalise = (text: string, names: Record<string, string>): string => {
  let plain = text;
  for (const [id, name] of Object.entries(names)) plain = plain.replaceAll(id, name);
  return plain
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replace(/"cursor":"([^"]*)"/g, (_, cursor: string) => `"cursor":"${cursor.length} characters"`);
};

for (const store of ['memory:', 'file']) {
  test(`[AC-4] notes, labels, snoozes and marks on notes leave no trace in anything a visitor is told (${store})`, async (t) => {
    const [plain, withHidden] = await Promise.all([lifeOf(t, false, store), lifeOf(t, true, store)]);
    assert.ok(plain.length > 60);
    assert.deepEqual(withHidden, plain);
    assert.doesNotMatch(withHidden.join('\n'), /text of n|vip|angry|2099|"note"|"event"|labels|snoozedUntil|position/);
  });
}
