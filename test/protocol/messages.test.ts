import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BODY_MAX_BYTES } from '../../src/protocol/limits.ts';
import { newAgent, newVisitor, type Reply, startTestApp } from '../support/app.ts';

for (const store of ['memory:', 'file']) {
  describe(`messages, ${store}`, () => {
    test('a repeat answers 200 and the first result; anything else under the id is a conflict', async (t) => {
      const app = await startTestApp(t, { store });
      const { id: visitorId, token } = await newVisitor(app);
      const start = { id: 'c1', subject: 'S', message: { id: 'm1', content: 'one' } };
      const first = await app.ask('POST', '/conversations', { token, body: start });
      const again = await app.ask('POST', '/conversations', { token, body: start });
      assert.deepEqual([first.status, again.status], [201, 200]);
      assert.deepEqual(again.body, first.body);
      assert.equal(first.body.conversation.userId, visitorId);
      assert.deepEqual(first.body.stored, { tier: store.replace(':', ''), durable: store === 'file' });

      const messages = '/conversations/c1/messages';
      const post = { id: 'm2', content: 'two' };
      const posted = await app.ask('POST', messages, { token, body: post });
      const repeated = await app.ask('POST', messages, { token, body: post });
      assert.deepEqual([posted.status, repeated.status], [201, 200]);
      assert.deepEqual(repeated.body, posted.body);
      assert.equal(posted.body.message.seq, 2);
      for (const other of [
        { ...post, content: 'three' },
        { ...post, id: 'm1' },
      ]) {
        const problem = await app.refused('POST', messages, { token, body: other });
        assert.deepEqual([problem.status, problem.code, problem.retry], [409, 'id_taken', 'never']);
        assert.doesNotMatch(JSON.stringify(problem), /two|c1|m2/);
      }
      const page = await app.ask('GET', messages, { token });
      assert.deepEqual(page.body.messages, [first.body.message, posted.body.message]);
      assert.deepEqual([page.body.lastSeq, page.body.hasMore], [2, false]);
    });

    test('two at once under one id: one is made, both get the same', async (t) => {
      const app = await startTestApp(t, { store });
      const { token } = await newVisitor(app);
      await app.ask('POST', '/conversations', { token, body: { id: 'c1' } });
      const post = () => app.ask('POST', '/conversations/c1/messages', { token, body: { id: 'm', content: 'x' } });
      const replies = await Promise.all(Array.from({ length: 8 }, post));
      assert.deepEqual(
        replies.map((reply) => reply.status).toSorted((a, b) => a - b),
        [200, 200, 200, 200, 200, 200, 200, 201],
      );
      for (const { body } of replies) assert.deepEqual(body, replies[0]!.body);
    });

    test('pages go both ways, and a limit is clamped, never taken for another', async (t) => {
      const app = await startTestApp(t, { store });
      const token = app.adminToken;
      await app.ask('POST', '/conversations', { token, body: { id: 'c1', userId: 'u1' } });
      for (let i = 1; i <= 510; i += 1) {
        await app.ask('POST', '/conversations/c1/messages', { token, body: { id: `m${i}`, content: `${i}` } });
      }
      const seqs = async (query: string): Promise<number[]> => {
        const { body } = await app.ask('GET', `/conversations/c1/messages?${query}`, { token });
        return [body.messages[0].seq, body.messages.at(-1).seq, body.messages.length];
      };
      assert.deepEqual(await seqs(''), [461, 510, 50]);
      assert.deepEqual(await seqs('limit=10000'), [11, 510, 500]);
      assert.deepEqual(await seqs('after=0&limit=2'), [1, 2, 2]);
      assert.deepEqual(await seqs('before=11'), [1, 10, 10]);
      assert.deepEqual(await seqs('before=461&limit=3'), [458, 460, 3]);
      for (const query of ['limit=0', 'limit=-1', 'limit=ten', 'limit=1.5', 'after=-1', 'limit=1&limit=2', 'afer=1']) {
        const problem = await app.refused('GET', `/conversations/c1/messages?${query}`, { token });
        assert.equal(problem.code, 'invalid', query);
        assert.match(problem.detail!, /limit|after|afer/, query);
      }
    });

    test('a poll that waits is woken by a message; a note does not wake the visitor', async (t) => {
      const app = await startTestApp(t, { store });
      const { token } = await newVisitor(app);
      const agent = await newAgent(app, 'ann');
      await app.ask('POST', '/conversations', { token, body: { id: 'c1', message: { id: 'm1', content: 'one' } } });
      const polls = async (): Promise<number> => {
        const { text } = await app.ask('GET', '//metrics');
        return Number(/^guichet_polls (\d+)/m.exec(text)?.[1]);
      };
      const waiting = app.ask('GET', '/conversations/c1/messages?after=1&wait=30', { token });
      const changes = app.ask('GET', '/changes?wait=30', { token });
      while ((await polls()) < 2) await new Promise(setImmediate);
      const note = { id: 'n1', content: 'secret', kind: 'note' };
      await app.ask('POST', '/conversations/c1/messages', { token: agent.token, body: note });
      await app.ask('PATCH', '/conversations/c1', { token: agent.token, body: { labels: ['vip'] } });
      // Whoever was woken would have been answered, and with something: the two below would see it.
      assert.equal(await polls(), 2);
      const reply = { id: 'm2', content: 'two' };
      await app.ask('POST', '/conversations/c1/messages', { token: agent.token, body: reply });
      const page = (await waiting).body;
      assert.deepEqual(
        page.messages.map((m: { id: string; seq: number }) => [m.id, m.seq]),
        [['m2', 2]],
      );
      const feed = (await changes).body;
      assert.deepEqual(
        feed.changes.map((c: { kind: string; message?: { id: string } }) => [c.kind, c.message?.id]),
        [['message', 'm2']],
      );
    });

    test('a redacted message keeps its place and loses its words everywhere', async (t) => {
      const app = await startTestApp(t, { store });
      const { token } = await newVisitor(app);
      const agent = await newAgent(app, 'ann');
      const message = { id: 'm1', content: 'my card is 1234' };
      await app.ask('POST', '/conversations', { token, body: { id: 'c1', message } });
      const redact = () => app.ask('DELETE', '/conversations/c1/messages/m1', { token: agent.token });
      assert.deepEqual([(await redact()).status, (await redact()).status], [204, 204]);
      for (const path of ['/conversations/c1/messages', '/conversations', '/conversations/c1', '/changes?after=0']) {
        for (const who of [token, agent.token]) {
          const { text } = await app.ask('GET', path, { token: who });
          assert.doesNotMatch(text, /1234/, path);
        }
      }
      const { body } = await app.ask('GET', '/conversations/c1/messages', { token });
      assert.deepEqual([body.messages[0].id, body.messages[0].seq, body.messages[0].redacted], ['m1', 1, true]);
      const again = await app.ask('POST', '/conversations/c1/messages', { token, body: message });
      assert.deepEqual([again.status, again.body.message.content], [200, '']);
    });
  });
}

