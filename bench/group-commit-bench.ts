import { startHead } from '../src/domain/model/conversation.ts';
import { headAfter } from '../src/domain/state/log-state.ts';
import type { Driver } from '../src/stores/sql/dialect.ts';
import { makeTables } from '../src/stores/sql/migrations.ts';
import { conversationRow, logRow, messageRow } from '../src/stores/sql/rows.ts';
import { sql } from '../src/stores/sql/sql.ts';
import { SqlStore } from '../src/stores/sql/sql-store.ts';
import { CONVERSATIONS as CONVERSATION_TABLE, HEAD, LOG, MESSAGES } from '../src/stores/sql/tables.ts';
import { type Appender, behindResolve, CONVERSATIONS, drive, handNumbered, inBatches } from './appender.ts';
import { type MakeDriver, onEachDatabase } from './databases.ts';
import { type Measured, measured, printTable } from './report.ts';

interface Options {
  readonly seconds: number;
  readonly rounds: number;
  readonly on: string | undefined;
}

/** Group commit on each database against its bare driver. */
export const benchGroupCommit = (options: Options): Promise<void> =>
  onEachDatabase(options.on, (name, make) => benchAppends(name, make, options));

const benchAppends = async (name: string, make: MakeDriver, { seconds, rounds }: Options): Promise<void> => {
  const peers = {
    'bare driver: the same rows, by hand': bareDriver,
    'store behind resolve and group commit': wholeStore,
  };
  for (const outstanding of [1, 64, 1024]) {
    const results = new Map<string, Measured[]>(Object.keys(peers).map((peer) => [peer, []]));
    for (let round = 0; round < rounds; round += 1) {
      for (const [peer, open] of Object.entries(peers)) {
        const appender = await open(await make());
        results.get(peer)!.push(measured(await drive(appender, outstanding, seconds), seconds));
        await appender.close();
      }
    }
    printTable(`${name}: durable posts of 200 bytes, ${outstanding} outstanding`, results);
  }
};

/**
 * All that waits is one transaction of the rows that the store writes: messages, records, and the conversations with
 * what messages change of them, in the same tables with the same indexes, and the head moved. Nothing is looked at,
 * locked, compared, or put into the index for searches.
 */
const bareDriver = async (driver: Driver): Promise<Appender> => {
  await driver.open();
  const { dialect } = driver;
  await driver.migrate((transaction) => makeTables(dialect, transaction));
  const at = new Date().toISOString();
  const nobody = {
    subject: null,
    status: 'ACTIVE',
    userId: 'v1',
    agentId: null,
    labels: [],
    snoozedUntil: null,
  } as const;
  const heads = Array.from({ length: CONVERSATIONS }, (_, i) => {
    const times = { createdAt: at, changedAt: at, publicAt: at, publicPosition: i + 1 };
    return startHead({ id: `c${i}`, ...nobody, ...times }, i + 1);
  });
  const rowOf = (i: number) => conversationRow(heads[i]!, JSON.stringify(heads[i]!.conversation));
  await driver.transaction((transaction) =>
    transaction.run([
      ...dialect.insert(
        CONVERSATION_TABLE,
        heads.map((_, i) => rowOf(i)),
        true,
      ),
      ...dialect.insert(HEAD, [[1, 1, 'log', 0, 1, 'exclusive', 'keeper', CONVERSATIONS, 0, 0, 0, '']], false),
    ]),
  );
  const recordsOf = handNumbered(CONVERSATIONS);
  const write = async (numbers: readonly number[]): Promise<void> => {
    const records = recordsOf(numbers);
    const changed = new Set<number>();
    for (const record of records) {
      const i = Number(record.value.conversationId.slice(1));
      heads[i] = headAfter(heads[i]!, record);
      changed.add(i);
    }
    const { position, time } = records.at(-1)!;
    await driver.transaction((transaction) =>
      transaction.run([
        ...dialect.insert(CONVERSATION_TABLE, [...changed].map(rowOf), true),
        ...dialect.insert(MESSAGES, records.map(messageRow), false),
        ...dialect.insert(LOG, records.map(logRow), false),
        { sql: sql`UPDATE chat_head SET position = ${position}, time = ${time} WHERE id = 1` },
      ]),
    );
  };
  return inBatches(write, () => driver.close());
};

const wholeStore = (driver: Driver): Promise<Appender> => behindResolve(new SqlStore(driver));
