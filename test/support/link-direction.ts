import type { Socket } from 'node:net';
import { resetSocket } from './reset-socket.ts';

interface Entry {
  readonly what: Buffer | 'end' | 'reset';
  /** When it goes on at the earliest, by `performance.now()`. */
  readonly due: number;
  held: boolean;
}

/** More than this waiting in one direction, and its sender meets a full network. */
const WAITING_MAX = 1024 * 1024;

/** One direction of a connection: what comes out of one socket goes into the other, in order, when it is let. */
export class LinkDirection {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #waiting: Entry[] = [];
  #bytes = 0;
  #stopped = false;
  #delay = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param onChunk is told of each chunk that arrives, and may {@link hold} it */
  constructor(from: Socket, to: Socket, onChunk: (chunk: Buffer) => void) {
    this.#from = from;
    this.#to = to;
    from.on('data', (chunk: Buffer) => {
      this.#bytes += chunk.length;
      this.#push(chunk, () => onChunk(chunk));
    });
    from.on('end', () => this.#push('end'));
    from.on('error', () => this.#push('reset'));
    to.on('drain', () => this.#pump());
    to.on('close', () => this.#pump());
  }

  /** How it is treated from now on: whether it stands still, and by how many milliseconds each byte is late. */
  set(stopped: boolean, delay: number): void {
    this.#stopped = stopped;
    this.#delay = delay;
    this.#pump();
  }

  /** Holds the chunk that arrived last and what comes behind it. @returns what lets it go */
  hold(): () => void {
    const entry = this.#waiting.at(-1);
    if (entry !== undefined) entry.held = true;
    return () => {
      if (entry !== undefined) entry.held = false;
      this.#pump();
    };
  }

  /** Nothing that waits will ever be delivered. */
  drop(): void {
    clearTimeout(this.#timer);
    this.#waiting.length = 0;
    this.#bytes = 0;
  }

  #push(what: Entry['what'], arrived: () => void = () => {}): void {
    this.#waiting.push({ what, due: performance.now() + this.#delay, held: false });
    arrived();
    this.#pump();
  }

  #pump(): void {
    clearTimeout(this.#timer);
    if (this.#to.destroyed) this.drop();
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (this.#stopped || next.held || this.#to.writableNeedDrain) break;
      const early = next.due - performance.now();
      if (early > 0) {
        this.#timer = setTimeout(() => this.#pump(), early);
        break;
      }
      this.#waiting.shift();
      this.#deliver(next.what);
    }
    if (this.#bytes > WAITING_MAX) this.#from.pause();
    else this.#from.resume();
  }

  #deliver(what: Entry['what']): void {
    if (what === 'end') this.#to.end();
    else if (what === 'reset') resetSocket(this.#to);
    else {
      this.#bytes -= what.length;
      this.#to.write(what);
    }
  }
}
