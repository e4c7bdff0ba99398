import { encodeMessage } from '../model/message.ts';
import type { LogRecord, RecordKind, RecordValues } from '../model/record.ts';

type Check = (value: unknown) => boolean;
/** Checks for what an entity always has; what it may lack is not looked at. */
type Shape<T> = { readonly [K in keyof T as undefined extends T[K] ? never : K]: Check };

const text: Check = (value) => typeof value === 'string';
const flag: Check = (value) => typeof value === 'boolean';
const number: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const time: Check = (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value));
const texts: Check = (value) => Array.isArray(value) && value.every(text);
const object: Check = (value) => typeof value === 'object' && value !== null;
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const oneOf =
  (...words: readonly string[]): Check =>
  (value) =>
    words.includes(value as string);

const SHAPES: { readonly [K in RecordKind]: Shape<RecordValues[K]> } = {
  message: {
    ...{ id: text, conversationId: text, seq: number, publicSeq: number },
    ...{ kind: oneOf('message', 'note', 'event'), senderId: text },
    ...{ senderType: oneOf('USER', 'AGENT', 'BOT', 'SYSTEM'), content: text, createdAt: time },
  },
  conversation: {
    ...{ id: text, subject: orNull(text), status: oneOf('ACTIVE', 'SNOOZED', 'CLOSED'), userId: text },
    ...{ agentId: orNull(text), labels: texts, snoozedUntil: orNull(time) },
    ...{ createdAt: time, changedAt: time, publicAt: time, publicPosition: number },
  },
  read: {
    ...{ conversationId: text, readerId: text, readerType: oneOf('USER', 'AGENT'), seq: number },
    ...{ publicSeq: number, publicPosition: number, at: time },
  },
  agent: {
    ...{ id: text, email: orNull(text), name: text, role: oneOf('admin', 'agent'), active: flag, createdAt: time },
  },
  contact: { id: text, name: orNull(text), email: orNull(text), locale: orNull(text), createdAt: time },
  credential: { id: text },
  session: { id: text, agentId: text, createdAt: time, expiresAt: time, revoked: flag },
  settings: { id: oneOf('settings'), teamName: text, greeting: text, accent: orNull(text) },
  apiKey: {
    ...{ id: text, agentId: text, name: text, scope: oneOf('read', 'agent', 'admin'), createdAt: time },
    ...{ expiresAt: orNull(time), revoked: flag },
  },
  block: { id: text, active: flag, at: time, by: text },
  audit: { id: text, number, at: time, by: object, action: text, about: orNull(text) },
  retention: { id: oneOf('retention'), closedForDays: orNull(number) },
  chain: { id: oneOf('chain'), members: Array.isArray, position: number },
  label: { id: text, name: text, color: text, archived: flag },
  cannedReply: { id: text, shortcut: text, content: text, archived: flag },
  mention: {
    ...{ id: text, agentId: text, conversationId: text, messageId: text, seq: number },
    ...{ byId: text, at: time, seen: flag },
  },
};

/**
 * Whether a record that was read from a damaged place can be one: of a kind there is, with all that the kind always
 * has, and numbers that a log can have. What it says may still be wrong.
 */
export const isPossible = (record: LogRecord): boolean => {
  const { position, time: at, kind } = record;
  if (!Number.isSafeInteger(position) || position < 1 || !Number.isSafeInteger(at)) return false;
  if (!Object.hasOwn(SHAPES, kind)) return false;
  try {
    const value: object = record.value;
    const isWhole = Object.entries<Check>(SHAPES[kind]).every(([name, check]) => check(value[name as never]));
    return isWhole && (!record.is('message') || isNumbered(record));
  } catch {
    return false;
  }
};

/** Every message takes a position of the log, and a public one is counted among all. */
const isNumbered = ({ position, value: { seq, publicSeq } }: LogRecord<'message'>): boolean =>
  seq >= 1 && seq <= position && publicSeq <= seq;

/** Whether a message stands exactly as this program writes one: a name of a field that was damaged shows here. */
export const isWrittenByUs = (record: LogRecord): boolean =>
  !record.is('message') || encodeMessage(record.value) === record.json;
