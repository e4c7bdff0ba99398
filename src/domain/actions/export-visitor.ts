import { type Actor, authorize } from '../access.ts';
import type { Chat } from '../chat.ts';
import { GuichetError } from '../errors.ts';
import { noteDown, noteOf } from './audit-log.ts';

const PAGE = 200;

/**
 * Everything that is kept about a visitor, as the text of one JSON document, piece by piece: however much it is, only
 * a page of it is in memory. Rejects with `not_found` before the first piece when there is no such visitor.
 */
export const exportVisitor = async (chat: Chat, actor: Actor, id: string): Promise<AsyncGenerator<string>> => {
  authorize(actor, 'visitor.export');
  const contact = await chat.store.entry('contact', id);
  if (contact === undefined) throw new GuichetError('not_found');
  await noteDown(chat, noteOf(actor, 'visitor.export', id));
  return pieces(chat, id, JSON.stringify(contact));
};

async function* pieces({ store }: Chat, userId: string, contact: string): AsyncGenerator<string> {
  yield `{"exportedAt":${JSON.stringify(new Date().toISOString())},"visitor":${contact},"conversations":[`;
  let cursor: string | null = null;
  let first = true;
  do {
    const page = await store.conversations({ userId, limit: PAGE, ...(cursor !== null && { cursor }) });
    for (const { conversation } of page.conversations) {
      yield `${first ? '' : ','}\n${JSON.stringify(conversation).slice(0, -1)},"messages":[`;
      first = false;
      yield* messagesOf(store, conversation.id);
      yield ']}';
    }
    cursor = page.nextCursor;
  } while (cursor !== null);
  yield ']}\n';
}

async function* messagesOf(store: Chat['store'], conversationId: string): AsyncGenerator<string> {
  let after = 0;
  for (;;) {
    const { messages, hasMore } = await store.messages(conversationId, { after, limit: PAGE });
    const text = messages.map(({ json }) => `\n  ${json}`).join(',');
    if (text !== '') yield after === 0 ? text : `,${text}`;
    after = messages.at(-1)?.value.seq ?? after;
    if (!hasMore) return;
  }
}
