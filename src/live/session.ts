import { type Actor, authorizeOn } from '../domain/access.ts';
import { postChange } from '../domain/actions/post-message.ts';
import type { Attachments } from '../domain/attachments/attachments.ts';
import type { PostMessage } from '../domain/change.ts';
import type { Chat } from '../domain/chat.ts';
import { asGuichetError, ERRORS, GuichetError } from '../domain/errors.ts';
import type { LogRecord } from '../domain/model/record.ts';
import type { ClientFrame } from '../protocol/frames.ts';
import { CLOSE } from '../protocol/limits.ts';
import type { DeliveryMarks } from './delivery-marks.ts';
import { DeliveryProbe } from './delivery-probe.ts';
import type { Feed } from './feed.ts';
import { Follows } from './follows.ts';
import type { Hub } from './hub.ts';
import type { Outlet } from './outlet.ts';
import { parseFrame } from './parse-frame.ts';
import { meView } from './people.ts';
import type { Presence } from './presence.ts';
import type { ReadMarks } from './read-marks.ts';
import type { StorageWatch } from './storage-watch.ts';
import { type Audience, audienceFor, messageJson, storedView } from './wire.ts';

const BAD_FRAMES_MAX = 3;
/** Frames that may wait for the answer to `hello`. */
const EARLY_FRAMES_MAX = 50;
/** Longest time that a timer can be set to; what lasts longer is looked at in between. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/** What a session needs of the server around it. */
export interface SessionContext {
  readonly chat: Chat;
  /** Without it no post may name files. */
  readonly attachments: Pick<Attachments, 'claim'> | undefined;
  readonly logName: string;
  readonly feed: Feed;
  readonly hub: Hub;
  readonly presence: Presence;
  readonly deliveries: DeliveryMarks;
  readonly readMarks: ReadMarks;
  readonly storage: StorageWatch;
  /** The owner of a token; without one, of the connection itself (its cookie). `null` when there is none. */
  authenticate(token: string | undefined): Promise<Actor | null>;
  /** Throws `too_many_requests` when the caller's own budget is spent. */
  readonly spend: (actor: Actor, on: 'post' | 'typing', bytes: number) => void;
  /** Room for one more socket of this caller; answers what gives it back, throws `too_many_requests`. */
  enter(actor: Actor): () => void;
  logError(error: unknown, what: string): void;
}

/** A connection as its session uses it. */
export interface Connection extends Outlet {
  close(code: number, reason: string): void;
  /** Asks the other end for a sign of life that arrives behind everything sent so far; see `confirmed`. */
  probe(): void;
}

/**
 * One connected client from hello to close. It turns frames into calls and keeps what is followed; it does not know what
 * kind of socket carries it.
 */
export class Session {
  readonly #context: SessionContext;
  readonly #connection: Connection;
  readonly #follows: Follows;
  #actor: Actor | undefined;
  #token: string | undefined;
  #audience: Audience = 'visitor';
  #recheckWanted = false;
  #over: NodeJS.Timeout | undefined;
  #early: ClientFrame[] | undefined;
  #badFrames = 0;
  #closed = false;
  #leave: () => void = () => {};
  #stopWatching: () => void = () => {};
  #owesStorage = false;
  #giveBack: () => void = () => {};
  readonly #delivery = new DeliveryProbe();

