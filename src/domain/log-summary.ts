import { plainLine } from '../protocol/plain-line.ts';
import { headOf } from './copy-log.ts';
import { conversationsOf, type WholeReads } from './digest.ts';

/** What a log holds, in a few lines for its owner. */
export interface LogSummary {
  readonly position: number;
  /** Of the newest record, epoch ms. */
  readonly time: number;
  readonly conversations: number;
  /** Messages, notes and events. */
  readonly messages: number;
  /** Conversations that changed last, the newest first. */
  readonly newest: readonly {
    readonly id: string;
    readonly subject: string | null;
    readonly messages: number;
    readonly updatedAt: string;
  }[];
}

const NEWEST = 10;

export const summaryOf = async (reads: WholeReads): Promise<LogSummary> => {
  const { position, time } = await headOf(reads);
  let conversations = 0;
  let messages = 0;
  const newest: LogSummary['newest'][number][] = [];
  for await (const { conversation, lastSeq, updatedAt } of conversationsOf(reads)) {
    conversations += 1;
    messages += lastSeq;
    const id = plainLine(conversation.id);
    const subject = plainLine(conversation.subject ?? '') || null;
    if (newest.length < NEWEST) newest.push({ id, subject, messages: lastSeq, updatedAt });
  }
  return { position, time, conversations, messages, newest };
};
