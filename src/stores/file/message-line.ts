import { decodeMessage, isPublic, type SenderType } from '../../domain/model/message.ts';
import type { LogRecord } from '../../domain/model/record.ts';
import { parseStoredLine, readTail } from './stored-line.ts';

/** One bit says that a visitor may see a message, two who sent it: what is kept of each message in memory. */
export const FLAG_PUBLIC = 1;
const SENDER_SHIFT = 1;
const SENDERS: readonly SenderType[] = ['USER', 'AGENT', 'BOT', 'SYSTEM'];

export const messageFlags = (shown: boolean, sender: SenderType): number =>
  (shown ? FLAG_PUBLIC : 0) | (SENDERS.indexOf(sender) << SENDER_SHIFT);

/** Epoch ms of an ISO time. Messages of one batch have the same: it is parsed once for all of them. */
export const parseTime = (text: string): number => {
  if (text !== lastText) {
    lastText = text;
    lastTime = Date.parse(text);
  }
  return lastTime;
};
let lastText = '';
let lastTime = Number.NaN;

/** Epoch ms of `createdAt`, without parsing the message where it stands at the end, as it does in all but a few. */
export const timeOfMessage = (json: string): number => {
  const direct = json.startsWith(CREATED, json.length - CREATED_END) && json.endsWith('Z"}');
  return parseTime(direct ? json.slice(-26, -2) : decodeMessage(json).createdAt);
};

const CREATED = ',"createdAt":"';
const CREATED_END = CREATED.length + '2025-01-06T08:00:34.144Z"}'.length;

export const parseMessageLine = (bytes: Buffer, start: number, end: number): LogRecord<'message'> | undefined =>
  parseStoredLine('message', bytes, start, end, timeOfMessage);

/** What loading needs of a message line. */
export interface MessageGlance {
  /** The id as UTF-8: `bytes[idStart, idEnd)`, or `id` where it is written with escapes. */
  idStart: number;
  idEnd: number;
  id: string | undefined;
  seq: number;
  position: number;
  flags: number;
}

const ID = '{"id":"';
const CONVERSATION = ',"conversationId":';
const SEQ = ',"seq":';
const PUBLIC_SEQ = ',"publicSeq":';
const KIND = ',"kind":"';
const SENDER = '","senderId":"';
const SENDER_TYPE = '","senderType":"';
const KINDS = { m: 'message', n: 'note', e: 'event' } as const;
const SENDERS_BY_LETTER = new Map(SENDERS.map((sender, i) => [sender.charCodeAt(0), i]));
const QUOTE = 34;
const BACKSLASH = 92;
const ZERO = 48;

/**
 * Reads a message line by the fixed order of its keys, without making an object of it: this runs once for every
 * message at each start. What does not look as expected is parsed.
 * @param keyLength bytes of the conversation's id as JSON: the same in the line as in the key of its block
 * @param into filled in and returned
 */
export const glance = (
  bytes: Buffer,
  start: number,
  end: number,
  keyLength: number,
  into: MessageGlance,
): MessageGlance | undefined => {
  const tail = readTail(bytes, start, end);
  if (tail === undefined) return undefined;
  into.position = tail.position;
  return glanceFast(bytes, start, end, keyLength, into) ? into : glanceSlowly(bytes, start, tail.cut, into);
};

const glanceFast = (bytes: Buffer, start: number, end: number, keyLength: number, into: MessageGlance): boolean => {
  if (!matches(bytes, start, ID)) return false;
  into.idStart = start + ID.length;
  into.idEnd = stringEnd(bytes, into.idStart, end);
  into.id = undefined;
  let at = into.idEnd + 1;
  if (into.idEnd < 0 || !matches(bytes, at, CONVERSATION)) return false;
  at += CONVERSATION.length + keyLength;
  if (!matches(bytes, at, SEQ)) return false;
  at += SEQ.length;
  into.seq = 0;
  for (; isDigit(bytes[at]!); at += 1) into.seq = into.seq * 10 + bytes[at]! - ZERO;
  if (matches(bytes, at, PUBLIC_SEQ)) {
    at += PUBLIC_SEQ.length;
    while (isDigit(bytes[at]!)) at += 1;
  }
  if (!matches(bytes, at, KIND)) return false;
  at += KIND.length;
  const kind = KINDS[String.fromCharCode(bytes[at]!) as keyof typeof KINDS];
  if (kind === undefined || !matches(bytes, at + kind.length, SENDER)) return false;
  at = stringEnd(bytes, at + kind.length + SENDER.length, end);
  if (at < 0 || !matches(bytes, at, SENDER_TYPE)) return false;
  const sender = SENDERS_BY_LETTER.get(bytes[at + SENDER_TYPE.length]!);
  if (sender === undefined) return false;
  into.flags = (kind === 'message' ? FLAG_PUBLIC : 0) | (sender << SENDER_SHIFT);
  return true;
};

const glanceSlowly = (bytes: Buffer, start: number, cut: number, into: MessageGlance): MessageGlance | undefined => {
  try {
    const message = decodeMessage(`${bytes.toString('utf8', start, cut)}}`);
    into.id = message.id;
    into.seq = message.seq;
    into.flags = messageFlags(isPublic(message), message.senderType);
    return typeof into.id === 'string' && Number.isInteger(into.seq) ? into : undefined;
  } catch {
    return undefined;
  }
};

const isDigit = (byte: number): boolean => byte >= ZERO && byte <= ZERO + 9;

const matches = (bytes: Buffer, at: number, text: string): boolean => {
  for (let i = 0; i < text.length; i += 1) if (bytes[at + i] !== text.charCodeAt(i)) return false;
  return true;
};

/** Index of the quote that ends a string; -1 when the string has escapes or no end. */
const stringEnd = (bytes: Buffer, from: number, end: number): number => {
  for (let at = from; at < end; at += 1) {
    if (bytes[at] === QUOTE) return at;
    if (bytes[at] === BACKSLASH) return -1;
  }
  return -1;
};
