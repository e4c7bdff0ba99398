import { type Actor, authorizeOn } from '../domain/access.ts';
import { asGuichetError } from '../domain/errors.ts';
import type { Contact } from '../domain/model/directory.ts';
import { audienceOf, isNewsForVisitor, type LogRecord, makeRecord } from '../domain/model/record.ts';
import { withDefaults } from '../domain/model/settings.ts';
import type { MessagePage, MessageRange, Store } from '../domain/store.ts';
import type { Change } from '../protocol/entities.ts';
import type { Cursors } from './cursors.ts';
import { agentView, cannedReplyView, contactView, labelView, mentionView } from './people.ts';
import { audienceFor, changeBody, conversationView, messageJson, readView } from './wire.ts';

/** One page of the change feed. `through` is the internal position to read on from, never shown to a visitor. */
export interface ChangePage {
  /** JSON of each change, without its opening brace. */
  readonly bodies: readonly string[];
  /** The messages among them. */
  readonly messages: readonly LogRecord<'message'>[];
  /** The cursor a client goes on from. */
  readonly cursor: string;
  readonly through: number;
  readonly more: boolean;
}

/** What a reader of the change feed keeps between pages. */
export interface ChangePlace {
  /** Everything up to here has been looked at. */
  readonly position: number;
  /** The cursor last told. */
  readonly cursor: string;
}

/**
 * Reads the log for one audience: the pages from which polls are answered and sockets are caught up. Both transports
 * use these and nothing else, so they cannot disagree.
 */
export class Feed {
  readonly #store: Store;
  readonly #cursors: Cursors;

  constructor(store: Store, cursors: Cursors) {
    this.#store = store;
    this.#cursors = cursors;
  }

  /** Messages of a conversation that this caller may see. Rejects with `not_found` for another's. */
  async thread(actor: Actor, conversationId: string, range: MessageRange): Promise<MessagePage> {
    authorizeOn(actor, 'conversation.read', await this.#store.conversation(conversationId));
    return this.#store.messages(conversationId, { ...range, public: actor.type === 'visitor' });
  }

  /** Where a caller stands who wants only what comes from now on. */
  async now(actor: Actor): Promise<ChangePlace> {
    const { position } = this.#store.health();
    if (actor.type !== 'visitor') return { position, cursor: this.#cursor(actor, position) };
    let shown = 0;
    let cursor: string | null = null;
    do {
      const query = { userId: actor.id, limit: 500, ...(cursor !== null && { cursor }) };
      const page = await this.#store.conversations(query);
      for (const head of page.conversations) shown = Math.max(shown, head.publicPosition);
      cursor = page.nextCursor;
    } while (cursor !== null);
    return { position, cursor: this.#cursor(actor, shown) };
  }

  #cursor(actor: Actor, position: number): string {
    return this.#cursors.encode(actor, position, this.#store.health().durable ?? position);
  }

  /** The place a cursor means. Rejects with `invalid` or `resync`. */
  async place(actor: Actor, cursor: string): Promise<ChangePlace> {
    const within = (head: number): ChangePlace => ({ position: this.#cursors.decode(actor, cursor, head), cursor });
    try {
      return within(this.#store.health().position);
    } catch (error) {
      if (this.#store.shared === undefined || asGuichetError(error).code !== 'resync') throw error;
      // Another process may have told it before this one heard of the record.
      const { head } = await this.#store.view({ conversations: [], messages: [], entries: [], agentEmails: [] });
      return within(head.position);
    }
  }

  /** Changes behind a place, in order, each entity as it is now. */
  async changes(actor: Actor, place: ChangePlace, limit: number): Promise<ChangePage> {
    const filter = actor.type === 'visitor' ? { userId: actor.id } : {};
    const { records, through, more } = await this.#store.recordsSince(place.position, limit, filter);
    const { present, contacts } = await this.#present(records);
    const bodies: string[] = [];
    const messages: LogRecord<'message'>[] = [];
    for (const record of records) {
      const message = record.is('message') ? (present.get(record.value.id) ?? record) : undefined;
      const body = await this.#body(actor, contacts.get(record) ?? record, message);
      if (body === undefined) continue;
      bodies.push(body);
      if (message !== undefined) messages.push(message);
    }
    const last = actor.type === 'visitor' ? records.at(-1)?.position : through;
    const cursor = last === undefined ? place.cursor : this.#cursor(actor, last);
    return { bodies, messages, cursor, through, more };
  }

  /** Messages and contacts as they are now: what was redacted or erased since must not be read out of history. */
  async #present(records: readonly LogRecord[]): Promise<{
    present: ReadonlyMap<string, LogRecord<'message'>>;
    contacts: ReadonlyMap<LogRecord, LogRecord<'contact'>>;
  }> {
    const messages = records.filter((record) => record.is('message')).map(({ value }) => value.id);
    const former = records.filter((record) => record.is('contact'));
    const contacts = new Map<LogRecord, LogRecord<'contact'>>();
    if (messages.length + former.length === 0) return { present: new Map(), contacts };
    const entries = former.map(({ value }) => ({ kind: 'contact' as const, id: value.id }));
    const view = await this.#store.view({ conversations: [], messages, entries, agentEmails: [] });
    for (const record of former) {
      const value = view.entries.get(`contact ${record.value.id}`) as Contact | undefined;
      if (value !== undefined) contacts.set(record, makeRecord(record.position, record.time, 'contact', value));
    }
    return { present: view.messages, contacts };
  }

  async #body(actor: Actor, record: LogRecord, message: LogRecord<'message'> | undefined): Promise<string | undefined> {
    const head = record.is('conversation') ? await this.#store.conversation(record.value.id) : undefined;
    return this.body(actor, record, head, this.#store.holder(record.position).durable, message);
  }

  /** A record as an entry of the caller's change feed, `undefined` when it is none of theirs. */
  body(
    actor: Actor,
    record: LogRecord,
    head: Parameters<typeof conversationView>[0] | undefined,
    durable: boolean,
    message: LogRecord<'message'> | undefined = record.is('message') ? record : undefined,
  ): string | undefined {
    const audience = audienceFor(actor);
    if (audienceOf(record) === 'server' || (audience === 'visitor' && !isNewsForVisitor(record))) return undefined;
    const entry = (kind: Change['kind'], json: string): string =>
      changeBody(this.#cursor(actor, record.position), kind, json);
    if (message !== undefined) return entry('message', messageJson(message, audience, durable));
    if (record.is('conversation'))
      return head && entry('conversation', JSON.stringify(conversationView(head, audience)));
    if (record.is('read')) return entry('read', JSON.stringify(readView(record.value, audience)));
    if (record.is('contact')) return entry('contact', JSON.stringify(contactView(record.value)));
    if (record.is('agent')) return entry('agent', JSON.stringify(agentView(record.value)));
    if (record.is('settings')) return entry('settings', JSON.stringify(withDefaults(record.value)));
    if (record.is('mention')) return entry('mention', JSON.stringify(mentionView(record.value)));
    if (record.is('label')) return entry('label', JSON.stringify(labelView(record.value)));
    if (record.is('cannedReply')) return entry('cannedReply', JSON.stringify(cannedReplyView(record.value)));
    return undefined;
  }
}
