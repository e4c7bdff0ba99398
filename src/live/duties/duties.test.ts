import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { startLive } from '../../../test/support/live-server.ts';
import { until } from '../../../test/support/until.ts';
import { agent, patch, post, put, start, visitor } from '../../domain/testing/changes.ts';
import { Assigner } from './assigner.ts';

const ON = { id: 'settings', teamName: 'x', greeting: '', accent: null, autoAssign: true } as const;
const ANN = agent('a1');

test('[DK-6] a snooze ends at its time, with an event of the system, also one whose time passed unseen', async (t) => {
  const { chat } = await startLive(t);
  const { log, store } = chat;
  for (const id of ['soon', 'past', 'later', 'open']) await log.commit(start(visitor('v1'), id));
  const snooze = (id: string, ms: number) =>
    log.commit(patch(ANN, id, { status: 'SNOOZED', snoozedUntil: new Date(Date.now() + ms).toISOString() }));
  await snooze('soon', 200);
  await snooze('past', -60_000);
  await snooze('later', 3_600_000);
  await log.commit(patch(ANN, 'open', { status: 'SNOOZED' }));
  const statusOf = async (id: string) => (await store.conversation(id))!.conversation.status;
  await until(async () => (await statusOf('soon')) === 'ACTIVE' && (await statusOf('past')) === 'ACTIVE');
  assert.deepEqual([await statusOf('later'), await statusOf('open')], ['SNOOZED', 'SNOOZED']);
  const { messages } = await store.messages('soon', { limit: 10 });
  const last = messages.at(-1)!.value;
  assert.deepEqual([last.senderType, last.event], ['SYSTEM', { type: 'status', from: 'SNOOZED', to: 'ACTIVE' }]);
});

test('[DK-7] what nobody has goes once to whoever is online and has the fewest, if that is wished', async (t) => {
  const live = await startLive(t);
  const { log, store } = live.chat;
  const holderOf = async (id: string) => (await store.conversation(id))!.conversation.agentId;
  const ask = async (id: string) => {
    const first = { id: `${id}-1`, content: 'hello', sender: { id: 'v1', type: 'USER' as const } };
    await log.commit(start(visitor('v1'), id, { message: first }));
  };
  await live.connect('agent:a1');
  await ask('before');
  await log.commit(put({ kind: 'settings', value: ON }));
  await log.commit(start(ANN, 'held', { userId: 'v1', agentId: 'a1' }));
  await ask('c1');
  await until(async () => (await holderOf('c1')) === 'a1');
  assert.equal(await holderOf('before'), null, 'nothing was assigned while it was off');
  await live.connect('agent:a2');
  await ask('c2');
  await ask('c3');
  await until(async () => (await holderOf('c2')) === 'a2' && (await holderOf('c3')) === 'a2');
  const closed = await log.commit(patch(agent('a2'), 'c2', { status: 'CLOSED' }));
  assert.equal(closed.done.head!.conversation.agentId, 'a2');
  await log.commit(post(visitor('v1'), 'before', 'm2'));
  await until(async () => (await holderOf('before')) === 'a2');
  const { messages } = await store.messages('c1', { limit: 10 });
  assert.equal(messages.filter(({ value }) => value.event?.type === 'agent').length, 1, 'once');
});

test('[DK-7] what has waited is given out when somebody comes, the oldest first and in turns', async (t) => {
  const { chat } = await startLive(t);
  const { log, store } = chat;
  await log.commit(put({ kind: 'settings', value: ON }));
  const ids = ['w1', 'w2', 'w3', 'w4'];
  for (const id of ids) {
    await log.commit(start(visitor('v1'), id));
    await log.commit(post(visitor('v1'), id, `${id}-1`));
    // The next one has waited less.
    await pause(2);
  }
  await log.commit(start(visitor('v1'), 'answered'));
  await log.commit(post(ANN, 'answered', 'answered-1'));
  const online: string[] = [];
  const assigner = new Assigner(chat, { agents: online }, (error) => assert.fail(String(error)), 0);
  t.after(() => assigner.close());
  const given: string[] = [];
  const commit = log.commit.bind(log);
  log.commit = (change) => {
    if (change.type === 'changeConversation') given.push(change.id);
    return commit(change);
  };
  online.push('a1', 'a2');
  assigner.agentCame();
  assigner.agentCame();
  const holders = async () => Promise.all(ids.map(async (id) => (await store.conversation(id))!.conversation.agentId));
  await until(async () => (await holders()).every((holder) => holder !== null));
  assert.deepEqual([given, await holders()], [ids, ['a1', 'a2', 'a1', 'a2']]);
  assert.equal((await store.conversation('answered'))!.conversation.agentId, null);
});

test('[DK-7] an agent without a socket is online while a poll waits, and is given what waits', async (t) => {
  const { chat, live } = await startLive(t);
  await chat.log.commit(put({ kind: 'settings', value: ON }));
  const over = new AbortController();
  const ann = { type: 'agent', id: 'a1', role: 'agent' } as const;
  const { cursor } = JSON.parse(await live.changes({ ...ann, key: 'agent' }, { limit: 10 }, over.signal));
  assert.equal(live.presence.agentsOnline, false, 'a program with a key is nobody');
  const poll = live.changes(ann, { after: cursor, limit: 10, wait: 30 }, over.signal);
  assert.deepEqual(live.presence.agents, ['a1']);
  over.abort();
  await poll;
  assert.deepEqual(live.presence.agents, ['a1'], 'between two polls too');
  await chat.log.commit(start(visitor('v1'), 'c1'));
  await chat.log.commit(post(visitor('v1'), 'c1', 'm1'));
  await until(async () => (await chat.store.conversation('c1'))!.conversation.agentId === 'a1');
});
