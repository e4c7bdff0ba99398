import { randomUUIDv7 } from 'node:crypto';
import { WebSocket } from 'ws';

/** Two connected ends: what `a` sends is delivered to `b` and acknowledged to `a`. */
export interface Pair {
  readonly a: BenchSocket;
  readonly b: BenchSocket;
  readonly conversationId: string;
}

/** A WebSocket whose frames of one turn leave in one write, so that the client is no bottleneck of its own. */
export class BenchSocket {
  readonly #ws: WebSocket;
  #corked = false;
  onFrame: (frame: { type: string; ref?: number; message?: { id: string } }) => void = () => {};

  private constructor(ws: WebSocket) {
    this.#ws = ws;
    ws.on('message', (data) => this.onFrame(JSON.parse((data as Buffer).toString())));
  }

  static async open(url: string): Promise<BenchSocket> {
    const ws = new WebSocket(url, { perMessageDeflate: false });
    const socket = new BenchSocket(ws);
    await new Promise((resolved, rejected) => {
      ws.once('open', resolved);
      ws.once('error', rejected);
    });
    return socket;
  }

  send(text: string): void {
    const raw = (this.#ws as unknown as { _socket: import('node:net').Socket })._socket;
    if (!this.#corked) {
      this.#corked = true;
      raw.cork();
      process.nextTick(() => {
        this.#corked = false;
        raw.uncork();
      });
    }
    this.#ws.send(text);
  }

  /** Resolves with the first frame of a type. */
  next(type: string): Promise<unknown> {
    return new Promise((resolved) => {
      this.onFrame = (frame) => {
        if (frame.type === type) resolved(frame);
      };
    });
  }

  close(): void {
    this.#ws.terminate();
  }
}

/**
 * Closed loop: each pair keeps `window` messages under way; one is over when `b` has it and `a` is acknowledged.
 * @returns milliseconds from send to delivery of each message within the measured time
 */
export const drive = async (pairs: readonly Pair[], window: number, seconds: number): Promise<number[]> => {
  const content = 'x'.repeat(200);
  const latencies: number[] = [];
  const warmUntil = performance.now() + 500;
  const until = warmUntil + seconds * 1000;
  await Promise.all(
    pairs.map(
      ({ a, b, conversationId }) =>
        new Promise<void>((resolved) => {
          let ref = 0;
          let underWay = 0;
          const started = new Map<string, number>();
          const halfDone = new Set<string>();
          const idOf = new Map<number, string>();
          const post = (): void => {
            ref += 1;
            const id = randomUUIDv7();
            underWay += 1;
            started.set(id, performance.now());
            idOf.set(ref, id);
            a.send(JSON.stringify({ type: 'post', ref, conversationId, id, content }));
          };
          const half = (id: string): void => {
            if (!halfDone.delete(id)) {
              halfDone.add(id);
              return;
            }
            underWay -= 1;
            if (performance.now() < until) post();
            else if (underWay === 0) resolved();
          };
          a.onFrame = (frame) => {
            if (frame.type === 'error') throw new Error(`refused: ${JSON.stringify(frame)}`);
            if (frame.type !== 'posted') return;
            const id = idOf.get(frame.ref!)!;
            idOf.delete(frame.ref!);
            half(id);
          };
          b.onFrame = (frame) => {
            if (frame.type !== 'message') return;
            const { id } = frame.message!;
            const now = performance.now();
            if (now >= warmUntil && now < until) latencies.push(now - started.get(id)!);
            started.delete(id);
            half(id);
          };
          for (let i = 0; i < window; i++) post();
        }),
    ),
  );
  return latencies;
};
