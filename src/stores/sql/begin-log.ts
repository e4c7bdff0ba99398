import { randomUUIDv7 } from 'node:crypto';
import { GuichetError } from '../../domain/errors.ts';
import type { DirectoryValues } from '../../domain/model/directory.ts';
import { type LogIdentity, sameLog } from '../../domain/model/log-identity.ts';
import { resolve, viewRequestOf } from '../../domain/resolve.ts';
import type { OpenOptions } from '../../domain/store.ts';
import { adoptedItems, setTablesAside } from './adoption.ts';
import type { Driver, Transaction } from './dialect.ts';
import { type LogRow, lockHead } from './head.ts';
import { FORMAT, formatOf, makeTables, requireKnown } from './migrations.ts';
import { sql } from './sql.ts';
import type { SqlWriter } from './sql-writer.ts';

/** Makes the tables where no log was begun. Nobody else does so at the same time. */
export const prepareTables = async (driver: Driver, transaction: Transaction): Promise<void> => {
  const format = await formatOf(driver, transaction);
  requireKnown(format, driver.name);
  if (format !== undefined) return;
  await setTablesAside(driver, transaction);
  await makeTables(driver.dialect, transaction);
};

/**
 * Begins a log where none was begun, with what another program kept here; in one transaction, for it changes no schema.
 * @returns how many messages were adopted
 */
export const beginLogOnce = async (
  { driver, writer, timezone }: { driver: Driver; writer: SqlWriter; timezone: string | undefined },
  transaction: Transaction,
  log: LogIdentity,
): Promise<number> => {
  if ((await formatOf(driver, transaction)) !== undefined) return 0;
  const { id, rewinds } = log;
  await transaction.run([
    {
      sql: sql`INSERT INTO chat_head (id, format, log_id, rewinds, epoch, lease, keeper, position, time,
        floor_position, last_after, last_digest)
        VALUES (1, ${FORMAT}, ${id}, ${rewinds}, 0, 'exclusive', ${randomUUIDv7()}, 0, 0, 0, 0, '')`,
    },
  ]);
  let row = await lockHead(driver, transaction);
  writer.opened(row);
  let adopted = 0;
  for await (const items of adoptedItems(driver, transaction, timezone)) {
    const changes = [{ type: 'import' as const, items }];
    const view = await writer.viewIn(transaction, viewRequestOf(changes));
    const { records, outcomes } = resolve(changes, view, Date.now());
    for (const outcome of outcomes) if (!outcome.ok) throw outcome.error;
    const { epoch, position: after } = row;
    // What it adds up to is all there is: nobody has seen it one by one.
    const batch = { log, epoch, after, through: after + records.length, records, compacted: true };
    row = await writer.writeIn(transaction, row, batch);
    adopted += items.filter(({ type }) => type === 'message').length;
  }
  return adopted;
};

/** Begins an epoch, or joins that of others who share the log. */
export const beginEpoch = async (
  driver: Driver,
  transaction: Transaction,
  { log, shared = false }: OpenOptions,
): Promise<LogRow> => {
  const row = await lockHead(driver, transaction);
  if (log !== undefined && !sameLog(log, row.log)) {
    throw new GuichetError('refused', `${driver.name} keeps another log. Give this one a database of its own.`);
  }
  const mayShare = shared && driver.isShared && (await isAlone(transaction, row.keeper));
  const lease = mayShare ? 'shared' : 'exclusive';
  if (lease === 'shared' && row.lease === 'shared') return row;
  const epoch = row.epoch + 1;
  await transaction.run([{ sql: sql`UPDATE chat_head SET epoch = ${epoch}, lease = ${lease} WHERE id = 1` }]);
  return { ...row, epoch, lease };
};

/** Whether no other store keeps this log too, as far as it is written down (FB-7). */
const isAlone = async (transaction: Transaction, keeper: string): Promise<boolean> => {
  const [row] = await transaction.query(sql`SELECT record FROM chat_entries WHERE kind = 'chain' AND id = 'chain'`);
  if (row === undefined) return true;
  const { members } = JSON.parse(row.record as string) as DirectoryValues['chain'];
  return members.every((member) => member.keeper === keeper);
};
