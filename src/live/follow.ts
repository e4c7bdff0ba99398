import { setTimeout as sleep } from 'node:timers/promises';
import type { Actor } from '../domain/access.ts';
import { asGuichetError, type GuichetError } from '../domain/errors.ts';
import type { LogRecord } from '../domain/model/record.ts';
import type { Feed } from './feed.ts';
import type { Hub } from './hub.ts';
import type { Outlet } from './outlet.ts';

/** Of what is read from the store at once. */
export const PAGE = 200;
const RETRY_MS = 1000;

export interface FollowOptions {
  readonly actor: Actor;
  readonly feed: Feed;
  readonly hub: Hub;
  readonly outlet: Outlet;
  /** A message was handed to the connection. */
  readonly sent: (record: LogRecord<'message'>) => void;
  /** The follow is over for good (see `isOver`), or goes on by itself after a pause (any error with retry). */
  readonly failed: (error: GuichetError) => void;
}

/**
 * One connection following something with a cursor that only goes forward.
 *
 * Catching up: pages from the store, while what happens meanwhile is only remembered as "there is more". Live: frames
 * straight from the hub. The step from one to the other is taken in one turn, after a last page that ended where the
 * hub is, so there is neither a gap nor a double. A reader that is too slow goes back to catching up: its frames wait
 * in the store, not in our memory.
 */
export abstract class Follow {
  protected readonly actor: Actor;
  protected readonly feed: Feed;
  protected readonly outlet: Outlet;
  protected readonly sent: (record: LogRecord<'message'>) => void;
  protected state: 'catchingUp' | 'live' | 'stopped' = 'catchingUp';
  readonly #failed: (error: GuichetError) => void;
  #stopListening: () => void = () => {};
  #isReading = false;

  constructor({ actor, feed, outlet, sent, failed }: FollowOptions) {
    this.actor = actor;
    this.feed = feed;
    this.outlet = outlet;
    this.sent = sent;
    this.#failed = failed;
  }

  /**
   * Reads the next page.
   * @returns what sends it, and says whether that was all: in the turn in which it is known, nothing can come between
   */
  protected abstract readPage(): Promise<() => boolean>;
  /** In the same turn: says that the follow is live from here. */
  protected abstract caughtUp(): void;
  /** Whether an error is one behind which nothing can be followed. */
  protected isOver({ code }: GuichetError): boolean {
    return code === 'closing';
  }

  /** From now on the hub is heard, until the follow stops. */
  protected listens(stop: () => void): void {
    this.#stopListening = stop;
  }

  /** Catches up; resolves when live for the first time, or stopped. */
  async start(): Promise<void> {
    // Sent back to the store by what it told when it was live: the reading that is under way goes on.
    if (this.#isReading) return;
    this.#isReading = true;
    while (this.state === 'catchingUp') {
      try {
        await this.#catchUp();
      } catch (cause) {
        const error = asGuichetError(cause);
        this.#failed(error);
        if (this.isOver(error)) this.stop();
        else await sleep(RETRY_MS, undefined, { ref: false });
      }
    }
    this.#isReading = false;
  }

  async #catchUp(): Promise<void> {
    while (this.state === 'catchingUp' && !this.outlet.closed) {
      await this.outlet.drained();
      const send = await this.readPage();
      if (this.state !== 'catchingUp') return;
      if (!send()) continue;
      this.state = 'live';
      this.caughtUp();
    }
    if (this.outlet.closed) this.stop();
  }

  stop(): void {
    this.state = 'stopped';
    this.#stopListening();
  }

  readAgain(): void {
    if (this.state !== 'live') return;
    this.state = 'catchingUp';
    void this.start();
  }

  /** Ephemeral frames are for those who keep up. */
  frame(frame: string): void {
    if (this.state === 'live' && !this.outlet.congested) this.outlet.send(frame);
  }
}
