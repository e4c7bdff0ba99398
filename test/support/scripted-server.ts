import type { Change, Conversation, Message } from '../../src/protocol/entities.ts';
import type { ClientFrame, ServerFrame } from '../../src/protocol/frames.ts';

/** What the script answers to one HTTP call: a body, or a status with a problem; or it throws, as a lost network. */
export type Answer = { status?: number; body?: unknown; headers?: Record<string, string> };

/**
 * The far end of a client under test, without a network: the test plays the server, frame by frame and call by call.
 * It knows nothing by itself, so a test can also play servers that fail in ways the real one should not.
 */
export class ScriptedServer {
  /** Sockets that the client has opened, oldest first. */
  readonly sockets: ScriptedSocket[] = [];
  readonly calls: { method: string; path: string; query: URLSearchParams; body: unknown }[] = [];
  /** Whether sockets open, or fail as when nobody listens. */
  acceptsSockets = true;
  answer: (method: string, path: string, query: URLSearchParams, body: unknown) => Answer | Promise<Answer> = () => {
    throw new TypeError('fetch failed');
  };
  #watchers: (() => void)[] = [];

  readonly fetch = (async (input: string, init: RequestInit): Promise<Response> => {
    const url = new URL(input, 'http://guichet.test');
    const path = url.pathname.replace('/api/v1', '');
    const method = init.method ?? 'GET';
    const body = init.body === undefined ? undefined : JSON.parse(init.body as string);
    this.calls.push({ method, path, query: url.searchParams, body });
    this.#notify();
    const aborted = new Promise<never>((_, reject) => {
      init.signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')));
    });
    aborted.catch(() => {});
    const answer = await Promise.race([this.answer(method, path, url.searchParams, body), aborted]);
    const status = answer.status ?? 200;
    const text = status === 204 ? null : JSON.stringify(answer.body ?? {});
    return new Response(text, { status, headers: answer.headers ?? {} });
  }) as typeof fetch;

  /** A stand-in for the global of that name, bound to this server. */
  get WebSocket(): typeof WebSocket {
    const adopt = (socket: ScriptedSocket): void => {
      this.sockets.push(socket);
      socket.onFrame = () => this.#notify();
      queueMicrotask(() => {
        if (this.acceptsSockets) socket.opened();
        else socket.drop();
        this.#notify();
      });
    };
    return class extends ScriptedSocket {
      constructor() {
        super();
        adopt(this);
      }
    } as unknown as typeof WebSocket;
  }

  get socket(): ScriptedSocket {
    return this.sockets.at(-1)!;
  }

  /** Resolves as soon as `condition` holds; it is looked at whenever the client does something here. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#watchers.push(resolve));
  }

  #notify(): void {
    for (const watcher of this.#watchers.splice(0)) watcher();
  }
}

export class ScriptedSocket {
  readyState = 0;
  onopen: (() => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  onerror: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onFrame: () => void = () => {};
  /** What the client has sent. */
  readonly frames: ClientFrame[] = [];
  #caughtUpAt: string | undefined;

  opened(): void {
    this.readyState = 1;
    this.onopen?.();
  }

  send(text: string): void {
    const frame = JSON.parse(text) as ClientFrame;
    this.frames.push(frame);
    const cursor = this.#caughtUpAt;
    if (frame.type === 'followInbox' && cursor !== undefined) {
      queueMicrotask(() => this.say({ type: 'caughtUp', cursor }));
    }
    this.onFrame();
  }

  close(): void {
    this.readyState = 3;
    this.onFrame();
  }

  /** The server says something. */
  say(frame: ServerFrame): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }

  /** The connection ends without a word, or with a close code. */
  drop(code = 1006): void {
    this.readyState = 3;
    this.onclose?.({ code });
  }

  sent<T extends ClientFrame['type']>(type: T): Extract<ClientFrame, { type: T }>[] {
    return this.frames.filter((frame): frame is Extract<ClientFrame, { type: T }> => frame.type === type);
  }

  /** Welcomes the client; when it asks for the feed it is told that it is caught up at `cursor`. */
  welcome(cursor: string, log = 'log.0'): void {
    this.#caughtUpAt = cursor;
    const visitor = { id: 'v1', name: null, email: null, locale: null, createdAt: '2026-01-01T00:00:00.000Z' };
    const me = { type: 'visitor', id: 'v1', visitor } as const;
    this.say({ type: 'welcome', me, cursor, log, serverTime: '2026-01-01T00:00:00.000Z' });
  }
}

/** A stored message of conversation `c1`. */
export const aMessage = (seq: number, more: Partial<Message> = {}): Message => ({
  id: `m${seq}`,
  conversationId: 'c1',
  seq,
  kind: 'message',
  senderId: 'a1',
  senderType: 'AGENT',
  content: `text ${seq}`,
  createdAt: '2026-01-01T00:00:00.000Z',
  durable: true,
  ...more,
});

/** That conversation as a list shows it. */
export const aConversation = (more: Partial<Conversation> = {}): Conversation => ({
  id: 'c1',
  subject: null,
  status: 'ACTIVE',
  userId: 'v1',
  agentId: null,
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
  lastSeq: 3,
  unread: 0,
  ...more,
});

/** A conversation as the feed tells it, without what only lists say. */
export const bare = (conversation: Conversation): Change => {
  const { unread: _, ...rest } = conversation;
  return { cursor: '', kind: 'conversation', conversation: rest };
};

export const aProblem = (status: number, code: string, retry: 'now' | 'later' | 'never'): Answer => ({
  status,
  body: { type: 'about:blank', title: code, status, code, retry },
});
