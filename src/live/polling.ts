import { type Actor, authorizeOn } from '../domain/access.ts';
import type { LogRecord } from '../domain/model/record.ts';
import type { Store } from '../domain/store.ts';
import { type DeliveryMarks, isFromOtherSide, type Mark } from './delivery-marks.ts';
import type { Feed } from './feed.ts';
import type { Hub } from './hub.ts';
import type { StorageWatch } from './storage-watch.ts';
import { audienceFor, messageJson } from './wire.ts';

/** Callers whose last answers are remembered until they come back. */
const CALLERS_MAX = 1000;

export interface ChangesQuery {
  readonly after?: string;
  readonly limit: number;
  readonly wait?: number;
  /** Mark of the storage's state that the caller knows: the wait is over when it is another. */
  readonly storage?: string;
}

/**
 * The same feeds for clients without a socket: a page, and with `wait` a page as soon as there is something to put in
 * it. Between "nothing there" and "tell me" nothing is missed, because the ear is opened before the look.
 */
export class Polling {
  readonly #store: Store;
  readonly #hub: Hub;
  readonly #feed: Feed;
  readonly #deliveries: DeliveryMarks;
  readonly #logName: string;
  readonly #storage: StorageWatch;
  readonly #closing = new AbortController();
  /** What the last answers to each caller held of the other side, by conversation, with its position in the log. */
  readonly #answered = new Map<string, Map<string, Mark & { readonly position: number }>>();
  waiting = 0;

  constructor(parts: {
    store: Store;
    hub: Hub;
    feed: Feed;
    deliveries: DeliveryMarks;
    logName: string;
    storage: StorageWatch;
  }) {
    this.#store = parts.store;
    this.#hub = parts.hub;
    this.#feed = parts.feed;
    this.#deliveries = parts.deliveries;
    this.#logName = parts.logName;
    this.#storage = parts.storage;
  }

  /** Every poll that waits is answered now with what there is. */
  close(): void {
    this.#closing.abort();
  }

  async thread(
    actor: Actor,
    conversationId: string,
    range: { after?: number; before?: number; limit: number; wait?: number },
    signal: AbortSignal,
  ): Promise<string> {
    const { wait = 0, ...pages } = range;
    const audience = audienceFor(actor);
    if (range.after !== undefined) await this.#confirm(actor, conversationId, range.after);
    // Without a cursor there is nothing to wait for: the latest page is the answer.
    const seconds = range.after === undefined ? 0 : wait;
    const page = await this.#until(
      seconds,
      signal,
      (wake) =>
        this.#hub.listenToThread(conversationId, {
          audience,
          actorId: actor.id,
          item: (item) => item.record.is('message') && wake(),
          frame: () => {},
          readAgain: wake,
        }),
      () => this.#feed.thread(actor, conversationId, pages),
      (found) => found.messages.length > 0,
    );
    const isDurable = (position: number): boolean => this.#store.holder(position).durable;
    const messages = page.messages.map((record) => messageJson(record, audience, isDurable(record.position))).join(',');
    const rest = JSON.stringify({ lastSeq: page.lastSeq, hasMore: page.hasMore, log: this.#logName });
    return `{"messages":[${messages}],${rest.slice(1)}`;
  }

  async changes(actor: Actor, query: ChangesQuery, signal: AbortSignal): Promise<string> {
    let place = await (query.after === undefined ? this.#feed.now(actor) : this.#feed.place(actor, query.after));
    this.#confirmUpTo(actor, place.position);
    const visitorId = actor.type === 'visitor' ? actor.id : undefined;
    const isNews = (): boolean =>
      visitorId === undefined && query.storage !== undefined && query.storage !== this.#storage.state.mark;
    const page = await this.#until(
      query.wait ?? 0,
      signal,
      (wake) => {
        const stops = [this.#hub.listenToInbox(visitorId, { item: wake, frame: () => {}, readAgain: wake })];
        if (visitorId === undefined) stops.push(this.#storage.listen(wake));
        return () => {
          for (const stop of stops) stop();
        };
      },
      async () => {
        const found = await this.#feed.changes(actor, place, query.limit);
        place = { position: found.through, cursor: found.cursor };
        return found;
      },
      (found) => found.bodies.length > 0 || isNews(),
    );
    this.#remember(actor, page.messages);
    const storage = visitorId === undefined ? { storage: this.#storage.state } : {};
    const rest = JSON.stringify({ cursor: page.cursor, caughtUp: !page.more, log: this.#logName, ...storage });
    return `{"changes":[${page.bodies.map((body) => `{${body}`).join(',')}],${rest.slice(1)}`;
  }

  /** Looks, and while there is nothing looks again at each wake, until the time is over. */
  async #until<T>(
    seconds: number,
    signal: AbortSignal,
    listen: (wake: () => void) => () => void,
    look: () => Promise<T>,
    isSomething: (found: T) => boolean,
  ): Promise<T> {
    if (seconds <= 0) return look();
    let wake = (): void => {};
    let woken = false;
    const stop = listen(() => {
      woken = true;
      wake();
    });
    const over = AbortSignal.any([signal, this.#closing.signal, AbortSignal.timeout(seconds * 1000)]);
    const onOver = (): void => wake();
    over.addEventListener('abort', onOver);
    this.waiting += 1;
    try {
      for (;;) {
        woken = false;
        const found = await look();
        if (isSomething(found) || over.aborted) return found;
        if (!woken) {
          await new Promise<void>((resolved) => {
            wake = resolved;
          });
        }
      }
    } finally {
      this.waiting -= 1;
      over.removeEventListener('abort', onOver);
      stop();
    }
  }

  #remember(actor: Actor, messages: readonly LogRecord<'message'>[]): void {
    const sent = messages.filter(({ value }) => isFromOtherSide(value, audienceFor(actor)));
    if (sent.length === 0) return;
    const key = `${actor.type} ${actor.id}`;
    const marks = this.#answered.get(key) ?? new Map();
    for (const { position, value } of sent) {
      const { conversationId, seq, publicSeq } = value;
      if ((marks.get(conversationId)?.seq ?? 0) < seq) marks.set(conversationId, { seq, publicSeq, position });
    }
    this.#answered.delete(key);
    this.#answered.set(key, marks);
    if (this.#answered.size > CALLERS_MAX) this.#answered.delete(this.#answered.keys().next().value!);
  }

  /** Whoever comes with a cursor has what lies before it, on one of their devices at least. */
  #confirmUpTo(actor: Actor, upTo: number): void {
    const key = `${actor.type} ${actor.id}`;
    const marks = this.#answered.get(key);
    for (const [conversationId, { position, ...mark }] of marks ?? []) {
      if (position > upTo) continue;
      marks!.delete(conversationId);
      this.#deliveries.confirm(conversationId, audienceFor(actor), mark);
    }
    if (marks?.size === 0) this.#answered.delete(key);
  }

  /** Whoever asks for what is behind a message has that message. */
  async #confirm(actor: Actor, conversationId: string, after: number): Promise<void> {
    const audience = audienceFor(actor);
    const author = audience === 'visitor' ? 'agent' : 'visitor';
    if (after === 0 || !this.#hub.isFollowedBy(conversationId, author)) return;
    authorizeOn(actor, 'conversation.read', await this.#store.conversation(conversationId));
    const page = await this.#feed.thread(actor, conversationId, { before: after + 1, limit: 20 });
    const last = page.messages.findLast((record) => isFromOtherSide(record.value, audience));
    if (last !== undefined) this.#deliveries.confirm(conversationId, audience, last.value);
  }
}
