import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { LinkDirection } from './link-direction.ts';
import { resetSocket } from './reset-socket.ts';
import type { Scope } from './temp-dir.ts';
import { undoAfter } from './undo-after.ts';

/** `up` runs from the client to the server, `down` from the server to the client. */
export type Direction = 'up' | 'down';

/** Picks bytes by what is in them, as they came off the network: a chunk may hold a part of a frame, or several. */
export type Matches = (chunk: Buffer) => boolean;

/** A chunk that does not go on, and with it all that comes behind it on its way. */
export interface Held {
  readonly chunk: Buffer;
  /** Delivers it after all, also when its sender has given up by now. */
  release(): void;
}

interface Link {
  readonly client: Socket;
  readonly server: Socket;
  readonly up: LinkDirection;
  readonly down: LinkDirection;
  /** Whether blackholes and delays are for this one. */
  meant: boolean;
}

export interface FaultProxyOptions {
  /** Blackholes and delays are for connections only whose client has sent this, such as {@link asksForSocket}. */
  readonly only?: Matches;
}

/** A request to go over from HTTP to WebSocket: browsers make it on a connection of its own. */
export const asksForSocket: Matches = (chunk) => /^upgrade: *websocket\r$/im.test(chunk.toString('latin1'));

const BOTH: readonly Direction[] = ['up', 'down'];

/**
 * A TCP proxy in front of a server, that treats its clients as bad networks do: a store's database, a browser's
 * server, anything. Faults meet the connections that are open as well as those to come, until {@link pass}.
 */
export class FaultProxy {
  readonly #target: URL;
  readonly #only: Matches | undefined;
  readonly #listener: Server;
  readonly #links = new Set<Link>();
  readonly #traps: { direction: Direction; meets: (link: Link, chunk: Buffer) => boolean }[] = [];
  readonly #stopped: Record<Direction, boolean> = { up: false, down: false };
  readonly #delay: Record<Direction, number> = { up: 0, down: 0 };
  #refuses = false;
  #forbidden: Matches | undefined;
  #port = 0;

  private constructor(target: URL, { only }: FaultProxyOptions) {
    this.#target = target;
    this.#only = only;
    // A client that ends its half still hears the answer, as without a proxy.
    this.#listener = createServer({ allowHalfOpen: true }, (client) => this.#join(client));
  }

  /** @param url whatever names host and port: `http://127.0.0.1:8080`, `postgres://user@127.0.0.1:5432/chat` */
  static async start(scope: Scope, url: string, options: FaultProxyOptions = {}): Promise<FaultProxy> {
    const proxy = new FaultProxy(new URL(url), options);
    await proxy.#listen();
    undoAfter(scope, async () => {
      proxy.reset();
      await proxy.#unlisten();
    });
    return proxy;
  }