  constructor(context: SessionContext, connection: Connection) {
    this.#context = context;
    this.#connection = connection;
    const { feed, hub, presence, deliveries, chat } = context;
    this.#follows = new Follows({
      ...{ feed, hub, presence, deliveries, store: chat.store, outlet: connection },
      actor: () => this.#actor!,
      sent: ({ value }) => this.#delivery.sent(value, this.#audience),
      error: (error, about) => this.#error(error, about),
    });
  }

  /** There is something whose arrival is worth asking for. */
  get wantsProbe(): boolean {
    return this.#delivery.isDue;
  }

  /** An agent or a program of one: who works here is not taken for somebody who floods it. */
  get isTrusted(): boolean {
    return this.#actor?.type === 'agent';
  }

  get signedIn(): boolean {
    return this.#actor !== undefined;
  }

  /** Takes one frame. Bad ones are answered; the third closes. */
  receive(text: string): void {
    // What a client that was shown the door sends behind it is not worth reading.
    if (this.#closed || this.#badFrames >= BAD_FRAMES_MAX) return;
    let frame: ClientFrame;
    try {
      frame = parseFrame(text);
      this.#checkTurn(frame);
    } catch (cause) {
      this.#refuse(asGuichetError(cause));
      return;
    }
    if (frame.type === 'hello') void this.#hello(frame);
    else if (this.#early !== undefined) this.#early.push(frame);
    else this.#handle(frame);
  }

  /** The sign of life that `probe` asked for. */
  confirmed(): void {
    for (const [id, mark] of this.#delivery.answered()) this.#context.deliveries.confirm(id, this.#audience, mark);
    this.probeIfDue();
  }

  /** Asks for a confirmation of what was sent, if something was and none is under way. */
  probeIfDue(): void {
    if (!this.wantsProbe || this.#closed) return;
    this.#delivery.ask();
    this.#connection.probe();
  }

  /** Asks again who this is, if it is one of these: a token may have ended, an agent may have another role. */
  async recheck(whom?: ReadonlySet<string>): Promise<void> {
    this.#recheckWanted ||= this.#early !== undefined;
    if (this.#actor === undefined || (whom !== undefined && !whom.has(this.#actor.id))) return;
    try {
      const actor = await this.#context.authenticate(this.#token);
      if (actor === null) throw new GuichetError('unauthorized');
      this.#actor = actor;
      if (actor.type !== 'system') this.#endWithToken(actor);
    } catch (cause) {
      const error = asGuichetError(cause);
      // A store that cannot be asked now is no reason to send somebody away.
      if (!isGoodbye(error)) this.#context.logError(cause, 'recheck');
      else {
        this.#error(error);
        this.#connection.close(CLOSE.unauthorized, 'unauthorized');
        // Not only once the other end has agreed to the close: nothing more is told from here on.
        this.end();
      }
    }
  }

  /** A token is looked at when it comes and once more when it is over: a socket lasts no longer than the right to it. */
  #endWithToken({ until }: { readonly until?: number }): void {
    clearTimeout(this.#over);
    if (until === undefined || this.#closed) return;
    const wait = Math.min(Math.max(0, until - Date.now()), TIMER_MAX_MS);
    this.#over = setTimeout(() => void this.recheck(), wait).unref();
  }

  /** The connection is gone. */
  end(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#over);
    this.#follows.stop();
    this.#leave();
    this.#stopWatching();
    this.#giveBack();
  }

  #checkTurn(frame: ClientFrame): void {
    if (frame.type === 'hello') {
      if (this.#actor !== undefined || this.#early !== undefined) {
        throw new GuichetError('protocol', 'hello is said once.');
      }
    } else if (this.#early !== undefined) {
      if (this.#early.length >= EARLY_FRAMES_MAX) throw new GuichetError('protocol', 'Wait for welcome.');
    } else if (this.#actor === undefined) throw new GuichetError('protocol', 'The first frame is hello.');
  }

  #refuse(error: GuichetError): void {
    this.#badFrames += 1;
    this.#error(error);
    if (this.#badFrames >= BAD_FRAMES_MAX) this.#connection.close(CLOSE.protocol, 'protocol');
  }

  async #hello(frame: Extract<ClientFrame, { type: 'hello' }>): Promise<void> {
    this.#early = [];
    const { chat, feed, logName: log, presence } = this.#context;
    try {
      const actor = await this.#context.authenticate(frame.token);
      if (actor === null || (frame.as ?? actor.id) !== actor.id) throw new GuichetError('unauthorized');
      if (this.#closed) return;
      // In front of all work: who has no room costs no more than being told so.
      this.#giveBack = this.#context.enter(actor);
      const me = await meView(chat.store, actor);
      const { cursor } = await feed.now(actor);
      if (this.#closed) return;
      this.#actor = actor;
      this.#token = frame.token;
      this.#audience = audienceFor(actor);
      if (actor.type !== 'system') this.#endWithToken(actor);
      if (this.#audience === 'agent') this.#watchStorage();
      if (actor.type === 'agent') this.#leave = presence.agentCame(actor.id);
      this.#send({ type: 'welcome', me, cursor, log, serverTime: new Date().toISOString() });
    } catch (cause) {
      const error = asGuichetError(cause);
      this.#early = undefined;
      this.#giveBack();
      this.#error(error);
      if (isGoodbye(error)) this.#connection.close(CLOSE.unauthorized, 'unauthorized');
      else if (error.code !== 'too_many_requests') this.#context.logError(cause, 'hello');
      return;
    }
    const early = this.#early;
    this.#early = undefined;
    if (this.#recheckWanted) void this.recheck();
    for (const waiting of early) this.#handle(waiting);
  }

  #handle(frame: ClientFrame): void {
    switch (frame.type) {
      case 'post':
        this.#post(frame);
        break;
      case 'follow':
        this.#run(this.#follows.thread(frame.conversationId, frame.after ?? 0));
        break;
      case 'unfollow':
        this.#follows.leave(frame.conversationId);
        break;
      case 'followInbox':
        this.#run(this.#follows.inbox(frame.after === undefined ? undefined : String(frame.after)));
        break;
      case 'read': {
        const { conversationId, seq } = frame;
        this.#run(this.#context.readMarks.mark(this.#actor!, conversationId, seq), { conversationId });
        break;
      }
      case 'typing':
        this.#run(this.#typing(frame), { conversationId: frame.conversationId });
        break;
      case 'ping':
        this.#run(this.#pong());
        break;
      case 'hello':
        break;
    }
  }

  #post(frame: Extract<ClientFrame, { type: 'post' }>): void {
    const { ref, conversationId } = frame;
    const about = { ...(ref !== undefined && { ref }), conversationId };
    const actor = this.#actor!;
    try {
      this.#context.spend(actor, 'post', frame.content.length);
      if (frame.attachments?.length) this.#run(this.#postWithFiles(frame, about), about);
      else this.#submit(postChange(actor, conversationId, { ...frame, attachments: [] }), about);
    } catch (cause) {
      this.#error(asGuichetError(cause), about);
    }
  }

  async #postWithFiles(frame: Extract<ClientFrame, { type: 'post' }>, about: { ref?: string | number }): Promise<void> {
    const { conversationId } = frame;
    const attachments = await this.#context.attachments?.claim(conversationId, frame.attachments);
    this.#submit(postChange(this.#actor!, conversationId, { ...frame, attachments }), about);
  }

  #submit(change: PostMessage, about: { ref?: string | number }): void {
    this.#context.chat.log.submit(change, (error, done, commitment) => {
      if (error !== undefined) this.#error(error, about);
      else this.#posted(about.ref, done!.message!, commitment!);
    });
  }

  #posted(
    ref: string | number | undefined,
    record: LogRecord<'message'>,
    commitment: Parameters<typeof storedView>[0],
  ): void {
    const echo = ref === undefined ? '' : `"ref":${JSON.stringify(ref)},`;
    const message = messageJson(record, this.#audience, commitment.durable);
    const stored = JSON.stringify(storedView(commitment, record.position, this.#audience));
    this.#connection.send(`{"type":"posted",${echo}"message":${message},"stored":${stored}}`);
  }

  async #typing({ conversationId, typing }: Extract<ClientFrame, { type: 'typing' }>): Promise<void> {
    const { chat, spend, hub } = this.#context;
    const actor = this.#actor!;
    spend(actor, 'typing', 0);
    authorizeOn(actor, 'typing.send', await chat.store.conversation(conversationId));
    sayTyping(hub, actor, conversationId, typing);
  }

  /** From here on each change of it is told, to one who does not keep up the latest. */
  #watchStorage(): void {
    const { storage } = this.#context;
    this.#stopWatching = storage.listen(() => {
      if (this.#owesStorage) return;
      this.#owesStorage = true;
      void this.#connection.drained().then(() => {
        this.#owesStorage = false;
        if (!this.#closed) this.#send({ type: 'storage', ...storage.state });
      });
    });
  }

  async #pong(): Promise<void> {
    const cursor = this.#follows.cursor ?? (await this.#context.feed.now(this.#actor!)).cursor;
    this.#send({ type: 'pong', cursor });
  }

  #run(work: Promise<unknown>, about: { ref?: string | number; conversationId?: string } = {}): void {
    work.catch((cause) => {
      const error = asGuichetError(cause);
      if (error.code === 'internal') this.#context.logError(cause, 'frame');
      this.#error(error, about);
    });
  }

  #error(error: GuichetError, about: { ref?: string | number; conversationId?: string } = {}): void {
    const { retry } = ERRORS[error.code];
    this.#send({ type: 'error', ...about, code: error.code, title: error.message, retry });
  }

  #send(frame: object): void {
    this.#connection.send(JSON.stringify(frame));
  }
}

/** Tells the others in a conversation; agents' typing reaches visitors too, with nothing but the side and the id. */
export const sayTyping = (hub: Hub, actor: Actor, conversationId: string, typing: boolean): void => {
  const side = audienceFor(actor);
  const frame = JSON.stringify({ type: 'typing', conversationId, side, senderId: actor.id, typing });
  hub.say(conversationId, () => frame, actor.id);
};

/** Errors after which nobody is talked to any more. */
const isGoodbye = ({ code }: GuichetError): boolean => code === 'unauthorized' || code === 'blocked';
