import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { WebSocket } from 'ws';
import type { Actor } from '../../src/domain/access.ts';
import type { Chat } from '../../src/domain/chat.ts';
import { GroupCommit } from '../../src/domain/group-commit.ts';
import type { Store } from '../../src/domain/store.ts';
import { agentEntry, contactEntry } from '../../src/domain/testing/changes.ts';
import { Live } from '../../src/live/live.ts';
import type { ClientFrame, ServerFrame } from '../../src/protocol/frames.ts';
import { MemoryStore } from '../../src/stores/memory/memory-store.ts';
import { undoAfter } from './undo-after.ts';

/** The live layer on a real port, without the rest of the server: a token is `visitor:ID` or `agent:ID`. */
export interface LiveServer {
  readonly chat: Chat;
  readonly live: Live;
  connect(token?: string): Promise<TestSocket>;
}

export const actorOf = (token: string): Actor | null => {
  const [type, id] = token.split(':');
  if (id === undefined) return null;
  if (type === 'visitor') return { type, id };
  return type === 'agent' ? { type, id, role: 'admin' } : null;
};

/** Starts it with the contacts v1, v2 and the agents a1, a2; all is closed when the test is over. */
export const startLive = async (t: TestContext, store: Store = new MemoryStore()): Promise<LiveServer> => {
  const head = await store.open();
  let live: Live | undefined;
  const log = new GroupCommit(store, head, { onCommitted: (batch) => live!.broadcast(batch) });
  const chat = { store, log };
  live = new Live({ chat, log: head.log, position: head.position });
  await log.commit({
    type: 'putEntries',
    mode: 'replace',
    entries: [contactEntry('v1'), contactEntry('v2'), agentEntry('a1'), agentEntry('a2')],
  });
  const server = createServer();
  live.attach(server, {
    authenticate: async () => null,
    authenticateToken: async (token) => actorOf(token),
    addressOf: () => '',
    enter: () => () => {},
    enterAs: () => () => {},
    originAllowed: (request) => request.headers.origin !== 'https://stranger.example',
  });
  await new Promise<void>((resolved) => server.listen(0, '127.0.0.1', resolved));
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/socket`;
  undoAfter(t, async () => {
    await live.close();
    await log.close();
    await store.close();
    server.close();
  });
  return {
    chat,
    live,
    connect: async (token) => {
      const socket = await TestSocket.open(url);
      if (token !== undefined) {
        socket.send({ type: 'hello', token });
        await socket.next('welcome');
      }
      return socket;
    },
  };
};

type Received<T extends ServerFrame['type']> = Extract<ServerFrame, { type: T }>;

/** A WebSocket that keeps every frame, and lets a test await the next of a type. */
export class TestSocket {
  readonly ws: WebSocket;
  readonly frames: ServerFrame[] = [];
  #taken = 0;
  #arrived = (): void => {};
  closeCode: number | undefined;

  private constructor(ws: WebSocket) {
    this.ws = ws;
    ws.on('message', (data) => {
      this.frames.push(JSON.parse((data as Buffer).toString()) as ServerFrame);
      this.#arrived();
    });
    ws.on('close', (code) => {
      this.closeCode = code;
      this.#arrived();
    });
  }

  static async open(
    url: string,
    options: { origin?: string; headers?: Record<string, string> } = {},
  ): Promise<TestSocket> {
    const ws = new WebSocket(url, options);
    const socket = new TestSocket(ws);
    await new Promise((resolved, rejected) => {
      ws.once('open', resolved);
      ws.once('error', rejected);
    });
    return socket;
  }

  send(frame: ClientFrame): void {
    this.ws.send(JSON.stringify(frame));
  }

  sendText(text: string): void {
    this.ws.send(text);
  }

  /** The next frame of this type that was not taken yet; frames of other types before it are passed over. */
  async next<T extends ServerFrame['type']>(
    type: T,
    matches: (frame: Received<T>) => boolean = () => true,
  ): Promise<Received<T>> {
    for (;;) {
      while (this.#taken < this.frames.length) {
        const frame = this.frames[this.#taken]!;
        this.#taken += 1;
        if (frame.type === type && matches(frame as Received<T>)) return frame as Received<T>;
      }
      if (this.closeCode !== undefined) throw new Error(`closed with ${this.closeCode} while waiting for ${type}`);
      await new Promise<void>((resolved) => {
        this.#arrived = resolved;
      });
    }
  }

  async closed(): Promise<number> {
    while (this.closeCode === undefined) {
      await new Promise<void>((resolved) => {
        this.#arrived = resolved;
      });
    }
    return this.closeCode;
  }

  /** Everything that was sent before this call has been answered when it resolves. */
  async settled(): Promise<void> {
    this.send({ type: 'ping' });
    await this.next('pong');
  }

  all<T extends ServerFrame['type']>(type: T): Received<T>[] {
    return this.frames.filter((frame) => frame.type === type) as Received<T>[];
  }

  close(): void {
    this.ws.terminate();
  }
}
