import type { Message } from '../protocol/entities.ts';
import type { Posted } from './api.ts';
import { backoffMs } from './backoff.ts';
import { asClientError, ClientError } from './client-error.ts';
import { Emitter } from './emitter.ts';
import { forAgents } from './for-agents.ts';
import type { OutboxEntry, OutboxStorage } from './outbox-storage.ts';
import { SharedEntries } from './shared-entries.ts';
import { Pause } from './waiting.ts';

export interface OutboxOptions {
  storage: OutboxStorage;
  scope: string;
  /**
   * Hands one entry to the server. Called again with the same entry, so the server must know repeats by id; `attempt`
   * counts the failures in a row before this call.
   */
  deliver: (entry: OutboxEntry, attempt: number) => Promise<Posted>;
  random?: (() => number) | undefined;
  /** How long a message that is acknowledged but not durable rests before the server is asked again. */
  recheckMs?: number;
}

export interface OutboxEvents {
  /** The entries of a conversation changed. */
  change: { conversationId: string };
  /** The server has answered for an entry, of this tab or another; it leaves the outbox if the answer was durable. */
  posted: Message;
}

interface Lane {
  pause: Pause;
  /** Ids that the server is to be asked about, again or for the first time. */
  due: Set<string>;
  draining: boolean;
  /** Nothing is due; what is not durable yet is given time. */
  resting: boolean;
}

/**
 * Messages on their way, the same in all tabs of a browser. An entry is written down before it is sent, sent in order
 * within its conversation and with the same id as often as it takes, by one tab at a time, and leaves only when the
 * server says durable or the writer discards it. What the server refuses for good is kept as failed, with its text.
 */
export class Outbox extends Emitter<OutboxEvents> {
  readonly #options: OutboxOptions;
  readonly #lanes = new Map<string, Lane>();
  readonly #unwatch: () => void;
  readonly #entries: SharedEntries;
  #closed = false;

  constructor(options: OutboxOptions) {
    super();
    this.#options = options;
    this.#entries = new SharedEntries(options.storage, options.scope, (changed) => this.#taken(changed));
    this.#unwatch = options.storage.watch(options.scope, (posted) => this.#heard(posted));
  }

  /** Whether what waits here survives the page. */
  get persistent(): boolean {
    return this.#entries.persistent;
  }

  /** In the order of writing. */
  entries(conversationId?: string): OutboxEntry[] {
    return this.#entries.all.filter((entry) => (conversationId ?? entry.conversationId) === entry.conversationId);
  }

  get(id: string): OutboxEntry | undefined {
    return this.#entries.get(id);
  }

  /** The conversation of the first message that was refused for good and waits for its writer, but for `open`. */
  stuckBeside(open: string | undefined): string | undefined {
    return this.#entries.all.find(({ status, conversationId }) => status === 'failed' && conversationId !== open)
      ?.conversationId;
  }

  /** Takes in what an earlier page or another tab left behind; then sends. */
  async resume(): Promise<void> {
    await this.#entries.writeRefused();
    await this.#entries.refresh();
    for (const { id, status, conversationId } of this.entries()) {
      // A server that was restarted may have lost what it held in memory only: it is asked about that as well.
      if (status !== 'failed') this.#lane(conversationId).due.add(id);
    }
    for (const [conversationId, lane] of this.#lanes) {
      lane.pause.wake();
      this.#drain(conversationId, lane);
    }
  }

  async add(entry: Omit<OutboxEntry, 'scope' | 'status' | 'order'>): Promise<void> {
    const order = 1 + (this.#entries.all.at(-1)?.order ?? 0);
    await this.#queue({ ...entry, order, scope: this.#options.scope, status: 'queued' });
  }

  /** Sends a failed entry again, under its own id; `anyway` whatever has been written since. */
  async retry(id: string, anyway = false): Promise<void> {
    const entry = this.#entries.get(id);
    if (entry?.status !== 'failed') return;
    const { error: _, ...rest } = forAgents && anyway ? withoutGuard(entry) : entry;
    await this.#queue({ ...rest, status: 'queued' });
  }

  /** Gives up a failed entry. One that may still be on its way cannot be taken back. */
  async discard(id: string): Promise<void> {
    if (this.#entries.get(id)?.status !== 'failed') return;
    await this.#remove(id);
    this.#tell();
  }

  /** The server has said, by a frame or in the feed, that these are durable; other tabs hear of `posted` as well. */
  async settle(ids: readonly string[], posted?: Message): Promise<void> {
    const held = ids.filter((id) => this.#entries.get(id) !== undefined);
    for (const id of held) await this.#remove(id);
    if (held.length > 0) this.#tell(posted);
  }

  close(): void {
    this.#closed = true;
    this.#unwatch();
    for (const lane of this.#lanes.values()) lane.pause.wake();
  }

  #lane(conversationId: string): Lane {
    let lane = this.#lanes.get(conversationId);
    if (!lane) {
      lane = { pause: new Pause(), due: new Set(), draining: false, resting: false };
      this.#lanes.set(conversationId, lane);
    }
    return lane;
  }

  /** Another tab has changed something; with the message, when the server has just answered for it there. */
  #heard(posted: Message | undefined): void {
    if (posted) {
      this.emit('posted', posted);
      const lane = this.#lane(posted.conversationId);
      lane.due.delete(posted.id);
      this.#drain(posted.conversationId, lane);
    }
    void this.#entries.refresh();
  }

  async #queue(entry: OutboxEntry): Promise<void> {
    await this.#replace(entry);
    const lane = this.#lane(entry.conversationId);
    lane.due.add(entry.id);
    // Asks for its turn first: the tab that is written in is the one that is looked at.
    this.#drain(entry.conversationId, lane);
    this.#tell();
  }

  #tell(posted?: Message): void {
    this.#options.storage.tell(this.#options.scope, posted);
  }

