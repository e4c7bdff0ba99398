import type { LogRecord } from '../../domain/model/record.ts';
import { pageOf } from '../../domain/state/message-page.ts';
import type { MessageCount, MessagePage, MessageRange } from '../../domain/store.ts';
import type { Generation } from './generation.ts';
import { IdIndex } from './id-index.ts';
import { type Encoded, MessageLayer, type RecentMessage, recordOf } from './message-layer.ts';
import { FLAG_PUBLIC, messageFlags } from './message-line.ts';

/** What is known of a conversation's messages without looking at them. */
export interface Thread {
  readonly number: number;
  readonly conversationId: string;
  /** Highest seq, and how many messages are there: fewer only while an empty keeper is being filled. */
  top: number;
  held: number;
  /** Notes and events: while there are none, seq and publicSeq are the same. */
  hidden: number;
}

/** Where a message is. */
export interface MessageRef {
  readonly thread: number;
  readonly seq: number;
  readonly position: number;
}

/**
 * All messages of the log. Those of the last snapshot stay in its file; those since are held as their bytes in up to
 * two layers: while a snapshot is written, the lower one is what it writes and only the upper one changes.
 */
export class MessageShelf {
  readonly ids = new IdIndex();
  readonly threads: Thread[] = [];
  readonly #byConversation = new Map<string, Thread>();
  #generation: Generation | undefined;
  #frozen: MessageLayer | undefined;
  #recent = new MessageLayer();
  #missing = 0;

  /** Whether every thread has all its messages. A snapshot is taken only then. */
  get whole(): boolean {
    return this.#missing === 0;
  }

  /** Bytes of text that are in no snapshot. */
  get recentBytes(): number {
    return this.#recent.bytes + (this.#frozen?.bytes ?? 0);
  }

  get generation(): Generation | undefined {
    return this.#generation;
  }

  /** The thread of a conversation, made when there is none. */
  thread(conversationId: string): Thread {
    const known = this.#byConversation.get(conversationId);
    if (known !== undefined) return known;
    const made = { number: this.threads.length, conversationId, top: 0, held: 0, hidden: 0 };
    this.threads.push(made);
    this.#byConversation.set(conversationId, made);
    return made;
  }

  /** Takes in a new message, or what a redaction puts in its place. Its bytes are copied when they are at hand. */
  put(record: LogRecord<'message'>, encoded?: Encoded): void {
    const { conversationId, id, seq, kind } = record.value;
    const thread = this.thread(conversationId);
    if (!this.#holds(thread, seq)) {
      this.#grow(thread, seq, kind === 'message');
      this.ids.add(this.ids.hash(id), thread.number, seq);
    }
    this.#recent.add(thread.number, record, encoded);
  }

