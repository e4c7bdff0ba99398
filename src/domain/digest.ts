import { createHash } from 'node:crypto';
import { TimeSlice } from '../lib/time-slice.ts';
import type { ConversationHead } from './model/conversation.ts';
import { DIRECTORY_KINDS, type DirectoryKind } from './model/directory.ts';
import type { LogRecord } from './model/record.ts';
import type { ConversationQuery, Reads } from './store.ts';

/**
 * The one answer to "do these two hold the same?", used wherever a copy is compared with what it was made from:
 * SHA-256, in hex, of everything that a keeper has to keep. Messages count byte by byte, other entities by their
 * content, whatever the order of their keys; positions count, times of records do not (a compacted log only tells
 * about them, LG-58).
 */
export type Digest = string;

/** The reads by which all of a log can be had. */
export type WholeReads = Pick<
  Reads,
  'view' | 'recordsSince' | 'conversation' | 'conversations' | 'messages' | 'entries'
>;

/** Digests of a whole log: of each conversation, and of each kind of entry of the directory. */
export interface LogDigest {
  readonly conversations: ReadonlyMap<string, Digest>;
  readonly entries: Readonly<Record<DirectoryKind, Digest>>;
  readonly counts: { readonly conversations: number; readonly messages: number; readonly entries: number };
}

const MESSAGES_PAGE = 500;
const CONVERSATIONS_PAGE = 500;
const ENTRIES_PAGE = 10_000;

/** All conversations, newest activity first; one that moves up while the list is read may be left out (LG-51). */
export async function* conversationsOf(
  reads: Pick<Reads, 'conversations'>,
  query: Omit<ConversationQuery, 'limit' | 'cursor'> = {},
): AsyncGenerator<ConversationHead> {
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<Reads['conversations']>> = await reads.conversations({
      ...{ ...query, limit: CONVERSATIONS_PAGE },
      ...(cursor !== null && { cursor }),
    });
    yield* page.conversations;
    cursor = page.nextCursor;
  } while (cursor !== null);
}

/** All messages of a conversation, in order of seq. */
export async function* messagesOf(
  reads: Pick<Reads, 'messages'>,
  conversationId: string,
): AsyncGenerator<LogRecord<'message'>> {
  for (let after = 0; ; ) {
    const { messages, hasMore } = await reads.messages(conversationId, { after, limit: MESSAGES_PAGE });
    yield* messages;
    after = messages.at(-1)?.value.seq ?? after;
    if (!hasMore || messages.length === 0) return;
  }
}

/** All entries of a kind, in order of id. */
export async function* entriesOf<K extends DirectoryKind>(reads: Pick<Reads, 'entries'>, kind: K) {
  for (let after: string | undefined; ; ) {
    const page = await reads.entries(kind, { limit: ENTRIES_PAGE, ...(after !== undefined && { after }) });
    yield* page;
    if (page.length < ENTRIES_PAGE) return;
    after = page.at(-1)!.id;
  }
}

/** Digest of a conversation with its messages and read marks, and how many messages these are. */
export const digestConversation = async (
  reads: WholeReads,
  head: ConversationHead,
  slice = new TimeSlice(),
): Promise<{ digest: Digest; messages: number }> => {
  const hash = createHash('sha256');
  const { conversation, position, lastSeq, lastPublicSeq, reads: marks } = head;
  const sorted = marks.map(canonical).sort();
  hash.update(`${canonical({ conversation, position, lastSeq, lastPublicSeq })}\n${sorted.join('\n')}\n`);
  let messages = 0;
  for await (const record of messagesOf(reads, conversation.id)) {
    hash.update(`${record.position} ${record.json}\n`);
    messages += 1;
    await slice.pause();
  }
  return { digest: hash.digest('hex'), messages };
};

/** Digest of all entries of a kind. */
export const digestEntries = async (
  reads: WholeReads,
  kind: DirectoryKind,
  slice = new TimeSlice(),
): Promise<{ digest: Digest; entries: number }> => {
  const hash = createHash('sha256');
  let entries = 0;
  for await (const entry of entriesOf(reads, kind)) {
    hash.update(`${canonical(entry)}\n`);
    entries += 1;
    await slice.pause();
  }
  return { digest: hash.digest('hex'), entries };
};

/** Digests of everything; what is digested must stand still. */
export const digestLog = async (reads: WholeReads): Promise<LogDigest> => {
  const slice = new TimeSlice();
  const conversations = new Map<string, Digest>();
  let messages = 0;
  for await (const head of conversationsOf(reads)) {
    const found = await digestConversation(reads, head, slice);
    conversations.set(head.conversation.id, found.digest);
    messages += found.messages;
  }
  const digests: Partial<Record<DirectoryKind, Digest>> = {};
  let entries = 0;
  for (const kind of DIRECTORY_KINDS) {
    const found = await digestEntries(reads, kind, slice);
    digests[kind] = found.digest;
    entries += found.entries;
  }
  const counts = { conversations: conversations.size, messages, entries };
  return { conversations, entries: digests as LogDigest['entries'], counts };
};

/** All of a log in one digest. */
export const wholeDigest = ({ conversations, entries }: Omit<LogDigest, 'counts'>): Digest => {
  const hash = createHash('sha256');
  for (const id of [...conversations.keys()].sort()) hash.update(`${JSON.stringify(id)} ${conversations.get(id)}\n`);
  for (const kind of DIRECTORY_KINDS) hash.update(`${kind} ${entries[kind]}\n`);
  return hash.digest('hex');
};

/** JSON with sorted keys: the same for equal values. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, held: unknown) =>
    held === null || typeof held !== 'object' || Array.isArray(held)
      ? held
      : Object.fromEntries(Object.entries(held).sort(([a], [b]) => (a < b ? -1 : 1))),
  );
