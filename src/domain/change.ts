import type { Actor, Sender } from './access.ts';
import type { GuichetError } from './errors.ts';
import type { Attachment } from './model/attachment.ts';
import type { AuditNote } from './model/audit.ts';
import type { Conversation, ConversationHead, Status } from './model/conversation.ts';
import type { DirectoryKind, DirectoryValues } from './model/directory.ts';
import type { SenderType } from './model/message.ts';
import type { Said } from './model/person.ts';
import type { LogRecord } from './model/record.ts';

/**
 * What callers ask of the log. A change names things and says who asks; `resolve` decides against the state whether
 * it happens, and numbers it. Texts are already normalised and within their limits (see actions/).
 */
export type Change =
  | StartConversation
  | PostMessage
  | ChangeConversation
  | RateConversation
  | ChangeVisitor
  | RedactMessage
  | MarkRead
  | MoveConversation
  | ClearConversation
  | PutEntries
  | Import;

export interface StartConversation {
  readonly type: 'startConversation';
  readonly actor: Actor;
  readonly id: string;
  readonly subject: string | null;
  readonly userId: string;
  readonly agentId: string | null;
  readonly message?: { readonly id: string; readonly content: string; readonly sender: Sender };
}

export interface PostMessage {
  readonly type: 'postMessage';
  readonly actor: Actor;
  readonly id: string;
  readonly conversationId: string;
  readonly kind: 'message' | 'note';
  readonly content: string;
  readonly attachments?: readonly Attachment[];
  readonly sender: Sender;
  /**
   * What the sender has seen: with anything behind this seq (towards visitors: publicSeq) the post is refused as
   * `stale`, so that nobody answers past a colleague or the visitor.
   */
  readonly ifLastSeq?: number;
  /** Agents that a note names. */
  readonly mentions?: readonly string[];
}

export interface ChangeConversation {
  readonly type: 'changeConversation';
  readonly actor: Actor;
  readonly id: string;
  /** Only if the conversation still is like this; otherwise nothing happens. */
  readonly expected?: Partial<Pick<Conversation, 'status' | 'agentId' | 'snoozedUntil'>>;
  readonly patch: {
    readonly status?: Status;
    readonly agentId?: string | null;
    readonly subject?: string | null;
    readonly labels?: readonly string[];
    readonly snoozedUntil?: string | null;
  };
}

/** By the visitor, of a conversation that is closed. The latest counts. */
export interface RateConversation {
  readonly type: 'rateConversation';
  readonly actor: Actor;
  readonly id: string;
  readonly score: number;
  readonly comment: string | null;
}

/** What a visitor says of themselves, or an agent of a visitor. */
export interface ChangeVisitor {
  readonly type: 'changeVisitor';
  readonly actor: Actor;
  /** Whom an agent speaks of; missing: of themselves. */
  readonly of?: string;
  readonly said: Said;
  /** Noted down with it if it changes anything. */
  readonly audit?: AuditNote;
}

export interface RedactMessage {
  readonly type: 'redactMessage';
  readonly actor: Actor;
  readonly conversationId: string;
  readonly id: string;
  readonly audit?: AuditNote;
}

/** `seq` and `publicSeq` are those of one message, looked up by the action. */
export interface MarkRead {
  readonly type: 'markRead';
  readonly actor: Actor;
  readonly conversationId: string;
  readonly seq: number;
  readonly publicSeq: number;
}

/** Gives a conversation to another contact: the same person, known better. Only the server itself asks for it. */
export interface MoveConversation {
  readonly type: 'moveConversation';
  readonly id: string;
  readonly userId: string;
}

/** Takes away what a conversation says of its own. Only the server itself asks for it, after its messages. */
export interface ClearConversation {
  readonly type: 'clearConversation';
  readonly id: string;
}

/** One entry of the directory to write. */
export type Entry = { [K in DirectoryKind]: { readonly kind: K; readonly value: DirectoryValues[K] } }[DirectoryKind];

/** Writes entries, all or none. `create`: an id that exists with another content is `id_taken`. */
export interface PutEntries {
  readonly type: 'putEntries';
  readonly mode: 'create' | 'replace';
  readonly entries: readonly Entry[];
  /** Noted down with it if it writes anything, or if there is nothing to write: both or neither. */
  readonly audit?: AuditNote;
}

/** What another program kept, with its own ids and times; nothing is refused because of rules for new things. */
export type ImportItem =
  | { readonly type: 'contact'; readonly value: DirectoryValues['contact'] }
  | { readonly type: 'agent'; readonly value: DirectoryValues['agent'] }
  | {
      readonly type: 'conversation';
      readonly id: string;
      readonly subject: string | null;
      readonly status: Status;
      readonly userId: string;
      readonly agentId: string | null;
      readonly createdAt: string;
    }
  | {
      readonly type: 'message';
      readonly id: string;
      readonly conversationId: string;
      readonly senderId: string;
      readonly senderType: SenderType;
      readonly content: string;
      readonly createdAt: string;
      /** It was never for the visitor, and stays so. */
      readonly note?: true;
    };

/** Adds what is not there yet; a conversation comes before its messages. Whatever is known is left as it is. */
export interface Import {
  readonly type: 'import';
  readonly items: readonly ImportItem[];
}

/** What became of a change. */
export type Outcome = Done | { readonly ok: false; readonly error: GuichetError };

export interface Done {
  readonly ok: true;
  /** Nothing was written: it was there already, or it changes nothing. */
  readonly repeated: boolean;
  /** The conversation as it is after this change. */
  readonly head?: ConversationHead;
  readonly message?: LogRecord<'message'>;
  /** Records that this change added. */
  readonly added: number;
}
