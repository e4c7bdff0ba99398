import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Conversation, Message } from '../../src/protocol/entities.ts';
import { newAgent, newVisitor, startTestApp } from '../support/app.ts';

interface Hits {
  messages: Message[];
  conversations: Conversation[];
  nextCursor: string | null;
}

test('an agent searches all that was written, page by page, and a visitor nothing', async (t) => {
  const app = await startTestApp(t, { store: 'file' });
  const agent = await newAgent(app, 'ann');
  const people = [await newVisitor(app, { name: 'Zoé' }), await newVisitor(app)];
  for (const [i, { token }] of people.entries()) {
    const body = {
      id: `c${i}`,
      subject: `Subject ${i}`,
      message: { id: `first-${i}`, content: `Où est mon COLIS ${i} ?` },
    };
    assert.equal((await app.ask('POST', '/conversations', { token, body })).status, 201);
  }
  const note = { id: 'note', content: 'colis retrouvé', kind: 'note' };
  await app.ask('POST', '/conversations/c0/messages', { token: agent.token, body: note });

  const find = async (query: string) => (await app.ask<Hits>('GET', `/search?${query}`, { token: agent.token })).body;
  const all = await find('q=colis');
  assert.deepEqual(
    all.messages.map(({ id, kind, durable, content }) => [id, kind, durable, content]),
    [
      ['note', 'note', true, 'colis retrouvé'],
      ['first-1', 'message', true, 'Où est mon COLIS 1 ?'],
      ['first-0', 'message', true, 'Où est mon COLIS 0 ?'],
    ],
  );
  assert.deepEqual(
    all.conversations.map(({ id, subject, contact }) => [id, subject, contact?.name]),
    [
      ['c0', 'Subject 0', 'Zoé'],
      ['c1', 'Subject 1', null],
    ],
  );
  assert.equal(all.nextCursor, null);

  const first = await find('q=ou+mon&limit=1');
  assert.deepEqual([first.messages[0]?.id, first.conversations.length], ['first-1', 1]);
  const second = await find(`q=ou+mon&limit=1&cursor=${first.nextCursor}`);
  assert.deepEqual([second.messages[0]?.id, second.nextCursor], ['first-0', null]);

  for (const query of [
    '',
    'q=',
    'q=%21',
    `q=${'x'.repeat(201)}`,
    'q=a+b+c+d+e+f+g+h+i+j+k',
    'q=a&cursor=x',
    'q=a&limit=0',
    'q=a&q=b',
  ]) {
    assert.equal((await app.refused('GET', `/search?${query}`, { token: agent.token })).code, 'invalid', query);
  }
  assert.equal((await app.refused('GET', '/search?q=colis', { token: people[0]!.token })).code, 'forbidden');

  await app.ask('DELETE', '/conversations/c0/messages/first-0', { token: agent.token });
  assert.deepEqual((await find('q=mon+colis+0')).messages, []);
});
