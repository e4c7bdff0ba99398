import type { ImportItem } from '../../src/domain/change.ts';
import { GroupCommit } from '../../src/domain/group-commit.ts';
import { createStore } from '../../src/stores/open-store.ts';

const BATCH = 2_000;

/**
 * Writes a house with a past into an empty data directory: `conversations` of one message each, `c1` the newest, with
 * `messages` of its own in turns of visitor and agent.
 */
export const writeLongHistory = async (
  dataDir: string,
  { conversations, messages }: { conversations: number; messages: number },
): Promise<void> => {
  const store = createStore({ kind: 'file', path: dataDir, name: `file:${dataDir}` });
  const log = new GroupCommit(store, await store.open());
  const now = Date.now();
  const at = (secondsAgo: number): string => new Date(now - secondsAgo * 1000).toISOString();
  let items: ImportItem[] = [];
  const flush = async (): Promise<void> => {
    await log.commit({ type: 'import', items });
    items = [];
  };
  const post = (conversationId: string, id: string, user: boolean, content: string, createdAt: string): void => {
    const sender = user
      ? { senderId: `v-${conversationId}`, senderType: 'USER' as const }
      : { senderId: 'former', senderType: 'AGENT' as const };
    items.push({ type: 'message', id, conversationId, ...sender, content, createdAt });
  };
  for (let i = conversations; i >= 1; i -= 1) {
    const [id, createdAt] = [`c${i}`, at(60 * i + messages)];
    const subject = i % 7 === 0 ? `Order ${i}` : null;
    items.push({ type: 'contact', value: { id: `v-${id}`, name: `Guest ${i}`, email: null, locale: 'en', createdAt } });
    items.push({ type: 'conversation', id, subject, status: 'ACTIVE', userId: `v-${id}`, agentId: null, createdAt });
    post(id, `${id}-0`, true, `conversation ${i}.`, createdAt);
    if (items.length >= BATCH) await flush();
  }
  for (let i = 1; i < messages; i += 1) {
    post('c1', `c1-${i}`, i % 3 === 0, `message ${i}.`, at(messages - i));
    if (items.length >= BATCH) await flush();
  }
  await flush();
  await log.close();
  await store.close();
};
