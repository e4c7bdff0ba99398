import type { SenderType, Status } from '../protocol/entities.ts';
import type { ConversationHead } from './model/conversation.ts';
import type { DirectoryKind, DirectoryValues } from './model/directory.ts';
import type { LogIdentity } from './model/log-identity.ts';
import type { LogRecord } from './model/record.ts';

/**
 * The port every keeper of the log implements, the chain of several included. `src/stores/contract/` tests it.
 *
 * Throughout: a store that is not open rejects every call but `open`, `health` and `close` with `closing`; a store
 * that lacks data it should have rejects with `unavailable`, never with *not found*; an outage (time-out, full disk,
 * I/O error) rejects with `unavailable` or `storage_full` and leaves what was acknowledged as it was.
 */
export interface Store {
  /** For people and reports; carries no secret. */
  readonly name: string;
  readonly kind: StoreKind;
  readonly capabilities: Capabilities;

  /**
   * Opens, recovers what was held, and begins a new epoch. Called once. An empty store takes `log` as its identity
   * (or makes one); one that keeps another log than a given `log`, is held by another process, is of a newer format
   * or damaged rejects with `refused`.
   */
  open(options?: OpenOptions): Promise<LogHead>;

  /** Set while several processes write to this log; see {@link OpenOptions.shared}. */
  readonly shared?: SharedLog | undefined;

  /**
   * The log kept at this place, read without opening or changing it; `undefined` when nothing is kept there yet.
   * Only before `open`. Rejects like `open` for a place that cannot be read.
   */
  identity(): Promise<LogIdentity | undefined>;

  /** Who holds the record at this position now, and whether durably. Positions past the head count as the head. */
  holder(position: number): Commitment;

  /**
   * Writes the state as it is now in the place of an older copy of it, where the keeper has such copies: what was
   * overwritten before the last but one of them is then gone from its history. False when there was nothing to write.
   * @param forgetting no history is kept for the next backup either
   */
  takeSnapshot?(forgetting?: boolean): Promise<boolean>;

  /** A snapshot of how it is, at any time, also when closed. Never throws. */
  health(): StoreHealth;

  /** Finishes what was accepted, releases everything. A second call is answered like the first. */
  close(): Promise<void>;

  /**
   * Adds records: all or none, durable when it resolves, visible to reads from then on and never before.
   * Accepted only if the head is exactly `batch.after` and `batch.epoch` is the store's own; the same records again
   * succeed and change nothing; anything else rejects with `fenced`. A batch without records touches nothing and only
   * says who would hold it. Calls are made one at a time.
   */
  append(batch: Batch): Promise<Commitment>;

  /**
   * What `resolve` needs to number and check changes, as of one moment. Unknown ids are simply absent. Its head is
   * final: an append of this store that failed before has by then either landed or never will.
   */
  view(request: ViewRequest): Promise<View>;

  /**
   * Records after `position`, in order of position, at most `limit`. Above the floor every record; below it one per
   * entity, the newest, at the position of its last change. Never rejects for age. Records that come after
   * `page.through` were not looked at; `page.more` is false when `through` is the head at that moment.
   */
  recordsSince(position: number, limit: number, filter?: RecordFilter): Promise<RecordPage>;

  /** One conversation, `undefined` when there is none. */
  conversation(id: string): Promise<ConversationHead | undefined>;

  /** Conversations that match, newest activity first (`updatedAt`, or `publicUpdatedAt` when `userId` asks; then id). */
  conversations(query: ConversationQuery): Promise<ConversationPage>;

  /**
   * Messages of a conversation in order of seq. With `after`: those behind it; with `before`: the last ones in front
   * of it; with neither: the latest. `public` counts `after`, `before` and the page in publicSeq and leaves hidden
   * messages out. An unknown conversation has no messages.
   */
  messages(conversationId: string, range: MessageRange): Promise<MessagePage>;

  /**
   * For each request the number of messages of kind `message` by `senderType` with a seq above `after` and at most
   * `through`: with the `lastSeq` of a head, the count is of the same moment as the head.
   */
  countMessages(requests: readonly MessageCount[]): Promise<number[]>;

