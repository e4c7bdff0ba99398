import { type Actor, authorize, SYSTEM } from '../access.ts';
import type { Chat } from '../chat.ts';
import { GuichetError } from '../errors.ts';
import type { ConversationHead } from '../model/conversation.ts';

import { clearedConversation } from '../model/erased.ts';
import { noteDown, noteOf } from './audit-log.ts';
import { countContents, type Erased, eraseContents, hasContent } from './erase-contents.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const DAYS_MAX = 36_500;
const PAGE = 200;
/** Messages looked at from either end to see whether a conversation was emptied already. */
const SAMPLE = 50;

/** After how many days contents of closed conversations are deleted; null: never, which is the default. */
export const currentRetention = async (chat: Pick<Chat, 'store'>): Promise<number | null> =>
  (await chat.store.entry('retention', 'retention'))?.closedForDays ?? null;

/** Sets the policy; it is applied within the day, and by {@link applyRetention}. */
export const changeRetention = async (chat: Chat, actor: Actor, closedForDays: number | null): Promise<void> => {
  authorize(actor, 'retention.change');
  checkDays(closedForDays);
  await chat.log.commit({
    type: 'putEntries',
    mode: 'replace',
    entries: [{ kind: 'retention', value: { id: 'retention', closedForDays } }],
    audit: noteOf(actor, 'retention.change', null, closedForDays === null ? 'off' : `${closedForDays} days`),
  });
};

const checkDays = (days: number | null): void => {
  if (days === null || (Number.isInteger(days) && days >= 1 && days <= DAYS_MAX)) return;
  throw new GuichetError('invalid', `closedForDays must be a whole number from 1 to ${DAYS_MAX}, or null.`);
};

/** What a policy would delete now, without deleting anything. */
export const previewRetention = (chat: Chat, actor: Actor, days: number, now = Date.now()): Promise<Erased> => {
  authorize(actor, 'retention.change');
  checkDays(days);
  return sweep(chat, days, now, (head) => countContents(chat, head));
};

/** Deletes what the policy says; nothing when there is none. */
export const applyRetention = async (chat: Chat, now = Date.now()): Promise<Erased> => {
  const days = await currentRetention(chat);
  if (days === null) return { conversations: 0, messages: 0 };
  const erased = await sweep(chat, days, now, (head) => eraseContents(chat, head));
  if (erased.conversations > 0) {
    const detail = `${erased.conversations} conversations, ${erased.messages} messages`;
    await noteDown(chat, noteOf(SYSTEM, 'retention.run', null, detail));
  }
  return erased;
};

/** Goes through the closed conversations that were silent for so long and still hold something. */
const sweep = async (
  chat: Chat,
  days: number,
  now: number,
  take: (head: ConversationHead) => Promise<number>,
): Promise<Erased> => {
  const before = new Date(now - days * DAY_MS).toISOString();
  let cursor: string | null = null;
  let conversations = 0;
  let messages = 0;
  do {
    const page = await chat.store.conversations({
      ...{ status: 'CLOSED' as const, limit: PAGE },
      ...(cursor !== null && { cursor }),
    });
    // The list moves when a subject is taken away, so the page is read whole before anything is changed.
    for (const head of page.conversations) {
      if (head.updatedAt >= before || !(await holdsContent(chat, head))) continue;
      conversations += 1;
      messages += await take(head);
    }
    cursor = page.nextCursor;
  } while (cursor !== null);
  return { conversations, messages };
};

const holdsContent = async ({ store }: Chat, { conversation }: ConversationHead): Promise<boolean> => {
  if (clearedConversation(conversation) !== conversation) return true;
  for (const range of [{ after: 0 }, {}]) {
    const { messages } = await store.messages(conversation.id, { ...range, limit: SAMPLE });
    if (messages.some(({ value }) => hasContent(value))) return true;
  }
  return false;
};