describe('what is not right', () => {
  test('bodies: each gets a sentence, and nothing is stored', async (t) => {
    const app = await startTestApp(t);
    const { token } = await newVisitor(app);
    await app.ask('POST', '/conversations', { token, body: { id: 'c1' } });
    const path = '/conversations/c1/messages';
    const cases: [Parameters<typeof app.refused>[2], number, string, RegExp][] = [
      [{ raw: '{"content":' }, 400, 'invalid', /not JSON/],
      [{ raw: new Uint8Array([0x22, 0xff, 0x22]) }, 400, 'invalid', /UTF-8/],
      [{ raw: 'null' }, 400, 'invalid', /JSON object/],
      [{ raw: '[]' }, 400, 'invalid', /JSON object/],
      [{}, 400, 'invalid', /JSON object/],
      [{ raw: 'content=x', headers: { 'content-type': 'text/plain' } }, 400, 'invalid', /application\/json/],
      [{ body: {} }, 400, 'invalid', /"content" is missing/],
      [{ body: { content: 7 } }, 400, 'invalid', /"content"/],
      [{ body: { content: '' } }, 400, 'invalid', /content/],
      [{ body: { content: 'a\u0000b' } }, 400, 'invalid', /U\+0000/],
      [{ raw: '{"content":"\\ud800"}' }, 400, 'invalid', /surrogate/],
      [{ body: { content: 'x'.repeat(20_001) } }, 400, 'invalid', /20,000/],
      [{ body: { content: 'x', colour: 'red' } }, 400, 'invalid', /"colour"/],
      [{ raw: '{"content":"x","__proto__":{"kind":"note"}}' }, 400, 'invalid', /"__proto__"/],
      [{ body: { content: 'x', kind: 'event' } }, 400, 'invalid', /"kind" must be one of "message", "note"/],
      [{ body: { content: 'x', id: 'has space' } }, 400, 'invalid', /id must be/],
      [{ body: { content: 'x', id: 'x'.repeat(51) } }, 400, 'invalid', /id must be/],
      [{ raw: `{"content":"${'x'.repeat(BODY_MAX_BYTES)}"}` }, 413, 'too_large', /bytes/],
    ];
    for (const [ask, status, code, detail] of cases) {
      const problem = await app.refused('POST', path, { ...ask, token });
      assert.deepEqual([problem.status, problem.code, problem.retry], [status, code, 'never']);
      assert.match(problem.detail!, detail);
    }
    assert.deepEqual((await app.ask('GET', path, { token })).body.messages, []);
    const emoji = '🙂'.repeat(20_000);
    const posted = await app.ask('POST', path, { token, body: { content: emoji } });
    assert.equal(posted.body.message.content, emoji);
  });

  test('unknown things and paths are problems of one shape', async (t) => {
    const app = await startTestApp(t);
    const { token } = await newVisitor(app);
    const paths: [string, string][] = [
      ['GET', '/conversations/none'],
      ['GET', '/conversations/none/messages'],
      ['GET', '/conversations/__proto__'],
      ['GET', `/conversations/${'x'.repeat(300)}`],
      ['POST', '/nowhere'],
      ['PUT', '/conversations'],
      ['GET', '//api'],
      ['GET', '//api/v2/me'],
      ['GET', '//nowhere'],
    ];
    for (const [method, path] of paths) {
      const problem = await app.refused(method, path, { token });
      assert.deepEqual(problem, {
        type: '/docs#not_found',
        title: 'There is nothing here under that name.',
        status: 404,
        code: 'not_found',
        retry: 'never',
      });
    }
    assert.equal((await app.refused('GET', '/conversations/%E0%A4%A', { token })).code, 'invalid');
  });

  test('[AC-3] a stranger is told the same of a conversation of others as of none', async (t) => {
    const app = await startTestApp(t);
    const owner = await newVisitor(app);
    const { token } = await newVisitor(app);
    const body = { id: 'c1', message: { id: 'm1', content: 'x' } };
    await app.ask('POST', '/conversations', { token: owner.token, body });
    const calls: [string, string, object?][] = [
      ['GET', ''],
      ['GET', '/messages'],
      ['GET', '/messages?after=0&wait=1'],
      ['POST', '/messages', { id: 'm2', content: 'x' }],
      ['POST', '/messages', { id: 'm1', content: 'x' }],
      ['POST', '/read', { seq: 1 }],
      ['POST', '/typing', { typing: true }],
    ];
    for (const [method, rest, sent] of calls) {
      const [theirs, none] = await Promise.all(
        ['c1', 'c2'].map((id) => app.refused(method, `/conversations/${id}${rest}`, { token, body: sent })),
      );
      assert.deepEqual(theirs, none);
    }
  });

  test('a cursor of the future or of another log is 410, one that is none 400', async (t) => {
    const [app, other] = [await startTestApp(t), await startTestApp(t)];
    for (const one of [app, other]) {
      for (let i = 0; i < 3; i += 1) await newVisitor(one);
    }
    const cursorOf = async (of: typeof app): Promise<string> =>
      (await of.ask('GET', '/changes', { token: of.adminToken })).body.cursor;
    const token = app.adminToken;
    const foreign = await app.refused('GET', `/changes?after=${await cursorOf(other)}`, { token });
    assert.deepEqual([foreign.status, foreign.code, foreign.retry], [410, 'resync', 'now']);
    const ahead = (await cursorOf(app)).replace(/^\d+/, (position) => String(Number(position) + 1000));
    assert.equal((await app.refused('GET', `/changes?after=${ahead}`, { token })).code, 'resync');
    assert.equal((await app.refused('GET', '/changes?after=nonsense', { token })).status, 400);
    const start = await app.ask('GET', '/changes?after=0', { token });
    assert.deepEqual([start.body.changes.length, start.body.caughtUp], [3, true]);
  });

  test('[AC-11] a visitor who writes without end is told to wait, and the agents are not', async (t) => {
    const app = await startTestApp(t);
    const { token } = await newVisitor(app);
    await app.ask('POST', '/conversations', { token, body: { id: 'c1' } });
    let refused: Reply<{ code?: string }> | undefined;
    for (let i = 0; i < 300 && refused === undefined; i += 1) {
      const reply = await app.ask('POST', '/conversations/c1/messages', { token, body: { content: 'x' } });
      if (reply.status !== 201) refused = reply;
    }
    assert.equal(refused?.status, 429);
    assert.equal(refused?.body.code, 'too_many_requests');
    assert.ok(Number(refused?.headers.get('retry-after')) >= 1);
    for (let i = 0; i < 150; i += 1) {
      const body = { content: 'x' };
      const reply = await app.ask('POST', '/conversations/c1/messages', { token: app.adminToken, body });
      assert.equal(reply.status, 201);
    }
  });
});
