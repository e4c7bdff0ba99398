import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ImportItem } from '../../../domain/change.ts';
import { SimulatedDisk } from '../testing/simulated-disk.ts';
import type { Unreadable } from './element-reader.ts';
import { readPlainFiles } from './plain-files.ts';

type MessageItem = Extract<ImportItem, { type: 'message' }>;

const readAll = async (
  files: { conversations?: string | Buffer; messages?: string | Buffer },
  timezone = 'Europe/Paris',
): Promise<{ items: ImportItem[]; messages: MessageItem[]; problems: Unreadable[] }> => {
  const disk = new SimulatedDisk();
  await disk.makeDirectory('/in');
  for (const [name, text] of Object.entries(files)) disk.put(`/in/${name}.json`, Buffer.from(text));
  const items: ImportItem[] = [];
  const problems: Unreadable[] = [];
  for await (const item of readPlainFiles('/in', { disk, timezone, onUnreadable: (p) => void problems.push(p) }))
    items.push(item);
  return { items, problems, messages: items.filter((item) => item.type === 'message') };
};

const conversations = {
  c1: { id: 'c1', userId: 'u1', agentId: 'a1', subject: 'Été', status: 'CLOSED', createdAt: '2025-01-06T08:00:00.000' },
  c2: { createdAt: 1736150434144, status: 'WHATEVER', userId: 'u2' },
};
const message = (id: string, more: object = {}) => ({
  id,
  senderId: 'u1',
  senderType: 'USER',
  content: `text "of" ${id} \\ }],[{`,
  createdAt: '2025-01-06T08:00:34.144',
  ...more,
});

test('[FS-50] a conversation and its people come before its messages, with their own ids and times', async () => {
  const { items, problems } = await readAll({
    conversations: JSON.stringify(conversations),
    messages: JSON.stringify({ c1: [message('m1'), message('m2', { senderType: 'AGENT', senderId: 'a2' })], c2: [] }),
  });
  assert.deepEqual(problems, []);
  assert.deepEqual(
    items.map((item) => `${item.type} ${'value' in item ? item.value.id : item.id}`),
    [
      'contact u1',
      'agent a1',
      'conversation c1',
      'contact u2',
      'conversation c2',
      'message m1',
      'agent a2',
      'message m2',
    ],
  );
  const agent = items[1];
  assert.ok(agent?.type === 'agent' && !agent.value.active && agent.value.email === null);
  const { type: _, ...first } = items[2] as Extract<ImportItem, { type: 'conversation' }>;
  assert.deepEqual(first, { ...conversations.c1, createdAt: '2025-01-06T07:00:00.000Z' });
  assert.deepEqual(items[4], {
    ...{ type: 'conversation', id: 'c2', subject: null, status: 'ACTIVE', userId: 'u2', agentId: null },
    createdAt: '2025-01-06T08:00:34.144Z',
  });
});

test('[FS-50] the same in snake_case, as arrays, in any order of keys, indented, on lines of their own', async () => {
  const snake = [{ created_at: '2025-01-06 09:00:00', user_id: 7, agent_id: 'a1', id: 'c1' }];
  const flat = [
    {
      created_at: [2025, 1, 6, 9, 0, 34],
      content: 'hello',
      sender_type: 'customer',
      sender_id: 7,
      conversation_id: 'c1',
      id: 12,
    },
    { conversation_id: 'c9', sender_id: 'z', sender_type: 'USER', content: 'no conversation describes me', id: 13 },
  ];
  for (const space of [undefined, 2, '\t\r\n']) {
    const { messages, items, problems } = await readAll({
      conversations: `\ufeff${JSON.stringify(snake, null, space)}`,
      messages: JSON.stringify(flat, null, space),
    });
    assert.deepEqual(problems, []);
    assert.deepEqual(messages[0], {
      ...{ type: 'message', id: '12', conversationId: 'c1', senderId: '7', senderType: 'USER', content: 'hello' },
      createdAt: '2025-01-06T08:00:34.000Z',
    });
    const orphan = items.find((item) => item.type === 'conversation' && item.id === 'c9');
    assert.ok(orphan?.type === 'conversation' && orphan.userId === 'z');
  }
});

