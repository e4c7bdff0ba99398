import { isPublic } from '../../domain/model/message.ts';
import { entityKey, type LogRecord } from '../../domain/model/record.ts';
import type { Batch, RecordPage, Store } from '../../domain/store.ts';
import type { Opened } from './harness.ts';

/**
 * The compacted form of a log: the newest record of each entity, in order of position. A read mark that was passed by
 * a message of its reader follows from that message, and is none any more.
 */
export const compact = (records: readonly LogRecord[]): LogRecord[] => {
  const newest = new Map(records.map((record) => [entityKey(record), record]));
  const posted = new Map<string, number>();
  for (const record of records) {
    if (!record.is('message') || !isPublic(record.value)) continue;
    const { conversationId, senderId, senderType, seq } = record.value;
    const key = JSON.stringify([conversationId, senderType, senderId]);
    posted.set(key, Math.max(seq, posted.get(key) ?? 0));
  }
  const isPassed = (record: LogRecord): boolean => {
    if (!record.is('read')) return false;
    const { conversationId, readerId, readerType, seq } = record.value;
    return (posted.get(JSON.stringify([conversationId, readerType, readerId])) ?? 0) > seq;
  };
  return [...newest.values()].filter((record) => !isPassed(record)).sort((a, b) => a.position - b.position);
};

/** Where a keeper stands that is being filled from another. */
export class Filling {
  readonly #target: Opened;
  #after: number;

  constructor(target: Opened, after = target.head.position) {
    this.#target = target;
    this.#after = after;
  }

  /** Takes in one page; the same batch a second time, as after an answer that got lost. */
  async take(page: Pick<RecordPage, 'records' | 'through' | 'compacted'>): Promise<Batch> {
    const { store, head } = this.#target;
    const batch = { log: head.log, epoch: head.epoch, after: this.#after, ...page };
    await store.append(batch);
    await store.append(batch);
    this.#after = page.through;
    return batch;
  }

  /** Reads and takes in one page of another keeper. Says whether there was more. */
  async takeFrom(source: Store, limit: number): Promise<boolean> {
    const page = await source.recordsSince(this.#after, limit);
    if (page.records.length > 0) await this.take(page);
    return page.more;
  }

  /** Takes in everything another keeper has. */
  async takeAll(source: Store, limit: number): Promise<void> {
    while (await this.takeFrom(source, limit));
  }
}
