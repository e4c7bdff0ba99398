import { setTimeout as sleep } from 'node:timers/promises';
import type { Actor } from '../domain/access.ts';
import { asGuichetError, type GuichetError } from '../domain/errors.ts';
import type { LogRecord } from '../domain/model/record.ts';
import type { Feed } from './feed.ts';
import { type Hub, type Item, messageFrame, type ThreadListener } from './hub.ts';
import type { Outlet } from './outlet.ts';
import { type Audience, audienceFor, readView } from './wire.ts';

const PAGE = 200;
const RETRY_MS = 1000;

/**
 * One connection following one conversation: a cursor that only goes forward.
 *
 * Catching up: pages from the store, while what happens meanwhile is only remembered as "there is more". Live: frames
 * straight from the hub. The step from one to the other is taken in one turn, after a last page that ended where the
 * hub is, so there is neither a gap nor a double. A reader that is too slow goes back to catching up: its frames wait
 * in the store, not in our memory.
 */
export class ThreadFollow implements ThreadListener {
  readonly audience: Audience;
  readonly actorId: string;
  readonly conversationId: string;
  readonly #actor: Actor;
  readonly #feed: Feed;
  readonly #outlet: Outlet;
  readonly #sent: (record: LogRecord<'message'>) => void;
  readonly #failed: (error: GuichetError) => void;
  readonly #stopListening: () => void;
  /** Seq of the last message sent, in the numbers of the audience. */
  #cursor: number;
  readonly #isDurable: (record: LogRecord) => boolean;
  #state: 'catchingUp' | 'live' | 'stopped' = 'catchingUp';
  /** Highest seq that came by while catching up. */
  #missed = 0;
  /** Redactions that came by while catching up: a page read just before would still show the text. */
  #redacted: Item[] = [];

  constructor(options: {
    actor: Actor;
    conversationId: string;
    after: number;
    feed: Feed;
    hub: Hub;
    outlet: Outlet;
    isDurable: (record: LogRecord) => boolean;
    /** A message was handed to the connection. */
    sent: (record: LogRecord<'message'>) => void;
    /** The follow is over for good (`not_found`), or goes on by itself after a pause (any error with retry). */
    failed: (error: GuichetError) => void;
  }) {
    this.#actor = options.actor;
    this.audience = audienceFor(options.actor);
    this.actorId = options.actor.id;
    this.conversationId = options.conversationId;
    this.#cursor = options.after;
    this.#feed = options.feed;
    this.#outlet = options.outlet;
    this.#isDurable = options.isDurable;
    this.#sent = options.sent;
    this.#failed = options.failed;
    this.#stopListening = options.hub.listenToThread(options.conversationId, this);
  }

  /** Catches up; resolves when live for the first time, or stopped. */
  async start(): Promise<void> {
    while (this.#state === 'catchingUp') {
      try {
        await this.#catchUp();
      } catch (cause) {
        const error = asGuichetError(cause);
        this.#failed(error);
        if (error.code === 'not_found' || error.code === 'closing') this.stop();
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
      const page = await this.#feed.thread(this.#actor, this.conversationId, { after: this.#cursor, limit: PAGE });
      if (this.#state !== 'catchingUp') return;
      // A cursor ahead of the conversation comes from a log that was rewound: what will follow is still news.
      this.#cursor = Math.min(this.#cursor, page.lastSeq);
      for (const record of page.messages)
        this.#send(record, messageFrame(record, this.audience, this.#isDurable(record)));
      if (page.hasMore || this.#missed > this.#cursor) continue;
      this.#state = 'live';
      for (const item of this.#redacted.splice(0)) this.item(item);
      const { conversationId } = this;
      this.#outlet.send(JSON.stringify({ type: 'caughtUp', conversationId, lastSeq: this.#cursor }));
    }
    if (this.#outlet.closed) this.stop();
  }

  item(item: Item): void {
    const { record } = item;
    if (record.is('message')) this.#message(item, record);
    else if (record.is('read')) this.frame(JSON.stringify({ type: 'read', ...readView(record.value, this.audience) }));
  }

  #message(item: Item, record: LogRecord<'message'>): void {
    const seq = this.#seqOf(record);
    if (this.#outlet.congested) this.readAgain();
    if (this.#state === 'catchingUp') {
      this.#missed = Math.max(this.#missed, seq);
      if (record.value.redacted) this.#redacted.push(item);
      return;
    }
    // Behind the cursor only a redaction is news; the rest came with a page that was read before this turn.
    if (seq > this.#cursor || record.value.redacted) this.#send(record, item.messageFrame(record, this.audience));
  }

  readAgain(): void {
    if (this.#state !== 'live') return;
    this.#state = 'catchingUp';
    this.#missed = 0;
    void this.start();
  }

  /** Ephemeral frames are for those who keep up. */
  frame(frame: string): void {
    if (this.#state === 'live' && !this.#outlet.congested) this.#outlet.send(frame);
  }

  #send(record: LogRecord<'message'>, frame: string): void {
    this.#cursor = Math.max(this.#cursor, this.#seqOf(record));
    this.#outlet.send(frame);
    this.#sent(record);
  }

  #seqOf(record: LogRecord<'message'>): number {
    return this.audience === 'visitor' ? record.value.publicSeq : record.value.seq;
  }
}