test('[FS-51] what has no id gets one that is the same each time; empty and over-long contents are kept', async () => {
  const long = 'x'.repeat(70_000);
  const files = {
    conversations: JSON.stringify({ c1: { userId: 'u1' } }),
    messages: JSON.stringify({
      c1: [message('', { content: '' }), message('', { content: long }), { text: 'bare' }, { content: { a: 1 } }],
    }),
  };
  const first = await readAll(files);
  assert.deepEqual((await readAll(files)).items, first.items);
  assert.deepEqual(
    first.messages.map(({ content }) => content),
    ['', long, 'bare', '{"a":1}'],
  );
  assert.equal(new Set(first.messages.map(({ id }) => id)).size, 4);
  for (const { id } of first.messages) assert.match(id, /^adopted-[A-Za-z0-9_-]{32}$/);
  // A message without a time stands at the time of the one before it.
  assert.equal(first.messages[2]!.createdAt, first.messages[1]!.createdAt);
  assert.deepEqual([first.messages[2]!.senderId, first.messages[2]!.senderType], ['system', 'SYSTEM']);
});

test('[FS-53] a file cut at any place yields every whole element in front of the cut, and says where it was cut', async () => {
  const whole = JSON.stringify({
    c1: [message('m1'), message('m2')],
    c2: [message('m3'), message('m4', { content: 'é😀' })],
  });
  const bytes = Buffer.from(whole);
  const all = (await readAll({ messages: bytes })).messages;
  assert.equal(all.length, 4);
  const ends = all.map((item) => {
    const at = bytes.indexOf(`"id":"${item.id}"`);
    return bytes.indexOf('"}', at) + 2;
  });
  for (let cut = 0; cut < bytes.length; cut += 1) {
    const { messages, problems } = await readAll({ messages: bytes.subarray(0, cut) });
    assert.deepEqual(
      messages.map(({ id }) => id),
      all.filter((_, i) => ends[i]! <= cut).map(({ id }) => id),
      `cut at ${cut}`,
    );
    assert.equal(problems.length, 1, `cut at ${cut}`);
    assert.ok(problems[0]!.offset <= cut);
  }
});

test('[FS-53] cut at each sixteenth, a large file on one line yields all but one message in front of the cut', async () => {
  const threads = Object.fromEntries(
    Array.from({ length: 40 }, (_, c) => [
      `c${c}`,
      Array.from({ length: 20 }, (_, m) => message(`c${c}-m${m}`, { subject: 's'.repeat(1500) })),
    ]),
  );
  const bytes = Buffer.from(JSON.stringify(threads));
  assert.ok(bytes.length > 1024 * 1024, 'more than one chunk');
  for (let sixteenth = 1; sixteenth <= 16; sixteenth += 1) {
    const cut = Math.floor((bytes.length * sixteenth) / 16);
    const { messages, problems } = await readAll({ messages: bytes.subarray(0, cut) });
    const begun = bytes.subarray(0, cut).toString().split('{"id"').length - 1;
    assert.ok(messages.length >= begun - 1 && messages.length <= begun, `${messages.length} of ${begun}`);
    assert.equal(problems.length, sixteenth === 16 ? 0 : 1);
  }
});

test('[FS-53] behind bytes that are no element the reading goes on, in the right conversation', async () => {
  const whole = JSON.stringify({
    c1: [message('m1'), message('m2'), message('m3')],
    c2: [message('m4'), message('m5')],
  });
  for (const [spoil, expected] of [
    // A brace, a quote, a comma, a whole stretch; at last a key, whose messages could be anybody's.
    [whole.replace('{"id":"m2"', '"id":"m2"'), ['m1', 'm3', 'm4', 'm5']],
    [whole.replace('"id":"m2","senderId"', '"id":"m2,"senderId"'), ['m1', 'm3', 'm4', 'm5']],
    [whole.replace('},{"id":"m3"', '}{"id":"m3"'), ['m1', 'm2', 'm3', 'm4', 'm5']],
    [whole.replace(/\{"id":"m2".*?"m3"/, '\u0000\u0000\u0000'), ['m1', 'm4', 'm5']],
    [whole.replace('"c2":[', 'c2[['), ['m1', 'm2', 'm3']],
  ] as const) {
    assert.notEqual(spoil, whole);
    const { messages, problems } = await readAll({ messages: spoil });
    assert.deepEqual(
      messages.map(({ id }) => id),
      expected,
      spoil.slice(0, 300),
    );
    for (const { id, conversationId } of messages) {
      assert.equal(conversationId, id === 'm4' || id === 'm5' ? 'c2' : 'c1');
    }
    if (expected.length < 5) assert.ok(problems.length > 0);
  }
});

test('[FS-53] what is no element at all is reported, with file and byte', async () => {
  for (const [text, reason] of [
    ['', /empty/],
    ['"text"', /neither an object nor an array/],
    ['{"c1":[1,"two",null]}', /not an object/],
    ['[{"content":"nowhere"}]', /which conversation/],
  ] as const) {
    const { items, problems } = await readAll({ messages: text });
    assert.deepEqual(items, []);
    assert.match(problems[0]!.reason, reason);
    assert.equal(problems[0]!.file, '/in/messages.json');
  }
});
