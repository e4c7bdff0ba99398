import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newAgent, newVisitor, startTestApp, type TestApp } from '../support/app.ts';

const begin = async (app: TestApp, id = 'c1', body: object = {}) => {
  const visitor = await newVisitor(app, body);
  const start = { id, message: { id: `${id}-first`, content: 'hello' } };
  assert.equal((await app.ask('POST', '/conversations', { token: visitor.token, body: start })).status, 201);
  return visitor;
};
const ids = (list: { id: string }[]): string[] => list.map(({ id }) => id);

test('[DK-1] a rating reaches the agents, and is refused with a sentence where there is nothing to rate', async (t) => {
  const app = await startTestApp(t);
  const { token } = await begin(app);
  const agent = await newAgent(app, 'ann');
  const rate = (body: object) => app.ask('POST', '/conversations/c1/rating', { token, body });
  assert.equal((await rate({ score: 5 })).body.code, 'invalid');
  await app.ask('PATCH', '/conversations/c1', { token: agent.token, body: { status: 'CLOSED' } });
  for (const wrong of [{ score: 0 }, { score: 6 }, { score: 2.5 }, {}, { score: 5, comment: 'x'.repeat(2001) }]) {
    assert.equal((await rate(wrong)).status, 400, JSON.stringify(wrong));
  }
  const cursor = (await app.ask('GET', '/changes', { token: agent.token })).body.cursor;
  const { body } = await rate({ score: 4, comment: '  kind  ' });
  assert.deepEqual({ ...body.conversation.rating, at: '' }, { score: 4, comment: 'kind', at: '' });
  const news = (await app.ask('GET', `/changes?after=${cursor}`, { token: agent.token })).body.changes;
  assert.deepEqual(news[0].conversation.rating, body.conversation.rating);
});

test('[DK-2] a reply that missed something is refused over HTTP', async (t) => {
  const app = await startTestApp(t);
  const { token } = await begin(app);
  const agent = await newAgent(app, 'ann');
  const reply = (body: object) => app.ask('POST', '/conversations/c1/messages', { token: agent.token, body });
  await app.ask('POST', '/conversations/c1/messages', { token, body: { id: 'm2', content: 'never mind' } });
  const refused = await reply({ id: 'a1', content: 'Let me look.', ifLastSeq: 1 });
  assert.deepEqual([refused.status, refused.body.code, refused.body.retry], [409, 'stale', 'never']);
  assert.equal((await reply({ id: 'a1', content: 'Let me look.', ifLastSeq: 2 })).status, 201);
  assert.equal((await reply({ id: 'a1', content: 'Let me look.', ifLastSeq: 2 })).status, 200);
});

test('[DK-3] a note tells whom it names, until they have seen it', async (t) => {
  const app = await startTestApp(t);
  await begin(app);
  const ann = await newAgent(app, 'ann');
  const carl = await newAgent(app, 'carl');
  const post = (body: object) => app.ask('POST', '/conversations/c1/messages', { token: ann.token, body });
  const mentions = async (token: string) => (await app.ask('GET', '/mentions', { token })).body;
  assert.equal((await post({ content: '@carl?', mentions: [carl.id] })).status, 400, 'a message names nobody');
  assert.equal((await post({ content: '@carl?', kind: 'note', mentions: Array(21).fill(carl.id) })).status, 400);
  assert.equal((await post({ id: 'n1', content: '@carl?', kind: 'note', mentions: [carl.id] })).status, 201);
  const { mentions: told, conversations } = await mentions(carl.token);
  assert.deepEqual([told[0].messageId, told[0].byId, told[0].seen, told.length], ['n1', ann.id, false, 1]);
  assert.deepEqual(ids(conversations), ['c1']);
  assert.deepEqual(await mentions(ann.token), { mentions: [], conversations: [] });
  assert.equal((await app.ask('POST', '/mentions/c1/seen', { token: carl.token })).status, 204);
  assert.equal((await mentions(carl.token)).mentions[0].seen, true);
  await post({ content: '@carl!', kind: 'note', mentions: [carl.id] });
  assert.equal((await mentions(carl.token)).mentions[0].seen, false);
});