  /**
   * Messages and notes that hold every word of the search, newest first: by `createdAt`, then by position. A word is
   * held when it begins one of the message, case and accents aside. Redacted ones are not found. Rejects with
   * `invalid` for a search without a word or with too many, and for a cursor that is none; with `unavailable` while
   * an index is being made.
   */
  search(query: MessageSearch): Promise<MessageHits>;

  /** One entry of the directory, `undefined` when there is none. */
  entry<K extends DirectoryKind>(kind: K, id: string): Promise<DirectoryValues[K] | undefined>;

  /** All entries of a kind, in order of id (code units), paged by `after`. */
  entries<K extends DirectoryKind>(kind: K, page?: { after?: string; limit?: number }): Promise<DirectoryValues[K][]>;

  /** The agent with this e-mail address (compared in lower case), `undefined` when there is none. */
  agentByEmail(email: string): Promise<DirectoryValues['agent'] | undefined>;
}

/** What a store offers that several processes have open at once: they take turns, and hear of each other. */
export interface SharedLog {
  /**
   * Runs `work` while no other process writes: what it sees and appends is one transaction, kept when `turn` resolves.
   * `work` uses the store it is given and no other.
   */
  turn<T>(work: (store: Pick<Store, 'view' | 'append'>) => Promise<T>): Promise<T>;
  /**
   * Calls `moved` whenever the log may have gone on by another process, until the store is closed; also for nothing,
   * and once for several batches. What is new is read by `recordsSince`, as by everybody: this only wakes the reader.
   */
  watch(moved: () => void): void;
}

/** What a store answers about its log; all of it can be had of a store that was opened for reading. */
export type Reads = Pick<
  Store,
  | 'view'
  | 'recordsSince'
  | 'conversation'
  | 'conversations'
  | 'messages'
  | 'countMessages'
  | 'search'
  | 'entry'
  | 'entries'
  | 'agentByEmail'
>;

export type StoreKind = 'memory' | 'file' | 'sqlite' | 'postgres' | 'mysql';

/** What differs between stores; the contract suite holds each to what it says. */
export interface Capabilities {
  /** Acknowledged records survive the process and the power. */
  readonly durable: boolean;
  /** A second `open` on the same place finds the records again. */
  readonly reopens: boolean;
  /** It can be opened for reading, also while somebody else writes to the same place. */
  readonly readsAlong?: boolean;
}

export interface OpenOptions {
  readonly log?: LogIdentity;
  /**
   * The store stands alone, so other processes may write to the same log. Where its kind can do that (`shared` is set
   * afterwards) they share an epoch; any other opening fences them, and so does a log that is part of a chain.
   */
  readonly shared?: boolean;
  /**
   * Only for stores that `readsAlong`: nothing is written, held or fenced, so that a running server is not disturbed.
   * Reads show one moment of the log at or after the call; appends are `fenced`; a place that keeps nothing is
   * `refused`.
   */
  readonly reading?: boolean;
}

/** Where a log stands. */
export interface LogHead {
  readonly log: LogIdentity;
  /** +1 at each opening; an append of an older one is fenced. */
  readonly epoch: number;
  /** Position of the newest record; 0 for an empty log. */
  readonly position: number;
  /** Time of the newest record, epoch ms; 0 for an empty log. */
  readonly time: number;
  /** Which keeper this is: made when it began to keep the log, and its own wherever it is moved. */
  readonly keeper?: string;
}

/** State machine of a store: opening -> open <-> degraded -> closing -> closed. */
export type StoreState = 'new' | 'opening' | 'open' | 'degraded' | 'closing' | 'closed';

/** One store of a chain: `member` holds everything, `behind` is being filled, `standby` waits to stand in. */
export interface TierHealth {
  readonly name: string;
  readonly kind: StoreKind;
  readonly state: 'member' | 'behind' | 'down' | 'standby';
  /** Epoch ms since when. */
  readonly since: number;
  /** Since when it holds less than everything, epoch ms; null while it holds all, or stands by. */
  readonly outSince: number | null;
  readonly position: number;
  readonly lastError: string | null;
}

