import type { GuichetError } from '../domain/errors.ts';
import type { LogRecord } from '../domain/model/record.ts';
import { Follow, type FollowOptions, PAGE } from './follow.ts';
import { type Item, messageFrame, type ThreadListener } from './hub.ts';
import { type Audience, audienceFor, readView } from './wire.ts';

/** One connection following one conversation, with the seq of the last message sent as cursor. */
export class ThreadFollow extends Follow implements ThreadListener {
  readonly audience: Audience;
  readonly actorId: string;
  readonly conversationId: string;
  /** In the numbers of the audience. */
  #cursor: number;
  readonly #isDurable: (record: LogRecord) => boolean;
  /** Highest seq that came by while catching up. */
  #missed = 0;
  /** Redactions that came by while catching up: a page read just before would still show the text. */
  #redacted: Item[] = [];

  constructor(
    options: FollowOptions & {
      readonly conversationId: string;
      readonly after: number;
      readonly isDurable: (record: LogRecord) => boolean;
    },
  ) {
    super(options);
    this.audience = audienceFor(options.actor);
    this.actorId = options.actor.id;
    this.conversationId = options.conversationId;
    this.#cursor = options.after;
    this.#isDurable = options.isDurable;
    this.listens(options.hub.listenToThread(options.conversationId, this));
  }

  protected override isOver(error: GuichetError): boolean {
    return error.code === 'not_found' || super.isOver(error);
  }

  protected async readPage(): Promise<() => boolean> {
    const page = await this.feed.thread(this.actor, this.conversationId, { after: this.#cursor, limit: PAGE });
    return () => {
      // A cursor ahead of the conversation comes from a log that was rewound: what will follow is still news.
      this.#cursor = Math.min(this.#cursor, page.lastSeq);
      for (const record of page.messages)
        this.#send(record, messageFrame(record, this.audience, this.#isDurable(record)));
      return !page.hasMore && this.#missed <= this.#cursor;
    };
  }

  protected caughtUp(): void {
    for (const item of this.#redacted.splice(0)) this.item(item);
    const { conversationId } = this;
    this.outlet.send(JSON.stringify({ type: 'caughtUp', conversationId, lastSeq: this.#cursor }));
  }

  item(item: Item): void {
    const { record } = item;
    if (record.is('message')) this.#message(item, record);
    else if (record.is('read')) this.frame(JSON.stringify({ type: 'read', ...readView(record.value, this.audience) }));
  }

  #message(item: Item, record: LogRecord<'message'>): void {
    const seq = this.#seqOf(record);
    if (this.outlet.congested) this.readAgain();
    if (this.state === 'catchingUp') {
      this.#missed = Math.max(this.#missed, seq);
      if (record.value.redacted) this.#redacted.push(item);
      return;
    }
    // Behind the cursor only a redaction is news; the rest came with a page that was read before this turn.
    if (seq > this.#cursor || record.value.redacted) this.#send(record, item.messageFrame(record, this.audience));
  }

  override readAgain(): void {
    if (this.state === 'live') this.#missed = 0;
    super.readAgain();
  }

  #send(record: LogRecord<'message'>, frame: string): void {
    this.#cursor = Math.max(this.#cursor, this.#seqOf(record));
    this.outlet.send(frame);
    this.sent(record);
  }

  #seqOf(record: LogRecord<'message'>): number {
    return this.audience === 'visitor' ? record.value.publicSeq : record.value.seq;
  }
}
