import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeRecord } from '../../src/domain/model/record.ts';
import { messageJson } from '../../src/live/wire.ts';
import { newAgent, newVisitor, startTestApp, type TestApp } from '../support/app.ts';
import { tempDir } from '../support/temp-dir.ts';

/** What is told of a name, and what there may be in it. Escapes, for nobody would see them. */
const HOSTILE: readonly (readonly [name: string, told: string])[] = [
  ['Anna\u202ennA', 'AnnannA'],
  ['invoice\u202efdp.exe', 'invoicefdp.exe'],
  ['\u2066Anna\u2069 \u2067Bob\u2069', 'Anna Bob'],
  ['\u200eAnna\u200f\u061c', 'Anna'],
  ['\u202a\u202b\u202c\u202d\u2068x', 'x'],
  ['Anna\r\nadmin:\tgone', 'Anna admin: gone'],
  ['Anna\u2028\u2029Bob', 'Anna Bob'],
  ['\u001b[31mred\u001b[0m\u0007', '[31mred[0m'],
  ['a\u0001\u0008\u007f\u0085\u009b2Jb', 'a 2Jb'],
  // What people are called stays as it is: other scripts, joiners, emoji.
  ['אבג \u200dمی\u200cخواهم 👩\u200d🚒 é', 'אבג \u200dمی\u200cخواهم 👩\u200d🚒 é'],
];
const FORBIDDEN = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u;

/** Every text in a JSON document, keys included. */
const textsOf = (value: unknown): string[] => {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [key, ...textsOf(inner)]);
};

const assertHarmless = (told: unknown): void => {
  for (const text of textsOf(told)) assert.ok(!FORBIDDEN.test(text), JSON.stringify(text));
};

/** Everything an agent is told that could hold a name. */
const toldOf = async (app: TestApp): Promise<unknown[]> => {
  const token = app.adminToken;
  const pages = ['/conversations', '/changes?after=0&limit=500', '/agents', '/labels', '/canned-replies', '/settings'];
  return Promise.all(pages.map(async (path) => (await app.ask('GET', path, { token })).body));
};

test('[AC-29] names, subjects, labels, attributes and names of files are stored without controls and turns', async (t) => {
  const app = await startTestApp(t, { store: 'file' });
  const token = app.adminToken;
  const { token: own } = await newVisitor(app);
  await app.ask('POST', '/conversations', { token: own, body: { id: 'files' } });
  const headers = { 'content-type': 'application/octet-stream' };
  const path = '/conversations/files/attachments';
  const { attachment } = (await app.ask('POST', path, { token: own, raw: 'text', headers })).body;
  const agent = await newAgent(app, 'ann');
  for (const [i, [name, told]] of HOSTILE.entries()) {
    const said = { name, attributes: { [name]: name }, page: { url: 'https://www.example/', title: name } };
    const { body: known } = await app.ask('POST', '/visitors', { body: said });
    assert.equal(known.visitor.name, told);
    assert.deepEqual(known.visitor.attributes, { [told]: told });
    assert.equal(known.visitor.page.title, told);
    const started = { id: `c${i}`, subject: name, message: { content: name } };
    const { body: begun } = await app.ask('POST', '/conversations', { token: known.token, body: started });
    assert.equal(begun.conversation.subject, told);
    assert.equal(begun.message.content, name, 'what people write to each other stays as it is');
    const patched = await app.ask('PATCH', `/conversations/c${i}`, { token, body: { labels: [name], subject: name } });
    assert.deepEqual([patched.body.conversation.labels, patched.body.conversation.subject], [[told], told]);
    const label = await app.ask('PUT', `/labels/l${i}`, { token, body: { name, color: '#000000' } });
    assert.equal(label.body.label.name, told);
    const changed = await app.ask('PATCH', `/agents/${agent.id}`, { token, body: { name } });
    assert.equal(changed.body.agent.name, told);
    const key = await app.ask('POST', '/me/api-keys', { token: agent.token, body: { name, scope: 'read', days: 1 } });
    assert.equal(key.body.apiKey.name, told);
    const attachments = [{ ...attachment, name }];
    const body = { id: `m${i}`, content: 'x', attachments };
    const posted = await app.ask('POST', '/conversations/files/messages', { token: own, body });
    assert.equal(posted.body.message.attachments[0].name, told);
    const again = await app.ask('POST', '/conversations/files/messages', { token: own, body });
    assert.equal(again.status, 200, 'a repeat is known by the name it was sent with');
  }
  const nothing = await app.ask('POST', '/visitors', { body: { name: '\u202e\u0007' } });
  assert.deepEqual([nothing.status, nothing.body.visitor.name], [201, null], 'nothing is left of it, so it is none');
});

test('[AC-29] what was stored before, or came from elsewhere, is told without controls and turns', async (t) => {
  const directory = tempDir(t);
  const conversations = HOSTILE.map(([name], i) => ({ id: `c${i}`, subject: name, userName: name, agentName: name }));
  const owned = conversations.map((each, i) => ({ ...each, userId: `u${i}`, agentId: `a${i}` }));
  writeFileSync(join(directory, 'conversations.json'), JSON.stringify(owned));
  writeFileSync(join(directory, 'messages.json'), '{}');
  const app = await startTestApp(t, { store: `file:${directory}` });
  const told = await toldOf(app);
  assertHarmless(told);
  const [{ conversations: shown }, , { agents }] = told as [
    { conversations: { id: string; subject: string; contact: { name: string } }[] },
    unknown,
    { agents: { id: string; name: string }[] },
  ];
  for (const [i, [, name]] of HOSTILE.entries()) {
    const one = shown.find(({ id }) => id === `c${i}`)!;
    assert.deepEqual([one.subject, one.contact.name], [name, name]);
    assert.equal(agents.find(({ id }) => id === `a${i}`)!.name, name);
  }
});

test('[AC-29] a file in a message of before is told by a harmless name; all else of the message stays', () => {
  for (const [name, told] of HOSTILE) {
    const file = { id: 'a'.repeat(64), name, type: 'text/plain', size: 1 };
    const value = {
      ...{ id: 'm', conversationId: 'c', seq: 2, publicSeq: 1, senderId: 'u', content: name, attachments: [file] },
      ...{ kind: 'message' as const, senderType: 'USER' as const, createdAt: '2026-01-01T00:00:00.000Z' },
    };
    for (const [audience, seq] of [
      ['visitor', 1],
      ['agent', 2],
    ] as const) {
      const message = JSON.parse(messageJson(makeRecord(1, 0, 'message', value), audience, true));
      assert.deepEqual([message.attachments[0].name, message.content, message.seq], [told, name, seq]);
    }
  }
});