export interface StoreHealth {
  readonly state: StoreState;
  /** Epoch ms since when it is in this state. */
  readonly since: number;
  readonly position: number;
  /** Records above this position are answered one by one. */
  readonly floor: number;
  readonly lastError: string | null;
  readonly lastSnapshot: { readonly position: number; readonly at: number } | null;
  /** Of a chain: up to where the log is durable, and whether everything that was acknowledged can be read. */
  readonly durable?: number;
  readonly complete?: boolean;
  /** Of a chain: the tier that is named in acknowledgements and read from. */
  readonly best?: string | null;
  /** What a write would be now; where it is missing, an open store writes as its capabilities say. */
  readonly writes?: 'durable' | 'volatile' | 'none';
  /** Since when something acknowledged is in memory only, epoch ms. */
  readonly unsavedSince?: number | null;
  readonly tiers?: readonly TierHealth[];
}

export interface Batch {
  readonly log: LogIdentity;
  readonly epoch: number;
  /** The head this batch follows. */
  readonly after: number;
  /** The head it leads to: the position of its last record, or higher on a page of a compacted log. */
  readonly through: number;
  /** Positions strictly rising within (after, through]; without gaps unless `compacted`. */
  readonly records: readonly LogRecord[];
  /** A page of `recordsSince` from below a floor: entities once each, possibly a message before its conversation. */
  readonly compacted?: boolean;
}

/** Who holds a batch, as told in acknowledgements. */
export interface Commitment {
  readonly tier: StoreKind;
  readonly durable: boolean;
}

export interface ViewRequest {
  readonly conversations: readonly string[];
  readonly messages: readonly string[];
  readonly entries: readonly { kind: DirectoryKind; id: string }[];
  readonly agentEmails: readonly string[];
}

export interface View {
  readonly head: LogHead;
  readonly conversations: ReadonlyMap<string, ConversationHead>;
  readonly messages: ReadonlyMap<string, LogRecord<'message'>>;
  /** By `"<kind> <id>"`. */
  readonly entries: ReadonlyMap<string, DirectoryValues[DirectoryKind]>;
  /** Agent by lower-case e-mail. */
  readonly agentsByEmail: ReadonlyMap<string, DirectoryValues['agent']>;
}

export interface RecordFilter {
  /** Only what this contact may see: its conversations, their public messages, their read marks. */
  readonly userId?: string;
}

export interface RecordPage {
  readonly records: readonly LogRecord[];
  readonly through: number;
  readonly more: boolean;
  readonly compacted: boolean;
}

export interface ConversationQuery {
  readonly userId?: string;
  readonly status?: Status;
  /** An agent's id, or null for the unassigned. */
  readonly agentId?: string | null;
  readonly label?: string;
  /** Words; each must begin a word of the subject or of the contact's name or e-mail, case and accents aside. */
  readonly q?: string;
  readonly limit: number;
  /** `nextCursor` of the page before. A cursor that is none rejects with `invalid`. */
  readonly cursor?: string;
}

export interface ConversationPage {
  readonly conversations: readonly ConversationHead[];
  readonly nextCursor: string | null;
}

export interface MessageRange {
  readonly after?: number;
  readonly before?: number;
  readonly limit: number;
  readonly public?: boolean;
}

export interface MessagePage {
  readonly messages: readonly LogRecord<'message'>[];
  /** Of the conversation: its last seq, or last publicSeq when the range was `public`. */
  readonly lastSeq: number;
  /** More in the direction of reading: after the page with `after`, before it otherwise. */
  readonly hasMore: boolean;
}

export interface MessageSearch {
  /** At most SEARCH_MAX code units with at most SEARCH_WORDS_MAX different words. */
  readonly q: string;
  readonly limit: number;
  /** `nextCursor` of the page before. A cursor that is none rejects with `invalid`. */
  readonly cursor?: string;
}

export interface MessageHits {
  readonly messages: readonly LogRecord<'message'>[];
  readonly nextCursor: string | null;
}

export interface MessageCount {
  readonly conversationId: string;
  readonly after: number;
  readonly through: number;
  readonly senderType: SenderType;
}
