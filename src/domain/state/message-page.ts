import type { Message } from '../model/message.ts';
import type { MessageCount, MessageRange } from '../store.ts';

/** Which of `count` messages, numbered from 1, a page holds: indexes [from, to) and whether there are more. */
export const pageOf = (count: number, range: MessageRange): { from: number; to: number; hasMore: boolean } => {
  if (range.after !== undefined) {
    const from = Math.min(Math.max(range.after, 0), count);
    const end = range.before === undefined ? count : Math.max(from, Math.min(range.before - 1, count));
    const to = Math.min(end, from + range.limit);
    return { from, to, hasMore: to < end };
  }
  const to = range.before === undefined ? count : Math.min(Math.max(range.before - 1, 0), count);
  const from = Math.max(0, to - range.limit);
  return { from, to, hasMore: from > 0 };
};

/** Whether a message of the conversation that is counted in is one of those that are asked for. */
export const isCounted = (message: Message, { after, through, senderType }: Omit<MessageCount, 'conversationId'>) =>
  message.seq > after && message.seq <= through && message.kind === 'message' && message.senderType === senderType;