  #holds(thread: Thread, seq: number): boolean {
    if (seq > thread.top) return false;
    return thread.held === thread.top || this.#find(thread.number, seq) !== undefined;
  }

  #grow(thread: Thread, seq: number, shown: boolean): void {
    this.#missing -= thread.top - thread.held;
    thread.top = Math.max(thread.top, seq);
    thread.held += 1;
    if (!shown) thread.hidden += 1;
    this.#missing += thread.top - thread.held;
  }

  /** The message if it is recent, `stored` if it is in the snapshot. */
  #find(thread: number, seq: number): RecentMessage | 'stored' | undefined {
    const recent = this.#recent.get(thread, seq) ?? this.#frozen?.get(thread, seq);
    if (recent !== undefined) return recent;
    return this.#generation !== undefined && seq >= 1 && seq <= this.#generation.count(thread) ? 'stored' : undefined;
  }

  #flags(thread: number, seq: number): number | undefined {
    const found = this.#find(thread, seq);
    return found === 'stored' ? this.#generation!.flags(thread, seq) : found?.flags;
  }

  /** A page as the store port describes it. */
  async page(conversationId: string, range: MessageRange): Promise<MessagePage> {
    const thread = this.#byConversation.get(conversationId);
    if (thread === undefined) return { messages: [], lastSeq: 0, hasMore: false };
    const shown = range.public && thread.hidden > 0 ? this.#publicSeqs(thread) : undefined;
    const lastSeq = shown?.length ?? thread.top;
    const { from, to, hasMore } = pageOf(lastSeq, range);
    const refs: Omit<MessageRef, 'position'>[] = [];
    for (let i = from; i < to; i += 1) refs.push({ thread: thread.number, seq: shown?.[i] ?? i + 1 });
    return { messages: await this.read(refs), lastSeq, hasMore };
  }

  #publicSeqs(thread: Thread): number[] {
    const seqs: number[] = [];
    for (let seq = 1; seq <= thread.top; seq += 1) {
      if ((this.#flags(thread.number, seq) ?? 0) & FLAG_PUBLIC) seqs.push(seq);
    }
    return seqs;
  }

  /** Reads messages, in the order asked for; those that are not there are left out. */
  async read(refs: readonly Omit<MessageRef, 'position'>[]): Promise<LogRecord<'message'>[]> {
    const records: (LogRecord<'message'> | undefined)[] = [];
    const stored: { place: number; index: number }[] = [];
    for (const { thread, seq } of refs) {
      const found = this.#find(thread, seq);
      if (found === 'stored') stored.push({ place: this.#generation!.index.place(thread, seq), index: records.length });
      records.push(found === undefined || found === 'stored' ? undefined : recordOf(found));
    }
    if (stored.length > 0) {
      stored.sort((a, b) => a.place - b.place);
      const read = await this.#generation!.read(stored.map(({ place }) => place));
      stored.forEach(({ index }, i) => {
        records[index] = read[i];
      });
    }
    return records.filter((record) => record !== undefined);
  }

  /** See {@link Store.countMessages}. */
  count({ conversationId, after, through, senderType }: MessageCount): number {
    const thread = this.#byConversation.get(conversationId);
    const wanted = messageFlags(true, senderType);
    let count = 0;
    const last = Math.min(through, thread?.top ?? 0);
    for (let seq = Math.max(1, after + 1); thread !== undefined && seq <= last; seq += 1) {
      if (this.#flags(thread.number, seq) === wanted) count += 1;
    }
    return count;
  }

  /** Messages by id, of any age; unknown ids are absent. */
  async byIds(ids: readonly string[]): Promise<Map<string, LogRecord<'message'>>> {
    const candidates = ids.flatMap((id) => this.ids.find(this.ids.hash(id)));
    const found = new Map<string, LogRecord<'message'>>();
    if (candidates.length === 0) return found;
    const wanted = new Set(ids);
    for (const record of await this.read(candidates)) {
      if (wanted.has(record.value.id)) found.set(record.value.id, record);
    }
    return found;
  }

  /** Where the messages are whose last change lies within (after, through]; in no order. */
  between(after: number, through: number): MessageRef[] {
    const refs: MessageRef[] = [];
    const within = (position: number): boolean => position > after && position <= through;
    const index = this.#generation?.index;
    if (index !== undefined) {
      for (let thread = 0; thread < index.threadCounts.length; thread += 1) {
        const start = index.threadStarts[thread]!;
        const end = start + index.threadCounts[thread]!;
        for (let place = start; place < end; place += 1) {
          const position = index.positions[place]!;
          const seq = place - start + 1;
          if (within(position) && this.#find(thread, seq) === 'stored') refs.push({ thread, seq, position });
        }
      }
    }
    for (const layer of [this.#frozen, this.#recent]) {
      for (const [thread, messages] of layer?.threads ?? []) {
        for (const { seq, position } of messages) {
          const current = layer === this.#recent || this.#recent.get(thread, seq) === undefined;
          if (current && within(position)) refs.push({ thread, seq, position });
        }
      }
    }
    return refs;
  }

  /** Where the messages of a conversation are that a visitor may see and that last changed after a position. */
  publicSince(conversationId: string, after: number): MessageRef[] {
    const thread = this.#byConversation.get(conversationId);
    const refs: MessageRef[] = [];
    for (let seq = 1; thread !== undefined && seq <= thread.top; seq += 1) {
      const found = this.#find(thread.number, seq);
      if (found === undefined) continue;
      const [flags, position] =
        found === 'stored'
          ? [this.#generation!.flags(thread.number, seq), this.#generation!.position(thread.number, seq)]
          : [found.flags, found.position];
      if (flags & FLAG_PUBLIC && position > after) refs.push({ thread: thread.number, seq, position });
    }
    return refs;
  }

  /** Begins life with the messages of a snapshot. The ids were added while it was read. */
  load(generation: Generation): void {
    this.#generation = generation;
    const { index } = generation;
    for (const thread of this.threads) {
      const count = index.threadCounts[thread.number] ?? 0;
      const start = index.threadStarts[thread.number] ?? 0;
      thread.top = count;
      thread.held = count;
      for (let place = start; place < start + count; place += 1) {
        if ((index.flags[place]! & FLAG_PUBLIC) === 0) thread.hidden += 1;
      }
    }
  }

  /** Pins what a snapshot is to write: from now on, changes go to a layer above it. */
  freeze(): { readonly layer: MessageLayer; readonly threads: readonly Thread[] } {
    this.#frozen = this.#recent;
    this.#recent = new MessageLayer();
    return { layer: this.#frozen, threads: this.threads.slice() };
  }

  /** The snapshot failed: its layer and the one above become one again. */
  thaw(): void {
    const upper = this.#recent;
    if (this.#frozen === undefined) return;
    this.#recent = this.#frozen;
    this.#frozen = undefined;
    for (const [thread, messages] of upper.threads) for (const message of messages) this.#recent.put(thread, message);
  }

  /** The snapshot holds: its file takes the place of the former one and of the pinned layer. */
  adopt(generation: Generation): void {
    this.#generation?.retire();
    this.#generation = generation;
    this.#frozen = undefined;
  }

  close(): void {
    this.#generation?.retire();
  }
}
