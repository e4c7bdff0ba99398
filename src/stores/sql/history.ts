import type { Driver, Transaction } from './dialect.ts';
import { type LogRow, lockHead } from './head.ts';
import { sql } from './sql.ts';

/** How long records can be read one by one. */
export const HISTORY_MS = 14 * 24 * 3600 * 1000;
/** How many older ones go in one transaction, so that no post waits long for it. */
const FORGET_MAX = 5_000;

/**
 * Raises the floor over records older than `before` (epoch ms), a bounded number of them: from then on they are answered
 * from state.
 * @returns the row of the log behind it, and whether nothing that old is left
 */
export const forgetSome = (driver: Driver, before: number): Promise<{ row: LogRow; isOver: boolean }> =>
  driver.transaction(async (transaction: Transaction) => {
    const head = await lockHead(driver, transaction);
    const old = await transaction.query(sql`SELECT position FROM chat_log
      WHERE position > ${head.floor} AND time < ${before} ORDER BY position LIMIT ${FORGET_MAX}`);
    const floor = (old.at(-1)?.position ?? head.floor) as number;
    if (floor > head.floor) {
      await transaction.run([
        { sql: sql`UPDATE chat_head SET floor_position = ${floor} WHERE id = 1` },
        { sql: sql`DELETE FROM chat_log WHERE position <= ${floor}` },
      ]);
    }
    return { row: { ...head, floor }, isOver: old.length < FORGET_MAX };
  });
