import type { MessageEvent, MessageKind, SenderType } from '../../protocol/entities.ts';
import { type Attachment, encodeAttachment } from './attachment.ts';

export type { MessageEvent, MessageKind, SenderType };

/** A message as the log holds it. Immutable: a redaction puts another one in its place. */
export interface Message {
  readonly id: string;
  readonly conversationId: string;
  /** Order in the conversation, from 1, no gaps. */
  readonly seq: number;
  /** Number of messages up to and including this one that a visitor may see. */
  readonly publicSeq: number;
  readonly kind: MessageKind;
  readonly senderId: string;
  readonly senderType: SenderType;
  /** Empty when redacted or an event; may be empty beside attachments. */
  readonly content: string;
  /** UTC, ISO 8601 with milliseconds. */
  readonly createdAt: string;
  readonly redacted?: true;
  readonly event?: MessageEvent;
  /** At least one; absent when there are none. */
  readonly attachments?: readonly Attachment[];
}

/** Notes and events never reach a visitor. */
export const isPublic = (message: Pick<Message, 'kind'>): boolean => message.kind === 'message';

/**
 * The bytes of a message: JSON with a fixed order of keys, so that a reader of files can find the id, seq and kind
 * without parsing. `publicSeq` is left out where it equals `seq`: then the same bytes serve agents and visitors.
 */
export const encodeMessage = (m: Message): string => {
  const head = `{"id":${JSON.stringify(m.id)},"conversationId":${JSON.stringify(m.conversationId)},"seq":${m.seq}`;
  const shown = m.publicSeq === m.seq ? '' : `,"publicSeq":${m.publicSeq}`;
  const sender = `,"senderId":${JSON.stringify(m.senderId)},"senderType":"${m.senderType}"`;
  const files = m.attachments ? `,"attachments":[${m.attachments.map(encodeAttachment).join(',')}]` : '';
  const extra = `${m.redacted ? ',"redacted":true' : ''}${m.event ? `,"event":${JSON.stringify(m.event)}` : ''}${files}`;
  return `${head}${shown},"kind":"${m.kind}"${sender},"content":${JSON.stringify(m.content)},"createdAt":"${m.createdAt}"${extra}}`;
};

/** The inverse of {@link encodeMessage}; fields it does not know are kept. */
export const decodeMessage = (json: string): Message => {
  const m = JSON.parse(json) as Message;
  return m.publicSeq === undefined ? { ...m, publicSeq: m.seq } : m;
};