test('labels and canned replies are made, changed, archived, and told to every console', async (t) => {
  const app = await startTestApp(t);
  const { token } = await newAgent(app, 'ann');
  const cursor = (await app.ask('GET', '/changes', { token })).body.cursor;
  const put = (path: string, body: object) => app.ask('PUT', path, { token, body });
  const urgent = { name: 'Urgent', color: '#C4391D' };
  const label = (await put(`/labels/${encodeURIComponent('très pressé')}`, urgent)).body.label;
  assert.deepEqual(label, { id: 'très pressé', ...urgent, archived: false });
  assert.equal((await put('/labels/x', { name: 'x', color: 'red' })).status, 400);
  await put('/labels/x', { name: 'x', color: '#000000', archived: true });
  assert.deepEqual(ids((await app.ask('GET', '/labels', { token })).body.labels), ['très pressé', 'x']);

  const hours = { shortcut: 'hours', content: 'From ten to four, {{name}}.' };
  assert.equal((await put('/canned-replies/r1', hours)).status, 200);
  for (const wrong of [hours, { shortcut: 'two words', content: 'x' }, { shortcut: '', content: 'x' }]) {
    assert.equal((await put('/canned-replies/r2', wrong)).status, 400, JSON.stringify(wrong));
  }
  await put('/canned-replies/r1', { ...hours, archived: true });
  assert.equal((await put('/canned-replies/r2', hours)).status, 200, 'its shortcut is free again');
  const { cannedReplies } = (await app.ask('GET', '/canned-replies', { token })).body;
  assert.deepEqual(cannedReplies[0], { id: 'r1', shortcut: 'hours', content: '', archived: true });

  const { changes } = (await app.ask('GET', `/changes?after=${cursor}`, { token })).body;
  const kinds = changes.map(({ kind }: { kind: string }) => kind);
  assert.deepEqual(kinds, ['label', 'label', 'cannedReply', 'cannedReply', 'cannedReply']);
});

test('what a visitor says of themselves is bounded, kept without secrets, and shown to agents', async (t) => {
  const app = await startTestApp(t);
  const { id, token } = await begin(app, 'c1', { attributes: { plan: 'free', seat: '4' } });
  const agent = await newAgent(app, 'ann');
  const say = (body: object) => app.ask('PATCH', '/visitors/me', { token, body });
  for (const wrong of [
    { attributes: { plan: 'x'.repeat(501) } },
    { attributes: { ['x'.repeat(61)]: 'x' } },
    { attributes: Object.fromEntries(Array.from({ length: 31 }, (_, i) => [`a${i}`, 'x'])) },
    { attributes: { plan: 7 } },
    { page: { url: 'javascript:alert(1)' } },
    { page: { url: 'no address' } },
    { email: 'no address' },
  ]) {
    assert.equal((await say(wrong)).status, 400, JSON.stringify(wrong));
  }
  const page = { url: 'https://shop.example/cart?token=secret#key=secret', title: 'Cart' };
  assert.equal((await say({ name: 'Ada', attributes: { plan: 'pro', seat: null }, page })).status, 200);
  const { contact } = (await app.ask('GET', '/conversations/c1', { token: agent.token })).body.conversation;
  assert.deepEqual(
    [contact.name, contact.attributes, contact.page.url, contact.page.title],
    ['Ada', { plan: 'pro' }, 'https://shop.example/cart', 'Cart'],
  );
  await app.ask('POST', '/conversations', { token, body: { id: 'c2' } });
  await begin(app, 'other');
  const own = (await app.ask('GET', `/conversations?user=${id}`, { token: agent.token })).body.conversations;
  assert.deepEqual(ids(own).sort(), ['c1', 'c2']);
});

test('[DK-8] a corrected name reaches the other agents, and the audit log has the fields and no more', async (t) => {
  const app = await startTestApp(t);
  const { id } = await newVisitor(app, { name: 'Ana' });
  const [ann, bob] = [await newAgent(app, 'ann'), await newAgent(app, 'bob')];
  const { cursor } = (await app.ask('GET', '/changes', { token: bob.token })).body;
  const body = { name: ' Anna ', email: 'anna@example.org' };
  const { visitor } = (await app.ask('PATCH', `/contacts/${id}`, { token: ann.token, body })).body;
  assert.deepEqual([visitor.name, visitor.email], ['Anna', 'anna@example.org']);
  const { changes } = (await app.ask('GET', `/changes?after=${cursor}&wait=10`, { token: bob.token })).body;
  assert.deepEqual(
    changes.flatMap(({ contact }: { contact?: { name: string } }) => (contact ? [contact.name] : [])),
    ['Anna'],
  );
  const { text } = await app.ask('GET', '/audit', { token: app.adminToken });
  assert.match(text, /"action":"visitor.change","about":"[^"]+","detail":"name, email"/);
  assert.ok(!text.includes('anna@example.org'));
  const wrong = await app.refused('PATCH', `/contacts/${id}`, { token: ann.token, body: { email: 'no address' } });
  assert.equal(wrong.code, 'invalid');
});
