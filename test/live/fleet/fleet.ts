import { setTimeout as delay } from 'node:timers/promises';
import type { Conversation, Message } from '../../../src/protocol/entities.ts';
import { call } from '../../support/call.ts';
import { asksForSocket } from '../../support/fault-proxy.ts';
import { readAll } from '../../support/ledger.ts';
import { type Copy, rewindTo, takeCopy } from '../../support/rewind.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import type { Scope } from '../../support/temp-dir.ts';
import { Device } from './device.ts';
import { differences, type Sent } from './differences.ts';
import type { Person, Tab } from './tab.ts';

/** What a walk may leap by: a laptop that slept, a clock that is set right, forward or back. */
const LEAPS_MS = [-3_600_000, -5_000, 40_000, 8 * 3_600_000];

type Step = (fleet: Fleet) => Promise<string | undefined>;

/**
 * A server and the devices of several people, through whatever happens to them. Everything is drawn from one random
 * source, so that a seed is a story; only how far each got when the next thing happened is the machine's.
 */
export class Fleet {
  readonly trail: string[] = [];
  readonly #random: () => number;
  readonly #server: TestServer;
  readonly #devices: Device[] = [];
  readonly #sent: Sent[] = [];
  /** Messages that were stored and are not in the past that was gone back to. */
  readonly #rewound = new Set<string>();
  #copy: Copy | undefined;
  #up = true;
  #leap = 0;

  private constructor(server: TestServer, random: () => number) {
    this.#server = server;
    this.#random = random;
  }

  static async start(scope: Scope, random: () => number): Promise<Fleet> {
    const server = await startServer(scope, { flags: ['--snapshot-every=0'] });
    const fleet = new Fleet(server, random);
    const people: [string, Person][] = [];
    for (const name of ['anna', 'bruno']) people.push([name, await newVisitor(server)]);
    for (const name of ['claire', 'denis']) people.push([name, await newAgent(server, name)]);
    // Claire sits at two machines.
    for (const [name, person] of [...people, people[2]!]) {
      fleet.#devices.push(await Device.open(scope, { name, person, url: server.url, random }));
    }
    const { now } = Date;
    Date.now = () => now() + fleet.#leap;
    scope.after(() => {
      Date.now = now;
    });
    return fleet;
  }