  #drain(conversationId: string, lane: Lane): void {
    if (lane.resting) {
      lane.resting = false;
      lane.pause.wake();
    }
    if (lane.draining || this.#closed) return;
    lane.draining = true;
    void this.#work(conversationId, lane).finally(() => {
      lane.draining = false;
      // Something may have come in the moment between the last look and this.
      if (this.#next(conversationId, lane)) this.#drain(conversationId, lane);
    });
  }

  #next(conversationId: string, lane: Lane): OutboxEntry | undefined {
    return this.entries(conversationId).find(({ id }) => lane.due.has(id));
  }

  async #work(conversationId: string, lane: Lane): Promise<void> {
    const { storage, scope, random } = this.#options;
    let attempt = 0;
    while (!this.#closed) {
      if (!this.#next(conversationId, lane)) {
        if (await this.#rest(conversationId, lane)) continue;
        return;
      }
      const error = await storage.inTurn(`${scope} ${conversationId}`, () => this.#send(conversationId, lane, attempt));
      if (!error) attempt = 0;
      else if (!this.#closed) {
        const wait = backoffMs(attempt++, { random });
        await lane.pause.wait(Math.max(wait, error.retryAfterMs ?? 0));
      }
    }
  }

  /** Gives time to what is not durable yet, then makes it due. False when there is none of that. */
  async #rest(conversationId: string, lane: Lane): Promise<boolean> {
    const unsaved = (): OutboxEntry[] => this.entries(conversationId).filter(({ status }) => status === 'unsaved');
    if (unsaved().length === 0) return false;
    const { random = Math.random, recheckMs = 15_000 } = this.#options;
    lane.resting = true;
    await lane.pause.wait(recheckMs * (1 + random() / 2));
    // Woken by something new, it sends just that: asking for all the rest each time would grow with every message.
    // Woken by another tab that has asked, it rests again.
    if (lane.resting) for (const { id } of unsaved()) lane.due.add(id);
    lane.resting = false;
    return true;
  }

  /** One entry, one call. Answers the error when it must be tried again. */
  async #send(conversationId: string, lane: Lane, attempt: number): Promise<ClientError | undefined> {
    // Another tab may have had its turn with the same entry, or the writer has discarded it there.
    await this.#entries.refresh();
    const entry = this.#next(conversationId, lane);
    if (!entry || this.#closed) return undefined;
    try {
      const posted = await this.#options.deliver(entry, attempt);
      lane.due.delete(entry.id);
      if (this.#entries.get(entry.id)) await this.#acknowledge(entry, posted);
    } catch (cause) {
      const error = asClientError(cause);
      if (!isFinal(error)) return error;
      lane.due.delete(entry.id);
      if (this.#entries.get(entry.id)) await this.#replace({ ...entry, status: 'failed', error: error.code });
      this.#tell();
    }
    return undefined;
  }

  async #acknowledge(entry: OutboxEntry, { message, stored }: Posted): Promise<void> {
    // Told first: the message must be in its thread before it leaves here, or it would vanish for a moment.
    this.emit('posted', message);
    if (stored.durable) await this.#remove(entry.id);
    else await this.#replace({ ...entry, status: 'unsaved' });
    this.#tell(message);
  }

  async #replace(entry: OutboxEntry): Promise<void> {
    const written = this.#entries.put(entry);
    this.#changed(entry.conversationId);
    await written;
  }

  async #remove(id: string): Promise<void> {
    const entry = this.#entries.get(id);
    if (!entry) return;
    this.#lane(entry.conversationId).due.delete(id);
    await this.#entries.remove(id);
    this.#changed(entry.conversationId);
  }

  /** Other tabs have changed these. */
  #taken(changed: readonly OutboxEntry[]): void {
    for (const { id, conversationId } of changed) {
      const { due } = this.#lane(conversationId);
      if (this.#entries.get(id)?.status === 'queued') due.add(id);
      else due.delete(id);
    }
    for (const conversationId of new Set(changed.map((entry) => entry.conversationId))) {
      this.#changed(conversationId);
      this.#drain(conversationId, this.#lane(conversationId));
    }
  }

  #changed(conversationId: string): void {
    this.emit('change', { conversationId });
  }
}

/** The entry for one who knows that somebody has written since. */
const withoutGuard = (entry: OutboxEntry): OutboxEntry => {
  const { ifLastSeq: _, ...terms } = entry.terms ?? {};
  return { ...entry, terms };
};

/** A refusal that no repetition will change. A lapsed sign-in is not one: the text waits for the next. */
const isFinal = (error: ClientError): boolean => error.retry === 'never' && error.code !== 'unauthorized';

/** The answer to a post, checked: anything but this entry's own acknowledgement is no acknowledgement. */
export const checkPosted = (entry: OutboxEntry, answer: { message?: Message; stored?: Posted['stored'] }): Posted => {
  const { message, stored } = answer ?? {};
  if (message?.id !== entry.id || typeof stored?.durable !== 'boolean') {
    throw new ClientError('network', 'The answer is not one of this server.', 'later');
  }
  return { message, stored };
};
