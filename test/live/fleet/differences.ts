import { setTimeout as aMoment } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Conversation, Message } from '../../../src/protocol/entities.ts';
import { byActivity, gistOf, unreadOf } from '../../../web/shared/conversations.ts';
import { call } from '../../support/call.ts';
import { readAll } from '../../support/ledger.ts';
import type { TestServer } from '../../support/server.ts';
import type { Device } from './device.ts';
import type { Person, Tab } from './tab.ts';

/** A message that somebody sent; `id` is empty while it is being written down. */
export interface Sent {
  readonly id: string;
  readonly conversationId: string;
  readonly content: string;
  readonly device: Device;
}

/** What a person is to see, as the store has it. */
interface Truth {
  readonly conversations: ReadonlyMap<string, Conversation>;
  readonly messages: ReadonlyMap<string, readonly Message[]>;
}

const truthFor = async (server: TestServer, { token }: Person): Promise<Truth> => {
  const asked = await call<{ conversations: Conversation[] }>(
    server,
    'GET',
    '/conversations?limit=500',
    undefined,
    token,
  );
  const as = { url: server.url, adminToken: token } as TestServer;
  const messages = new Map<string, readonly Message[]>();
  for (const { id } of asked.body.conversations) messages.set(id, await readAll(as, id));
  return { conversations: new Map(asked.body.conversations.map((each) => [each.id, each])), messages };
};

const shape = ({ id, seq, kind, content, redacted = false }: Message): unknown[] => [id, seq, kind, content, redacted];

/** Every way in which what people are shown is not what the store holds; none when all is well. */
export const differences = async (
  server: TestServer,
  devices: readonly Device[],
  sent: readonly Sent[],
  rewound: ReadonlySet<string>,
): Promise<string[]> => {
  const found: string[] = [];
  const truths = new Map<Person, Truth>();
  for (const { name, person, tabs } of devices) {
    const truth = truths.get(person) ?? (await truthFor(server, person));
    truths.set(person, truth);
    for (const [index, tab] of tabs.entries()) {
      for (const what of await tabDifferences(tab, truth)) found.push(`tab ${index} of ${name}: ${what}`);
    }
  }
  const agent = devices.find(({ person }) => person.me.type === 'agent')!;
  return [...found, ...sentDifferences(truths.get(agent.person)!, sent, rewound)];
};

const tabDifferences = async (tab: Tab, { conversations, messages }: Truth): Promise<string[]> => {
  const found: string[] = [];
  const { outbox } = tab.client;
  for (const { id, status } of outbox.entries()) if (status !== 'failed') found.push(`${id} is still ${status}`);
  for (const [id, thread] of tab.threads) {
    while (thread.hasOlder && !thread.error) {
      await thread.loadOlder();
      // Where a page is on its way for another reason nothing is asked, and what is on its way must get its turn.
      await aMoment(10);
    }
    const stored = messages.get(id) ?? [];
    const shown = thread.messages;
    if (!isDeepStrictEqual(shown.map(shape), stored.map(shape))) {
      found.push(`${id} shows ${JSON.stringify(shown.map(shape))} for ${JSON.stringify(stored.map(shape))}`);
    }
    const read = readByOthers(conversations.get(id), tab);
    for (const { message, state, entry, content } of thread.items) {
      if (entry && entry.status !== 'failed') found.push(`"${content}" is shown as ${state}`);
      if (!message || state === undefined || message.kind === 'note') continue;
      if ((state === 'read') !== message.seq <= read) found.push(`"${content}" is ${state}, ${read} are read`);
    }
  }
  const row = (each: Conversation): unknown[] => [
    ...[each.id, each.status, each.lastSeq, each.updatedAt, unreadOf(each, tab.me), gistOf(each.lastMessage)],
  ];
  const stored = [...conversations.values()].filter(({ status }) => tab.me.type === 'visitor' || status === 'ACTIVE');
  const [shown, listed] = [tab.shown.rows().map(row), stored.sort(byActivity).map(row)];
  if (!isDeepStrictEqual(shown, listed)) found.push(`lists ${JSON.stringify(shown)} for ${JSON.stringify(listed)}`);
  return found;
};

const readByOthers = (conversation: Conversation | undefined, { me }: Tab): number =>
  Math.max(
    0,
    ...(conversation?.reads ?? [])
      .filter(({ readerType }) => (readerType === 'USER') !== (me.type === 'visitor'))
      .map(({ seq }) => seq),
  );

/** Each message is there once, in the order of writing; or its sender is told that it is not; or it was rewound. */
const sentDifferences = ({ messages }: Truth, sent: readonly Sent[], rewound: ReadonlySet<string>): string[] => {
  const found: string[] = [];
  const stored = [...messages.values()].flat();
  const places = new Map(stored.map((message) => [message.id, message]));
  const last = new Map<string, Sent & { seq: number }>();
  for (const each of sent) {
    const { id, content, conversationId, device } = each;
    const times = stored.filter((message) => message.id === id || message.content === content).length;
    const isFailed = device.storage.entries.get(id)?.status === 'failed';
    if (times > 1) found.push(`"${content}" is there ${times} times`);
    if (times === 0 && !isFailed && !rewound.has(id)) found.push(`"${content}" (${id}) is lost`);
    const seq = places.get(id)?.seq;
    if (seq === undefined || rewound.has(id)) continue;
    const key = `${device.name} ${conversationId}`;
    const before = last.get(key);
    if (before && before.device === device && before.seq > seq)
      found.push(`"${content}" is before "${before.content}"`);
    last.set(key, { ...each, seq });
  }
  return found;
};
