import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changeConversation } from '../../src/domain/actions/change-conversation.ts';
import { postMessage } from '../../src/domain/actions/post-message.ts';
import { redactMessage } from '../../src/domain/actions/redact-message.ts';
import { startConversation } from '../../src/domain/actions/start-conversation.ts';
import { actorOf, type LiveServer, startLive, TestSocket } from '../support/live-server.ts';

const v1 = actorOf('visitor:v1')!;
const a1 = actorOf('agent:a1')!;

const withConversation = async (server: LiveServer, id = 'c1'): Promise<void> => {
  await startConversation(server.chat, v1, { id, message: { id: `${id}-first`, content: 'Hello?' } });
};

const post = (server: LiveServer, who: 'visitor:v1' | 'agent:a1', content: string, kind?: 'note') =>
  postMessage(server.chat, actorOf(who)!, 'c1', { content, ...(kind && { kind }) });

test('[LV-1] a follower is caught up from its cursor, told so, and then live, without gap or double', async (t) => {
  const server = await startLive(t);
  await withConversation(server);
  for (let i = 0; i < 450; i++) await post(server, 'agent:a1', `old ${i}`);
  const socket = await server.connect('visitor:v1');
  socket.send({ type: 'follow', conversationId: 'c1', after: 10 });
  // Posts go on while the follower is being caught up.
  const writing = Promise.all(Array.from({ length: 300 }, (_, i) => post(server, 'agent:a1', `new ${i}`)));
  await socket.next('caughtUp');
  await writing;
  await socket.settled();
  const seqs = socket.all('message').map((frame) => frame.message.seq);
  assert.deepEqual(
    seqs,
    Array.from({ length: 741 }, (_, i) => i + 11),
  );
});

test('[LV-2] the acknowledgement comes before the broadcast of the same message', async (t) => {
  const server = await startLive(t);
  await withConversation(server);
  const socket = await server.connect('visitor:v1');
  socket.send({ type: 'follow', conversationId: 'c1', after: 0 });
  await socket.next('caughtUp');
  const before = socket.frames.length;
  socket.send({ type: 'post', ref: 7, conversationId: 'c1', id: 'm-1', content: 'one' });
  await socket.next('message', (frame) => frame.message.id === 'm-1');
  const [posted, message] = socket.frames.slice(before).filter(({ type }) => type === 'posted' || type === 'message');
  assert.equal(posted?.type, 'posted');
  assert.equal(posted.type === 'posted' && posted.ref, 7);
  assert.equal(message?.type, 'message');
});

test('[LV-2] a post that is sent again gets the first answer and is nowhere twice', async (t) => {
  const server = await startLive(t);
  await withConversation(server);
  const socket = await server.connect('visitor:v1');
  socket.send({ type: 'follow', conversationId: 'c1', after: 0 });
  for (const ref of [1, 2, 3]) socket.send({ type: 'post', ref, conversationId: 'c1', id: 'same', content: 'once' });
  const answers = [await socket.next('posted'), await socket.next('posted'), await socket.next('posted')];
  assert.deepEqual(new Set(answers.map(({ message }) => message.seq)), new Set([2]));
  await socket.settled();
  assert.equal(socket.all('message').filter(({ message }) => message.id === 'same').length, 1);
  socket.send({ type: 'post', ref: 4, conversationId: 'c1', id: 'same', content: 'something else' });
  assert.equal((await socket.next('error')).code, 'id_taken');
});

test('[LV-3] a redaction reaches followers that have the message, and those being caught up', async (t) => {
  const server = await startLive(t);
  await withConversation(server);
  const live = await server.connect('visitor:v1');
  live.send({ type: 'follow', conversationId: 'c1', after: 0 });
  await live.next('caughtUp');
  const late = await server.connect('agent:a1');
  late.send({ type: 'follow', conversationId: 'c1', after: 0 });
  await redactMessage(server.chat, a1, 'c1', 'c1-first');
  await live.next('message', ({ message }) => message.redacted === true && message.content === '');
  await late.next('caughtUp');
  await late.settled();
  const last = late.all('message').findLast(({ message }) => message.id === 'c1-first');
  assert.equal(last?.message.redacted, true);
});

