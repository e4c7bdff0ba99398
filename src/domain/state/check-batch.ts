import { GuichetError } from '../errors.ts';
import { sameLog } from '../model/log-identity.ts';
import type { Batch, LogHead } from '../store.ts';

/**
 * The fence every store has: a batch of another log or an older epoch, or one that does not follow the head, is
 * rejected with `fenced`. `again` when it lies wholly at or behind the head: the store then compares it with what it
 * holds and accepts only the same.
 */
export const checkBatch = (batch: Batch, head: LogHead): 'next' | 'again' => {
  requireOrder(batch);
  if (!sameLog(batch.log, head.log) || batch.epoch !== head.epoch) throw new GuichetError('fenced');
  if (batch.after === head.position) return 'next';
  if (batch.through <= head.position) return 'again';
  throw new GuichetError('fenced');
};

const requireOrder = (batch: Batch): void => {
  let last = batch.after;
  for (const { position } of batch.records) {
    const follows = batch.compacted ? position > last : position === last + 1;
    if (!follows) throw new GuichetError('fenced', `Position ${position} does not follow ${last}.`);
    last = position;
  }
  if (batch.compacted ? last > batch.through : last !== batch.through) {
    throw new GuichetError('fenced', `A batch that ends at ${last} cannot lead to ${batch.through}.`);
  }
};
