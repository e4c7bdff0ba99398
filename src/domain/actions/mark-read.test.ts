import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryStore } from '../../stores/memory/memory-store.ts';
import type { Actor } from '../access.ts';
import { GroupCommit } from '../group-commit.ts';
import { markOf } from '../model/conversation.ts';
import { agentEntry, contactEntry, note, post, put, start } from '../testing/changes.ts';
import { ANNA, BRUNO, CLAIRE, ROOT } from '../testing/ledger.ts';
import { markRead } from './mark-read.ts';

/** Seqs 1 to 5: note, message, note, message, note. What a visitor calls 1 and 2 are 2 and 4. */
const begun = async () => {
  const store = new MemoryStore();
  const log = new GroupCommit(store, await store.open());
  const changes = [
    put(contactEntry('anna'), contactEntry('bruno'), agentEntry('claire')),
    start(ANNA, 'c1'),
    start(ANNA, 'empty'),
    note(ROOT, 'c1', 'n1'),
    post(ROOT, 'c1', 'm1'),
    note(ROOT, 'c1', 'n2'),
    post(ROOT, 'c1', 'm2'),
    note(ROOT, 'c1', 'n3'),
  ];
  await Promise.all(changes.map((change) => log.commit(change)));
  const chat = { store, log };
  const read = (actor: Actor, seq: number, id = 'c1') => markRead(chat, actor, id, seq);
  const marked = async (actor: Actor, id = 'c1') => {
    const readerType = actor.type === 'visitor' ? 'USER' : 'AGENT';
    const mark = markOf((await store.conversation(id))!.reads, { readerType, readerId: actor.id });
    return mark && [mark.seq, mark.publicSeq];
  };
  return { read, marked };
};

test('[LG-24] a visitor counts in publicSeq, an agent in seq, and both mean messages', async () => {
  const { read, marked } = await begun();
  await read(ANNA, 1);
  assert.deepEqual(await marked(ANNA), [2, 1]);
  await read(ANNA, 2);
  assert.deepEqual(await marked(ANNA), [4, 2]);
  await read(CLAIRE, 3);
  assert.deepEqual(await marked(CLAIRE), [3, 1]);
  await read(CLAIRE, 2);
  assert.deepEqual(await marked(CLAIRE), [3, 1]);
});

test('[LG-24] past the end means the end, and an empty conversation has nothing to read', async () => {
  const { read, marked } = await begun();
  await read(ANNA, 1_000_000);
  assert.deepEqual(await marked(ANNA), [4, 2]);
  await read(CLAIRE, 1_000_000);
  assert.deepEqual(await marked(CLAIRE), [5, 2]);
  await read(ANNA, 7, 'empty');
  assert.equal(await marked(ANNA, 'empty'), undefined);
});

test('[LG-16] another’s conversation and one that is not there cannot be read', async () => {
  const { read } = await begun();
  await assert.rejects(() => read(BRUNO, 1), { code: 'not_found' });
  await assert.rejects(() => read(BRUNO, 1, 'nowhere'), { code: 'not_found' });
});
