import { setTimeout as sleep } from 'node:timers/promises';
import type { Actor } from '../domain/access.ts';
import { asGuichetError, type GuichetError } from '../domain/errors.ts';
import type { LogRecord } from '../domain/model/record.ts';
import type { ChangePlace, Feed } from './feed.ts';
import type { Hub, InboxListener, Item } from './hub.ts';
import type { Outlet } from './outlet.ts';

const PAGE = 200;
const RETRY_MS = 1000;

/**
 * One connection following the change feed: the same two states as {@link ThreadFollow}, with the position of the log
 * as cursor. Towards a visitor the cursor that is told only moves when something happened that they may see.
 */
export class InboxFollow implements InboxListener {
  readonly #actor: Actor;
  readonly #feed: Feed;
  readonly #hub: Hub;
  readonly #outlet: Outlet;
  readonly #sent: (record: LogRecord<'message'>) => void;
  readonly #failed: (error: GuichetError) => void;
  readonly #stopListening: () => void;
  #place: ChangePlace;
  #state: 'catchingUp' | 'live' | 'stopped' = 'catchingUp';

  constructor(options: {
    actor: Actor;
    place: ChangePlace;
    feed: Feed;
    hub: Hub;
    outlet: Outlet;
    sent: (record: LogRecord<'message'>) => void;
    failed: (error: GuichetError) => void;
  }) {
    this.#actor = options.actor;
    this.#place = options.place;
    this.#feed = options.feed;
    this.#hub = options.hub;
    this.#outlet = options.outlet;
    this.#sent = options.sent;
    this.#failed = options.failed;
    const visitorId = options.actor.type === 'visitor' ? options.actor.id : undefined;
    this.#stopListening = options.hub.listenToInbox(visitorId, this);
  }

  /** The cursor the client was last told. */
  get cursor(): string {
    return this.#place.cursor;
  }

  /** Catches up; resolves when live for the first time, or stopped. */
  async start(): Promise<void> {
    while (this.#state === 'catchingUp') {
      try {
        await this.#catchUp();
      } catch (cause) {
        const error = asGuichetError(cause);
        this.#failed(error);
        if (error.code === 'closing') this.stop();
        else await sleep(RETRY_MS, undefined, { ref: false });
      }
    }
  }

  stop(): void {
    this.#state = 'stopped';
    this.#stopListening();
  }

  async #catchUp(): Promise<void> {
    while (this.#state === 'catchingUp' && !this.#outlet.closed) {
      await this.#outlet.drained();
      const page = await this.#feed.changes(this.#actor, this.#place, PAGE);
      if (this.#state !== 'catchingUp') return;
      for (const body of page.bodies) this.#outlet.send(changeFrame(body));
      for (const message of page.messages) this.#sent(message);
      this.#place = { position: page.through, cursor: page.cursor };
      if (page.more || this.#hub.position > page.through) continue;
      this.#state = 'live';
      this.#outlet.send(JSON.stringify({ type: 'caughtUp', cursor: this.#place.cursor }));
    }
    if (this.#outlet.closed) this.stop();
  }

  item(item: Item): void {
    const { record } = item;
    if (this.#state !== 'live' || record.position <= this.#place.position) return;
    if (this.#outlet.congested) {
      this.readAgain();
      return;
    }
    const body = this.#feed.body(this.#actor, record, item.head, item.durable);
    if (body === undefined) return;
    this.#outlet.send(changeFrame(body));
    this.#place = { position: record.position, cursor: cursorIn(body) };
    if (record.is('message')) this.#sent(record);
  }

  readAgain(): void {
    if (this.#state !== 'live') return;
    this.#state = 'catchingUp';
    void this.start();
  }

  frame(frame: string): void {
    if (this.#state === 'live' && !this.#outlet.congested) this.#outlet.send(frame);
  }
}

const changeFrame = (body: string): string => `{"type":"change",${body}`;

/** The cursor at the head of a change; it holds no quote. */
const cursorIn = (body: string): string => body.slice(10, body.indexOf('"', 10));