  /** The URL it was started with, by way of the proxy. */
  get url(): string {
    const url = new URL(this.#target);
    url.port = `${this.#port}`;
    // A URL without a path has none afterwards either: paths are put behind it.
    return url.pathname === '/' ? url.origin : url.href;
  }

  /** Connections that are open on the client's side. */
  get connections(): number {
    return [...this.#links].filter(({ client }) => !client.destroyed).length;
  }

  /** Ends every fault; what was held back by {@link blackhole} or {@link delay} goes on, in order. */
  async pass(): Promise<void> {
    for (const direction of BOTH) {
      this.#stopped[direction] = false;
      this.#delay[direction] = 0;
    }
    this.#forbidden = undefined;
    this.#applyToLinks();
    if (this.#refuses) await this.#listen();
    this.#refuses = false;
  }

  /** Ends every connection in order, on both sides; new ones are taken. */
  cut(): void {
    for (const { client, server } of this.#links) {
      client.end(() => client.destroy());
      server.end(() => server.destroy());
    }
  }

  /** Ends every connection by RST, on both sides; new ones are taken. */
  reset(): void {
    for (const link of this.#links) this.#resetLink(link);
  }

  /** The same, and new connections are refused as if nobody listened. */
  async refuse(): Promise<void> {
    this.#refuses = true;
    await this.#unlisten(() => this.reset());
  }

  /** Resets each connection whose client sends this, as proxies do that do not know what it means. */
  forbid(matches: Matches): void {
    this.#forbidden = matches;
  }

  /** Bytes of this direction get lost on the way; as with TCP they come, late, when the network is back. */
  blackhole(...directions: readonly Direction[]): void {
    for (const direction of directions.length > 0 ? directions : BOTH) this.#stopped[direction] = true;
    this.#applyToLinks();
  }

  /** Every byte takes so many milliseconds longer. */
  delay(milliseconds: number, ...directions: readonly Direction[]): void {
    for (const direction of directions.length > 0 ? directions : BOTH) this.#delay[direction] = milliseconds;
    this.#applyToLinks();
  }

  /** Holds the next chunk that matches; its connection goes on in the other direction. */
  hold(direction: Direction, matches: Matches): Promise<Held> {
    return new Promise((resolve) => {
      this.#trap(direction, (link, chunk) => {
        if (!matches(chunk)) return false;
        resolve({ chunk, release: link[direction].hold() });
        return true;
      });
    });
  }

  /**
   * Lets the next request that matches through, such as a COMMIT, swallows what the server answers, and resets the
   * connection: the deed is done and the client cannot know. Resolves when it has happened.
   */
  dropReply(matches: Matches): Promise<void> {
    return new Promise((resolve) => {
      this.#trap('up', (asked, chunk) => {
        if (!matches(chunk)) return false;
        this.#trap('down', (link) => {
          if (link !== asked) return false;
          link.down.hold();
          this.#resetLink(link);
          resolve();
          return true;
        });
        return true;
      });
    });
  }

  #trap(direction: Direction, meets: (link: Link, chunk: Buffer) => boolean): void {
    this.#traps.push({ direction, meets });
  }

  #spring(direction: Direction, link: Link, chunk: Buffer): void {
    for (const trap of [...this.#traps]) {
      if (trap.direction === direction && trap.meets(link, chunk)) this.#traps.splice(this.#traps.indexOf(trap), 1);
    }
  }

  #join(client: Socket): void {
    const server = connect({
      host: this.#target.hostname,
      port: Number(this.#target.port),
      allowHalfOpen: true,
      noDelay: true,
    });
    client.setNoDelay(true);
    const link: Link = {
      client,
      server,
      up: new LinkDirection(client, server, (chunk) => this.#asked(link, chunk)),
      down: new LinkDirection(server, client, (chunk) => this.#spring('down', link, chunk)),
      meant: this.#only === undefined,
    };
    this.#links.add(link);
    this.#applyTo(link);
    for (const socket of [client, server]) {
      socket.on('close', () => {
        if (client.destroyed && server.destroyed) this.#links.delete(link);
      });
    }
  }

  #asked(link: Link, chunk: Buffer): void {
    if (this.#forbidden?.(chunk)) this.#resetLink(link);
    else if (!link.meant && this.#only?.(chunk)) {
      link.meant = true;
      this.#applyTo(link);
    }
    this.#spring('up', link, chunk);
  }

  #resetLink({ client, server, up, down }: Link): void {
    up.drop();
    down.drop();
    resetSocket(client);
    resetSocket(server);
  }

  #applyTo(link: Link): void {
    if (!link.meant) return;
    for (const direction of BOTH) link[direction].set(this.#stopped[direction], this.#delay[direction]);
  }

  #applyToLinks(): void {
    for (const link of this.#links) this.#applyTo(link);
  }

  async #listen(): Promise<void> {
    this.#listener.listen(this.#port, '127.0.0.1');
    await once(this.#listener, 'listening');
    const address = this.#listener.address();
    if (typeof address === 'object' && address !== null) this.#port = address.port;
  }

  /** Resolves when nothing listens and no connection is left. */
  async #unlisten(thenEnd: () => void = () => {}): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#listener.close(() => resolve()));
    thenEnd();
    await closed;
  }
}
