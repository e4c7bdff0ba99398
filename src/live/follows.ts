import type { Actor } from '../domain/access.ts';
import { GuichetError } from '../domain/errors.ts';
import type { LogRecord } from '../domain/model/record.ts';
import type { Store } from '../domain/store.ts';
import type { DeliveryMarks } from './delivery-marks.ts';
import type { Feed } from './feed.ts';
import type { Hub } from './hub.ts';
import { InboxFollow } from './inbox-follow.ts';
import type { Outlet } from './outlet.ts';
import type { Presence } from './presence.ts';
import { ThreadFollow } from './thread-follow.ts';
import { audienceFor } from './wire.ts';

/** Conversations one connection may follow at once. */
const FOLLOWS_MAX = 200;

export interface FollowsOptions {
  /** Who the other end is now; asked only once it has said so. */
  readonly actor: () => Actor;
  readonly feed: Feed;
  readonly hub: Hub;
  readonly presence: Presence;
  readonly deliveries: DeliveryMarks;
  readonly store: Pick<Store, 'holder'>;
  readonly outlet: Outlet;
  /** A message was handed to the connection. */
  readonly sent: (record: LogRecord<'message'>) => void;
  /** Tells the other end. */
  readonly error: (error: GuichetError, about?: { readonly conversationId: string }) => void;
}

/** What one connection follows: conversations, each at most once, and the change feed. */
export class Follows {
  readonly #options: FollowsOptions;
  readonly #threads = new Map<string, ThreadFollow>();
  #inbox: InboxFollow | undefined;
  #stopped = false;

  constructor(options: FollowsOptions) {
    this.#options = options;
  }

  /** The cursor of the change feed that the client was last told; `undefined` when it does not follow it. */
  get cursor(): string | undefined {
    return this.#inbox?.cursor;
  }

  /** Follows a conversation, or follows it anew from there. Rejects with what is the server's fault. */
  async thread(conversationId: string, after: number): Promise<void> {
    const { feed, hub, store, presence, deliveries, outlet, sent, error: tell } = this.#options;
    const actor = this.#options.actor();
    const audience = audienceFor(actor);
    this.leave(conversationId);
    if (this.#threads.size >= FOLLOWS_MAX) {
      tell(new GuichetError('invalid', `A connection follows at most ${FOLLOWS_MAX} conversations.`), {
        conversationId,
      });
      return;
    }
    const follow: ThreadFollow = new ThreadFollow({
      ...{ actor, conversationId, after, feed, hub, outlet, sent },
      isDurable: (record) => store.holder(record.position).durable,
      failed: (error) => {
        tell(error, { conversationId });
        if (error.code === 'not_found' && this.#threads.get(conversationId) === follow) {
          this.#threads.delete(conversationId);
        }
      },
    });
    this.#threads.set(conversationId, follow);
    await follow.start();
    if (this.#threads.get(conversationId) !== follow || this.#stopped) return;
    outlet.send(presence.known(conversationId, audience));
    const delivered = deliveries.known(conversationId, audience);
    if (delivered !== undefined) outlet.send(delivered);
    if (audience === 'visitor') presence.visitorChanged(conversationId);
  }

  leave(conversationId: string): void {
    const follow = this.#threads.get(conversationId);
    if (follow === undefined) return;
    follow.stop();
    this.#threads.delete(conversationId);
    if (follow.audience === 'visitor') this.#options.presence.visitorChanged(conversationId);
  }

  /** Follows the change feed from a cursor, or from now on; anew when it does already. */
  async inbox(after: string | undefined): Promise<void> {
    const { feed, hub, outlet, sent, error } = this.#options;
    const actor = this.#options.actor();
    this.#inbox?.stop();
    let place = await feed.now(actor);
    if (after !== undefined) {
      try {
        place = await feed.place(actor, after);
      } catch (cause) {
        if (!(cause instanceof GuichetError) || cause.code !== 'resync') throw cause;
        outlet.send(JSON.stringify({ type: 'resync', cursor: place.cursor }));
      }
    }
    if (this.#stopped) return;
    this.#inbox?.stop();
    this.#inbox = new InboxFollow({ actor, place, feed, hub, outlet, sent, failed: (cause) => error(cause) });
    await this.#inbox.start();
  }

  stop(): void {
    this.#stopped = true;
    this.#inbox?.stop();
    for (const id of [...this.#threads.keys()]) this.leave(id);
  }
}
