import { GuichetError } from '../../domain/errors.ts';
import type { LogIdentity } from '../../domain/model/log-identity.ts';
import type { Driver, Transaction } from './dialect.ts';
import { type Sql, type SqlRow, sql } from './sql.ts';

/** `shared`: processes take turns by the lock of this row. `exclusive`: one process of a chain writes, the others not. */
export type Lease = 'shared' | 'exclusive';

/** The one row of `chat_head`. */
export interface LogRow {
  readonly log: LogIdentity;
  readonly format: number;
  readonly epoch: number;
  readonly lease: Lease;
  readonly keeper: string;
  readonly position: number;
  readonly time: number;
  readonly floor: number;
  /** What the last batch followed, and its digest: the batch whose answer may have been lost. */
  readonly lastAfter: number;
  readonly lastDigest: string;
}

export const SELECT_HEAD = sql`SELECT h.format, h.log_id, h.rewinds, h.epoch, h.lease, h.keeper, h.position, h.time,
  h.floor_position, h.last_after, h.last_digest FROM chat_head h WHERE h.id = 1`;

export const logRowOf = (row: SqlRow): LogRow => ({
  log: { id: row.log_id as string, rewinds: row.rewinds as number },
  format: row.format as number,
  epoch: row.epoch as number,
  lease: row.lease as Lease,
  keeper: row.keeper as string,
  position: row.position as number,
  time: row.time as number,
  floor: row.floor_position as number,
  lastAfter: row.last_after as number,
  lastDigest: row.last_digest as string,
});

/** The row of the log, which nobody else may change until the transaction ends. */
export const lockHead = async ({ name, dialect }: Driver, transaction: Transaction): Promise<LogRow> => {
  const [row] = await transaction.query(sql`${SELECT_HEAD}${dialect.forUpdate}`);
  if (row === undefined) throw new GuichetError('refused', `${name} has lost the row of its log in chat_head.`);
  return logRowOf(row);
};

/** What follows the head behind a batch. */
export const setHead = ({ position, time, floor, lastAfter, lastDigest }: LogRow): Sql => sql`
  UPDATE chat_head SET position = ${position}, time = ${time}, floor_position = ${floor},
    last_after = ${lastAfter}, last_digest = ${lastDigest} WHERE id = 1`;

/**
 * The same where the row is not locked yet: locks it, and sets a column to NULL that takes none unless it stands as in
 * `from`. So one statement locks, compares and moves the head, and everything behind it falls with it.
 */
export const moveHead = (from: LogRow, { position, time, lastAfter, lastDigest }: LogRow): Sql => sql`
  UPDATE chat_head SET last_after = ${lastAfter}, last_digest = ${lastDigest},
    time = CASE WHEN time < ${time} THEN ${time} ELSE time END,
    position = CASE WHEN position = ${from.position} AND epoch = ${from.epoch} AND log_id = ${from.log.id}
      AND rewinds = ${from.log.rewinds} THEN position + ${position - from.position} END WHERE id = 1`;