test('[LV-4] a visitor learns nothing of notes, labels, snoozing or marks on notes: no frame, no count, no cursor', async (t) => {
  const server = await startLive(t);
  await withConversation(server);
  const visitor = await server.connect('visitor:v1');
  visitor.send({ type: 'follow', conversationId: 'c1', after: 0 });
  visitor.send({ type: 'followInbox', after: 0 });
  await visitor.next('caughtUp', (frame) => 'cursor' in frame);
  await visitor.settled();
  const seen = visitor.frames.length;
  const pong = visitor.all('pong').at(-1)!;

  await post(server, 'agent:a1', 'between us', 'note');
  await changeConversation(server.chat, a1, 'c1', { labels: ['difficult'] });
  await server.live.markRead(a1, 'c1', 2);
  await server.live.markRead(a1, 'c1', 1);
  await post(server, 'agent:a1', 'and another', 'note');
  await visitor.settled();
  // Reading up to the first message is news to the visitor, the notes and the label are not.
  const news = visitor.frames.slice(seen).filter(({ type }) => type !== 'pong');
  assert.deepEqual(new Set(news.map(({ type }) => type)), new Set(['read', 'change']));
  assert.ok(!JSON.stringify(news).includes('note') && !JSON.stringify(news).includes('difficult'));
  const after = visitor.frames.length;
  await post(server, 'agent:a1', 'third note', 'note');
  await server.live.markRead(a1, 'c1', 4);
  await visitor.settled();
  assert.deepEqual(
    visitor.frames.slice(after).map(({ type }) => type),
    ['pong'],
  );
  assert.notEqual(visitor.all('pong').at(-1)!.cursor, pong.cursor);
  const told = visitor.all('pong').at(-1)!.cursor;

  await post(server, 'agent:a1', 'for you');
  const shown = await visitor.next('message', ({ message }) => message.content === 'for you');
  assert.equal(shown.message.seq, 2);
  assert.equal(shown.message.publicSeq, undefined);
  const again = await server.connect('visitor:v1');
  again.send({ type: 'followInbox', after: told });
  const change = await again.next('change');
  assert.equal(change.message?.content, 'for you');
});

test('[LV-4] a note does not move a visitor cursor, and cursors of one visitor are nothing to another', async (t) => {
  const server = await startLive(t);
  await withConversation(server);
  const signal = new AbortController().signal;
  const cursorOf = async (who: string, after?: string): Promise<string> => {
    const query = { limit: 50, ...(after !== undefined && { after }) };
    return (JSON.parse(await server.live.changes(actorOf(who)!, query, signal)) as { cursor: string }).cursor;
  };
  const before = await cursorOf('visitor:v1');
  await post(server, 'agent:a1', 'a note', 'note');
  assert.equal(await cursorOf('visitor:v1'), before);
  assert.equal(await cursorOf('visitor:v1', before), before);
  await assert.rejects(cursorOf('visitor:v2', before), { code: 'resync' });
  assert.notEqual(await cursorOf('agent:a1'), before);
});

test('[LV-5] an inbox is caught up page by page from any cursor and then live', async (t) => {
  const server = await startLive(t);
  for (let i = 0; i < 300; i++) await withConversation(server, `c${i}`);
  const socket = await server.connect('agent:a1');
  socket.send({ type: 'followInbox', after: 0 });
  const writing = Promise.all(Array.from({ length: 100 }, (_, i) => withConversation(server, `d${i}`)));
  await socket.next('caughtUp');
  await writing;
  await socket.settled();
  const ids = socket.all('change').flatMap((change) => (change.conversation ? [change.conversation.id] : []));
  assert.equal(ids.length, 400);
  assert.equal(new Set(ids).size, 400);
  const positions = socket.all('change').map(({ cursor }) => Number.parseInt(cursor, 10));
  assert.deepEqual(
    positions,
    positions.toSorted((a, b) => a - b),
  );
});

test('[LV-5] a cursor of the future or of another log is answered with resync, and the feed goes on from now', async (t) => {
  const server = await startLive(t);
  await withConversation(server);
  for (const after of ['999999', '1-AAAAAAAA']) {
    const socket = await server.connect('agent:a1');
    socket.send({ type: 'followInbox', after });
    await socket.next('resync');
    await socket.next('caughtUp');
    await post(server, 'agent:a1', 'later');
    await socket.next('change', ({ message }) => message?.content === 'later');
  }
  const socket = await server.connect('agent:a1');
  socket.send({ type: 'followInbox', after: 'no cursor at all' });
  assert.equal((await socket.next('error')).code, 'invalid');
});

