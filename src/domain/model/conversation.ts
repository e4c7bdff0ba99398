import type { Rating, Status } from '../../protocol/entities.ts';
import { isPublic, type Message } from './message.ts';

export type { Rating, Status };

/** A conversation as the log holds it; what its messages add is in {@link ConversationHead}. Immutable. */
export interface Conversation {
  readonly id: string;
  readonly subject: string | null;
  readonly status: Status;
  readonly userId: string;
  readonly agentId: string | null;
  readonly labels: readonly string[];
  /** UTC ISO time at which a snoozed conversation becomes active by itself. */
  readonly snoozedUntil: string | null;
  /** What the visitor thought of it when it was last closed; absent until they say. */
  readonly rating?: Rating;
  readonly createdAt: string;
  /** Time of the last change of this entity, whoever may see it. */
  readonly changedAt: string;
  /** Time and position of the last change that a visitor may see: what only agents see must leave no trace. */
  readonly publicAt: string;
  readonly publicPosition: number;
}

/** How far one reader has read. Posting a message counts as reading up to it. */
export interface ReadMark {
  readonly conversationId: string;
  readonly readerId: string;
  readonly readerType: 'USER' | 'AGENT';
  readonly seq: number;
  /** The same in publicSeq, and the position of the record that last raised it: a mark on a note moves neither. */
  readonly publicSeq: number;
  readonly publicPosition: number;
  readonly at: string;
}

/** A mark with the position of its record; 0 when it only follows from a post and has no record of its own. */
export interface HeldReadMark extends ReadMark {
  readonly position: number;
}

/** A conversation with what the log adds up to for it: what `resolve` numbers by, and what lists show. Immutable. */
export interface ConversationHead {
  readonly conversation: Conversation;
  /** Position of the record that last changed `conversation`. */
  readonly position: number;
  readonly lastSeq: number;
  readonly lastPublicSeq: number;
  /** Time of the newest message or change: for agents, and for visitors. */
  readonly updatedAt: string;
  readonly publicUpdatedAt: string;
  /** Position of the newest record that a visitor may see: message, redaction, change or read mark. */
  readonly publicPosition: number;
  /** One a reader: few, and made anew by every post, so that no map is worth it. */
  readonly reads: readonly HeldReadMark[];
}

/** Visitors and agents may bear the same id: only type and id together name a reader. */
export type Reader = Pick<ReadMark, 'readerType' | 'readerId'>;

/** The mark of a reader; `undefined` when there is none. */
export const markOf = (reads: readonly HeldReadMark[], reader: Reader): HeldReadMark | undefined =>
  reads.find((mark) => isOf(mark, reader));

/** In an order of their own, so that keepers which learned of them in different orders hold the same. */
const byReader = (a: Reader, b: Reader): number =>
  `${a.readerType} ${a.readerId}` < `${b.readerType} ${b.readerId}` ? -1 : 1;

/** The marks with this one in the place of its reader's former one. */
const withMark = (reads: readonly HeldReadMark[], mark: HeldReadMark): readonly HeldReadMark[] => {
  const at = reads.findIndex((former) => isOf(former, mark));
  return at < 0 ? [...reads, mark].sort(byReader) : reads.with(at, mark);
};

const isOf = (mark: Reader, { readerId, readerType }: Reader): boolean =>
  mark.readerId === readerId && mark.readerType === readerType;

/** The later of two times as ISO text. */
export const later = (a: string, b: string): string => (a > b ? a : b);

/** The head of a conversation that has nothing but itself. */
export const startHead = (conversation: Conversation, position: number): ConversationHead => ({
  conversation,
  position,
  lastSeq: 0,
  lastPublicSeq: 0,
  updatedAt: conversation.changedAt,
  publicUpdatedAt: conversation.publicAt,
  publicPosition: conversation.publicPosition,
  reads: [],
});

/** The head after its conversation changed. */
export const withConversation = (
  head: ConversationHead,
  conversation: Conversation,
  position: number,
): ConversationHead => ({
  ...head,
  conversation,
  position,
  updatedAt: later(head.updatedAt, conversation.changedAt),
  publicUpdatedAt: later(head.publicUpdatedAt, conversation.publicAt),
  publicPosition: Math.max(head.publicPosition, conversation.publicPosition),
});

/** The head after a message was posted or redacted. */
export const withMessage = (head: ConversationHead, message: Message, position: number): ConversationHead => {
  const shown = isPublic(message);
  return {
    ...head,
    lastSeq: Math.max(head.lastSeq, message.seq),
    lastPublicSeq: Math.max(head.lastPublicSeq, message.publicSeq),
    updatedAt: later(head.updatedAt, message.createdAt),
    publicUpdatedAt: shown ? later(head.publicUpdatedAt, message.createdAt) : head.publicUpdatedAt,
    publicPosition: shown ? Math.max(head.publicPosition, position) : head.publicPosition,
    reads: shown ? readByPosting(head.reads, message) : head.reads,
  };
};

/** The head after somebody read on. A mark never goes back. */
export const withRead = (head: ConversationHead, mark: ReadMark, position: number): ConversationHead => {
  const held = markOf(head.reads, mark);
  if (held !== undefined && held.seq > mark.seq) return head;
  return {
    ...head,
    publicPosition: Math.max(head.publicPosition, mark.publicPosition),
    reads: withMark(head.reads, { ...mark, position }),
  };
};

const readByPosting = (reads: ConversationHead['reads'], message: Message): ConversationHead['reads'] => {
  const { senderId, senderType, seq, publicSeq, conversationId } = message;
  if (senderType !== 'USER' && senderType !== 'AGENT') return reads;
  const reader = { readerId: senderId, readerType: senderType };
  const held = markOf(reads, reader);
  if (held !== undefined && held.seq >= seq) return reads;
  const mark = { conversationId, ...reader, seq, publicSeq, at: message.createdAt };
  // The message says it: nothing has to be fed or kept beside it.
  return withMark(reads, { ...mark, publicPosition: 0, position: 0 });
};