  async step(): Promise<void> {
    const step = this.#pick(STEPS);
    const told = await step(this);
    if (told !== undefined) this.trail.push(told);
    await delay(this.#random() * 120);
  }

  /** Ends every fault, and waits until everybody shows what the store holds. Rejects with what differs after a minute. */
  async settle(): Promise<void> {
    for (const { network } of this.#devices) await network.pass();
    if (!this.#up) await this.#restart();
    for (const { client } of this.#tabs) client.connection.wake();
    let found: string[] = [];
    // Looked at ever more rarely: people may read only so much in a minute.
    let pause = 100;
    for (const deadline = performance.now() + 60_000; performance.now() < deadline; await delay(pause)) {
      pause = Math.min(1.3 * pause, 2_000);
      found = await differences(this.#server, this.#devices, this.#sent, this.#rewound);
      if (found.length === 0) return;
    }
    throw new Error(`what is shown and what is stored differ:\n${found.slice(0, 20).join('\n')}`);
  }

  get #tabs(): Tab[] {
    return this.#devices.flatMap(({ tabs }) => tabs);
  }

  #pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.#random() * from.length)]!;
  }

  async #restart(): Promise<void> {
    await this.#server.restart();
    this.#up = true;
  }

  async say(kind: 'message' | 'note' = 'message'): Promise<string | undefined> {
    const device = this.#pick(this.#devices.filter(({ person }) => kind === 'message' || person.me.type === 'agent'));
    const tab = this.#pick(device.tabs);
    const content = `${device.name} ${this.#sent.length}`;
    const known = [...new Set([...tab.shown.rows().map(({ id }) => id), ...tab.threads.keys()])].sort();
    const isVisitor = device.person.me.type === 'visitor';
    if (isVisitor && (known.length === 0 || this.#random() < 0.15)) {
      const conversationId = tab.client.startConversation(content);
      tab.open(conversationId);
      const [entry] = tab.client.outbox.entries(conversationId);
      this.#sent.push({ id: entry!.id, conversationId, content, device });
      return `${device.name} begins ${conversationId.slice(-4)} with "${content}"`;
    }
    if (known.length === 0) return undefined;
    const conversationId = this.#pick(known);
    tab.open(conversationId);
    const sent = { id: '', conversationId, content, device };
    this.#sent.push(sent);
    sent.id = await tab.client.send(conversationId, content, kind);
    return `${device.name} says "${content}" in ${conversationId.slice(-4)}`;
  }

  async read(): Promise<string | undefined> {
    const tab = this.#pick(this.#tabs);
    const rows = tab.shown.rows();
    if (rows.length === 0) return undefined;
    const { id: conversationId } = this.#pick(rows);
    const thread = tab.open(conversationId);
    const seq = Math.ceil(thread.lastSeq * (this.#random() < 0.3 ? 0.6 : 1));
    if (seq > 0) tab.client.read(conversationId, seq);
    return `${tab.me.id.slice(-4)} reads ${conversationId.slice(-4)} up to ${seq}`;
  }

  async moderate(): Promise<string | undefined> {
    if (!this.#up) return undefined;
    const { body } = await call<{ conversations: Conversation[] }>(this.#server, 'GET', '/conversations');
    const { id } = this.#pick(body.conversations) ?? {};
    if (id === undefined) return undefined;
    if (this.#random() < 0.5) {
      await call(this.#server, 'PATCH', `/conversations/${id}`, { status: this.#pick(['CLOSED', 'ACTIVE']) });
      return `${id.slice(-4)} is closed or reopened`;
    }
    const messages: Message[] = await readAll(this.#server, id);
    const { id: messageId } = this.#pick(messages.filter(({ kind }) => kind === 'message'));
    await call(this.#server, 'DELETE', `/conversations/${id}/messages/${messageId}`);
    return `a message of ${id.slice(-4)} is redacted`;
  }

  async spoil(): Promise<string> {
    const { name, network } = this.#pick(this.#devices);
    const [what, spoil] = this.#pick<[string, () => void | Promise<void>]>([
      ['is cut', () => network.cut()],
      ['is reset', () => network.reset()],
      ['loses what goes up', () => network.blackhole('up')],
      ['loses what comes down', () => network.blackhole('down')],
      ['loses everything', () => network.blackhole()],
      ['is late', () => network.delay(400)],
      ['is refused', () => network.refuse()],
      ['knows no sockets', () => network.forbid(asksForSocket)],
      ['is well', () => network.pass()],
      ['is well', () => network.pass()],
      ['is well', () => network.pass()],
    ]);
    await spoil();
    return `the network of ${name} ${what}`;
  }

  async changeTabs(): Promise<string> {
    const device = this.#pick(this.#devices);
    if (device.tabs.length > 1 && this.#random() < 0.6) {
      device.closeTab(this.#pick(device.tabs));
      return `a tab of ${device.name} dies`;
    }
    device.openTab();
    return `${device.name} opens a tab`;
  }

  async leap(): Promise<string> {
    const by = this.#pick(LEAPS_MS);
    this.#leap += by;
    for (const { client } of this.#tabs) client.connection.wake(by > 30_000);
    return `clocks leap by ${by}`;
  }

  async fall(): Promise<string> {
    if (!this.#up) {
      await this.#restart();
      return 'the server is back';
    }
    this.#up = false;
    if (this.#random() < 0.7) {
      await this.#server.kill9();
      return 'the server is killed';
    }
    await this.#server.stop();
    return 'the server is stopped';
  }

  async keepOrRewind(): Promise<string> {
    if (this.#copy === undefined || this.#random() < 0.3) {
      this.#copy = await takeCopy(this.#server.dataDir);
      return 'a backup is made';
    }
    if (this.#up) await this.#server.kill9();
    const before = await takeCopy(this.#server.dataDir);
    for (const id of before.messageIds) if (!this.#copy.messageIds.has(id)) this.#rewound.add(id);
    await rewindTo(this.#copy, this.#server.dataDir);
    await this.#restart();
    return `the server is restored to ${this.#copy.messageIds.size} of ${before.messageIds.size} messages`;
  }
}

/** As often as each stands here. */
const STEPS: readonly Step[] = [
  ...Array.from({ length: 9 }, (): Step => (fleet) => fleet.say()),
  (fleet) => fleet.say('note'),
  ...Array.from({ length: 4 }, (): Step => (fleet) => fleet.read()),
  ...Array.from({ length: 5 }, (): Step => (fleet) => fleet.spoil()),
  ...Array.from({ length: 2 }, (): Step => (fleet) => fleet.moderate()),
  ...Array.from({ length: 2 }, (): Step => (fleet) => fleet.changeTabs()),
  ...Array.from({ length: 2 }, (): Step => (fleet) => fleet.fall()),
  (fleet) => fleet.leap(),
  ...Array.from({ length: 3 }, (): Step => (fleet) => fleet.keepOrRewind()),
];

const newVisitor = async (server: TestServer): Promise<Person> => {
  const { body } = await call<{ visitor: { id: string }; token: string }>(server, 'POST', '/visitors', {});
  const me = { type: 'visitor', id: body.visitor.id, visitor: body.visitor } as Person['me'];
  return { me, token: body.token };
};

const newAgent = async (server: TestServer, name: string): Promise<Person> => {
  const login = { email: `${name}@example.org`, password: 'a long password' };
  await call(server, 'POST', '/agents', { ...login, name, role: 'agent' });
  const { body } = await call<{ agent: { id: string }; token: string }>(server, 'POST', '/sessions', login);
  return { me: { type: 'agent', id: body.agent.id, role: 'agent' }, token: body.token };
};