test('[LV-6] the first frame is hello, a bad token closes with 4401, three bad frames close with 4400', async (t) => {
  const server = await startLive(t);
  const eager = await server.connect();
  eager.send({ type: 'ping' });
  assert.equal((await eager.next('error')).code, 'protocol');
  eager.send({ type: 'hello', token: 'nobody' });
  assert.equal((await eager.next('error')).code, 'unauthorized');
  assert.equal(await eager.closed(), 4401);
  const clumsy = await server.connect('visitor:v1');
  for (const text of ['{', '[]', '{"type":"shout"}']) clumsy.sendText(text);
  assert.equal(await clumsy.closed(), 4400);
  assert.equal(clumsy.all('error').length, 3);
});

test('[LV-6] what stands behind the third bad frame is not read any more', async (t) => {
  const server = await startLive(t);
  await withConversation(server);
  const clumsy = await server.connect('visitor:v1');
  for (let i = 0; i < 3; i += 1) clumsy.sendText('{');
  clumsy.send({ type: 'post', ref: 1, conversationId: 'c1', id: 'late', content: 'too late' });
  assert.equal(await clumsy.closed(), 4400);
  const other = await server.connect('visitor:v1');
  other.send({ type: 'post', ref: 1, conversationId: 'c1', id: 'm1', content: 'in time' });
  await other.next('posted');
  other.send({ type: 'follow', conversationId: 'c1', after: 0 });
  await other.next('caughtUp');
  assert.deepEqual(
    other.all('message').map(({ message }) => message.id),
    ['c1-first', 'm1'],
  );
});

test("[LV-6] another's conversation does not exist: follow, post, read, typing", async (t) => {
  const server = await startLive(t);
  await withConversation(server);
  const socket = await server.connect('visitor:v2');
  socket.send({ type: 'follow', conversationId: 'c1', after: 0 });
  socket.send({ type: 'post', conversationId: 'c1', id: 'x1', content: 'let me in' });
  socket.send({ type: 'read', conversationId: 'c1', seq: 1 });
  socket.send({ type: 'typing', conversationId: 'c1', typing: true });
  for (let i = 0; i < 4; i++) assert.equal((await socket.next('error')).code, 'not_found');
  const own = socket.frames.filter(({ type }) => type !== 'welcome' && type !== 'error');
  assert.deepEqual(own, []);
  socket.send({ type: 'post', conversationId: 'c1', id: 'c1-first', content: 'Hello?' });
  assert.equal((await socket.next('error')).code, 'not_found');
});

test('[LV-6] a socket of a site that is not allowed is refused before it opens', async (t) => {
  const server = await startLive(t);
  const open = await server.connect();
  const url = open.ws.url;
  await assert.rejects(TestSocket.open(url, { origin: 'https://stranger.example' }), /403/);
});

test('[LV-7] delivered is said once the other side has the frame, typing and presence to the others', async (t) => {
  const server = await startLive(t);
  await withConversation(server);
  const visitor = await server.connect('visitor:v1');
  visitor.send({ type: 'follow', conversationId: 'c1', after: 0 });
  assert.equal((await visitor.next('presence')).online, false);
  const agent = await server.connect('agent:a1');
  assert.equal((await visitor.next('presence')).online, true);
  await post(server, 'agent:a1', 'a note', 'note');
  agent.send({ type: 'follow', conversationId: 'c1', after: 0 });
  assert.equal((await visitor.next('delivered')).seq, 1);
  await post(server, 'agent:a1', 'hello');
  assert.equal((await agent.next('delivered')).seq, 3);
  visitor.send({ type: 'typing', conversationId: 'c1', typing: true });
  const typing = await agent.next('typing');
  assert.deepEqual([typing.side, typing.typing], ['visitor', true]);
  await visitor.settled();
  assert.equal(visitor.all('typing').length, 0);
  agent.close();
  assert.equal((await visitor.next('presence')).online, false);
});

