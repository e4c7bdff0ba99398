import type { Message } from '../protocol/entities.ts';
import type { OutboxEntry } from './outbox-storage.ts';

/** What the writer of a message may be told about it. Each claims no more than the server has promised. */
export type MessageState = 'sending' | 'unsaved' | 'stored' | 'delivered' | 'read' | 'failed';

/** How far the other side is, in `seq`: highest of what was reported, so that states never go back. */
export interface Progress {
  delivered: number;
  read: number;
}

export const stateOfMessage = (message: Pick<Message, 'seq' | 'durable'>, progress: Progress): MessageState => {
  if (!message.durable) return 'unsaved';
  if (message.seq <= progress.read) return 'read';
  return message.seq <= progress.delivered ? 'delivered' : 'stored';
};

export const stateOfEntry = (entry: Pick<OutboxEntry, 'status'>): MessageState =>
  entry.status === 'queued' ? 'sending' : entry.status;
