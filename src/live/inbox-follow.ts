import type { ChangePlace } from './feed.ts';
import { Follow, type FollowOptions, PAGE } from './follow.ts';
import type { Hub, InboxListener, Item } from './hub.ts';

/**
 * One connection following the change feed, with the position of the log as cursor. Towards a visitor the cursor that
 * is told only moves when something happened that they may see.
 */
export class InboxFollow extends Follow implements InboxListener {
  readonly #hub: Hub;
  #place: ChangePlace;

  constructor(options: FollowOptions & { readonly place: ChangePlace }) {
    super(options);
    this.#place = options.place;
    this.#hub = options.hub;
    const visitorId = options.actor.type === 'visitor' ? options.actor.id : undefined;
    this.listens(options.hub.listenToInbox(visitorId, this));
  }

  /** The cursor the client was last told. */
  get cursor(): string {
    return this.#place.cursor;
  }

  protected async readPage(): Promise<() => boolean> {
    const page = await this.feed.changes(this.actor, this.#place, PAGE);
    return () => {
      for (const body of page.bodies) this.outlet.send(changeFrame(body));
      for (const message of page.messages) this.sent(message);
      this.#place = { position: page.through, cursor: page.cursor };
      return !page.more && this.#hub.position <= page.through;
    };
  }

  protected caughtUp(): void {
    this.outlet.send(JSON.stringify({ type: 'caughtUp', cursor: this.#place.cursor }));
  }

  item(item: Item): void {
    const { record } = item;
    if (this.state !== 'live' || record.position <= this.#place.position) return;
    if (this.outlet.congested) {
      this.readAgain();
      return;
    }
    const body = this.feed.body(this.actor, record, item.head, item.durable);
    if (body === undefined) return;
    this.outlet.send(changeFrame(body));
    this.#place = { position: record.position, cursor: cursorIn(body) };
    if (record.is('message')) this.sent(record);
  }
}

const changeFrame = (body: string): string => `{"type":"change",${body}`;

/** The cursor at the head of a change; it holds no quote. */
const cursorIn = (body: string): string => body.slice(10, body.indexOf('"', 10));