test('[LV-7] what was delivered while nobody of the writer’s side looked is said when they come back', async (t) => {
  const server = await startLive(t);
  await withConversation(server);
  const agent = await server.connect('agent:a1');
  agent.send({ type: 'follow', conversationId: 'c1', after: 0 });
  await agent.next('caughtUp');
  const first = await server.connect('visitor:v1');
  first.send({ type: 'follow', conversationId: 'c1', after: 0 });
  assert.equal((await first.next('delivered')).seq, 1);
  first.close();
  agent.close();
  await agent.closed();
  // Nobody follows any more; two devices of the visitor come, one after the other.
  for (let device = 0; device < 2; device += 1) {
    const later = await server.connect('visitor:v1');
    later.send({ type: 'follow', conversationId: 'c1', after: 1 });
    assert.equal((await later.next('delivered')).seq, 1);
    later.close();
  }
});

test('[LV-7] a poll says that something was delivered when it comes back with a cursor behind it', async (t) => {
  const server = await startLive(t);
  await withConversation(server);
  const visitor = await server.connect('visitor:v1');
  visitor.send({ type: 'follow', conversationId: 'c1', after: 0 });
  await visitor.next('caughtUp');
  const { signal } = new AbortController();
  const poll = async (after: string): Promise<string> =>
    JSON.parse(await server.live.changes(a1, { after, limit: 100 }, signal)).cursor;
  const cursor = await poll('0');
  await poll('0');
  await visitor.settled();
  assert.equal(visitor.all('delivered').length, 0, 'an answer may have been lost');
  await poll(cursor);
  assert.equal((await visitor.next('delivered')).seq, 1);
});

test('[LV-8] read marks reach the other side in its own counting and coalesce', async (t) => {
  const server = await startLive(t);
  await withConversation(server);
  await post(server, 'agent:a1', 'a note', 'note');
  await post(server, 'agent:a1', 'hello');
  const visitor = await server.connect('visitor:v1');
  const agent = await server.connect('agent:a2');
  for (const socket of [visitor, agent]) {
    socket.send({ type: 'follow', conversationId: 'c1', after: 0 });
    await socket.next('caughtUp');
  }
  const before = server.chat.store.health().position;
  for (const seq of [1, 2, 2, 2]) visitor.send({ type: 'read', conversationId: 'c1', seq });
  assert.equal((await agent.next('read', ({ seq }) => seq === 3)).readerId, 'v1');
  assert.ok(server.chat.store.health().position - before <= 2);
  agent.send({ type: 'read', conversationId: 'c1', seq: 3 });
  assert.equal((await visitor.next('read', ({ readerId }) => readerId === 'a2')).seq, 2);
});

test('[LV-9] a reader that does not read is cut back to its cursor and gets everything once it reads again', async (t) => {
  const server = await startLive(t);
  await withConversation(server);
  const slow = await server.connect('visitor:v1');
  slow.send({ type: 'follow', conversationId: 'c1', after: 0 });
  await slow.next('caughtUp');
  slow.ws.pause();
  const big = 'x'.repeat(20_000);
  // Many times what the kernel's buffers and the bound of a connection hold.
  for (let i = 0; i < 1500; i++) await post(server, 'agent:a1', big);
  slow.ws.resume();
  await slow.next('message', ({ message }) => message.seq === 1501);
  const seqs = slow.all('message').map(({ message }) => message.seq);
  assert.deepEqual(
    seqs,
    Array.from({ length: 1501 }, (_, i) => i + 1),
  );
  assert.equal(slow.all('caughtUp').length >= 2, true, 'it was cut back and caught up');
});

test('[LV-10] a poll that waits is woken by a message, not by a note, and sees what came while it looked', async (t) => {
  const server = await startLive(t);
  await withConversation(server);
  const signal = new AbortController().signal;
  let answered = false;
  const poll = server.live.threadPage(v1, 'c1', { after: 1, limit: 50, wait: 20 }, signal).then((body) => {
    answered = true;
    return JSON.parse(body) as { messages: { seq: number; content: string }[]; lastSeq: number };
  });
  await post(server, 'agent:a1', 'a note', 'note');
  await changeConversation(server.chat, a1, 'c1', { status: 'SNOOZED' });
  await new Promise(setImmediate);
  assert.equal(answered, false);
  await post(server, 'agent:a1', 'for you');
  const page = await poll;
  assert.deepEqual(
    page.messages.map(({ seq, content }) => [seq, content]),
    [[2, 'for you']],
  );
  assert.equal(page.lastSeq, 2);
});
