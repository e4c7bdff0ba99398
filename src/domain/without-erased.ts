import { conversationsOf, entriesOf, messagesOf, type WholeReads } from './digest.ts';
import type { ConversationHead } from './model/conversation.ts';
import type { Contact } from './model/directory.ts';
import { clearedConversation, type Erasure, erasedContact, erasedMessage } from './model/erased.ts';
import { type LogRecord, makeRecord } from './model/record.ts';

/** Who was erased according to a log itself, those who turned out to be one of them included. */
export const erasuresIn = async (reads: Pick<WholeReads, 'entries'>, log: string): Promise<Erasure[]> => {
  const times = new Map<string, string>();
  const contacts: Contact[] = [];
  for await (const contact of entriesOf(reads, 'contact')) {
    if (contact.erasedAt !== undefined) times.set(contact.id, contact.erasedAt);
    if (contact.mergedInto !== undefined) contacts.push(contact);
  }
  for (const { id, mergedInto } of contacts) {
    const at = times.get(mergedInto!);
    if (at !== undefined) times.set(id, at);
  }
  return [...times].map(([id, at]) => ({ id, at, log }));
};

/**
 * A log of before some erasures, as if it had known of them: every record under its number, and nothing in any of them
 * of what was erased. What is younger than an erasure stays.
 */
export class WithoutErased implements WholeReads {
  readonly #source: WholeReads;
  /** Time of the last erasure by visitor. */
  readonly #times = new Map<string, string>();
  readonly #owners = new Map<string, string | undefined>();

  /** @param log of the source: erasures in other logs are of other people */
  constructor(source: WholeReads, log: string, erasures: readonly Erasure[]) {
    this.#source = source;
    for (const { id, at, log: of = log } of erasures) {
      if (of === log && at > (this.#times.get(id) ?? '')) this.#times.set(id, at);
    }
  }

  /** How many visitors there are in the present state of the source of whom it holds what was erased. */
  async held(): Promise<number> {
    let held = 0;
    for (const id of this.#times.keys()) if (await this.#holds(id)) held += 1;
    return held;
  }

  async #holds(id: string): Promise<boolean> {
    const { entries } = await this.#source.view({ ...NOTHING, entries: [{ kind: 'contact', id }] });
    const contact = entries.get(`contact ${id}`) as Contact | undefined;
    if (contact === undefined) return false;
    if (this.#contact(contact) !== contact) return true;
    for await (const head of conversationsOf(this.#source, { userId: id })) {
      if (this.#head(head).conversation !== head.conversation) return true;
      for await (const message of messagesOf(this.#source, head.conversation.id)) {
        if ((await this.#message(message)) !== message) return true;
      }
    }
    return false;
  }

  /** A record as it may be told; the same one where nothing in it was erased. */
  async record(held: LogRecord): Promise<LogRecord> {
    const { position, time } = held;
    if (held.is('contact')) {
      const value = this.#contact(held.value);
      return value === held.value ? held : makeRecord(position, time, 'contact', value);
    }
    if (held.is('message')) return this.#message(held);
    if (held.is('conversation')) {
      const { value } = held;
      const until = later(this.#times.get(value.userId), await this.#until(value.id));
      const cleared = isBy(value.createdAt, until) ? clearedConversation(value) : value;
      return cleared === value ? held : makeRecord(position, time, 'conversation', cleared);
    }
    return held;
  }

  #contact(held: Contact): Contact {
    const at = this.#times.get(held.id);
    if (at === undefined || (held.erasedAt ?? '') >= at || held.createdAt > at || isTombstone(held)) return held;
    return { ...erasedContact(held, at), erasedAt: at };
  }

  async #message(held: LogRecord<'message'>): Promise<LogRecord<'message'>> {
    const until = await this.#until(held.value.conversationId);
    const value = isBy(held.value.createdAt, until) ? erasedMessage(held.value) : held.value;
    return value === held.value ? held : makeRecord(held.position, held.time, 'message', value);
  }

  /** Up to when what a conversation says was erased. */
  async #until(conversationId: string): Promise<string | undefined> {
    if (!this.#owners.has(conversationId)) {
      const head = await this.#source.conversation(conversationId);
      this.#owners.set(conversationId, head?.conversation.userId);
    }
    return this.#times.get(this.#owners.get(conversationId) ?? '');
  }

  #head(head: ConversationHead): ConversationHead {
    const { conversation } = head;
    if (!isBy(conversation.createdAt, this.#times.get(conversation.userId))) return head;
    return { ...head, conversation: clearedConversation(conversation) };
  }

  view: WholeReads['view'] = (request) => this.#source.view(request);

  recordsSince: WholeReads['recordsSince'] = async (...asked) => {
    const page = await this.#source.recordsSince(...asked);
    return { ...page, records: await Promise.all(page.records.map((record) => this.record(record))) };
  };

  conversation: WholeReads['conversation'] = async (id) => {
    const head = await this.#source.conversation(id);
    return head && this.#head(head);
  };

  conversations: WholeReads['conversations'] = async (query) => {
    const page = await this.#source.conversations(query);
    return { ...page, conversations: page.conversations.map((head) => this.#head(head)) };
  };

  messages: WholeReads['messages'] = async (id, range) => {
    const page = await this.#source.messages(id, range);
    return { ...page, messages: await Promise.all(page.messages.map((record) => this.#message(record))) };
  };

  entries: WholeReads['entries'] = async (kind, page) => {
    const held = await this.#source.entries(kind, page);
    return kind === 'contact' ? ((held as Contact[]).map((each) => this.#contact(each)) as typeof held) : held;
  };
}

/** Erased before, and nobody since. */
const isTombstone = ({ erasedAt, name, email, locale, attributes, page }: Contact): boolean =>
  erasedAt !== undefined && name === null && email === null && locale === null && !attributes && !page;

const NOTHING = { conversations: [], messages: [], entries: [], agentEmails: [] };

const isBy = (time: string, until: string | undefined): boolean => until !== undefined && time <= until;

const later = (a: string | undefined, b: string | undefined): string | undefined => ((a ?? '') > (b ?? '') ? a : b);
