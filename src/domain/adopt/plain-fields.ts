import { createHash } from 'node:crypto';
import type { Status } from '../model/conversation.ts';
import type { SenderType } from '../model/message.ts';

/** An object of a plain file. */
export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The first of these fields that is there; each name is tried in camelCase and in snake_case. */
export const field = (fields: Fields, ...names: string[]): unknown => {
  for (const name of names) {
    const value = own(fields, name) ?? own(fields, snakeCase(name));
    if (value !== undefined) return value;
  }
  return undefined;
};

const own = (fields: Fields, name: string): unknown =>
  Object.hasOwn(fields, name) ? (fields[name] ?? undefined) : undefined;

/** Asked for every field of every message: each name is spelled once. */
const spelled = new Map<string, string>();
const snakeCase = (name: string): string => {
  let spelling = spelled.get(name);
  if (spelling === undefined) {
    spelling = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    spelled.set(name, spelling);
  }
  return spelling;
};

/** A text or a number as text; `undefined` for everything else and for nothing. */
export const text = (value: unknown): string | undefined => {
  if (typeof value === 'string') return value === '' ? undefined : value;
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : undefined;
};

export const statusOf = (value: unknown): Status => {
  const name = text(value)?.toUpperCase();
  return name === 'CLOSED' || name === 'SNOOZED' ? name : 'ACTIVE';
};

const SENDER_TYPES: Readonly<Record<string, SenderType>> = {
  USER: 'USER',
  CUSTOMER: 'USER',
  VISITOR: 'USER',
  CLIENT: 'USER',
  AGENT: 'AGENT',
  ADMIN: 'AGENT',
  OPERATOR: 'AGENT',
  BOT: 'BOT',
  SYSTEM: 'SYSTEM',
};

/** `undefined` when nothing is said; what is unknown counts as the system. */
export const senderTypeOf = (value: unknown): SenderType | undefined => {
  if (value === undefined) return undefined;
  const name = text(value)?.toUpperCase() ?? '';
  return Object.hasOwn(SENDER_TYPES, name) ? SENDER_TYPES[name]! : 'SYSTEM';
};

/** An id for a thing that came without one: the same file gives the same id again. */
export const derivedId = (...parts: readonly unknown[]): string =>
  `adopted-${createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 32)}`;
