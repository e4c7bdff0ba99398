import { type CheckFinding, type CheckReport, NOTHING_COUNTED } from '../../domain/check-report.ts';
import { asGuichetError } from '../../domain/errors.ts';
import type { Driver } from './dialect.ts';
import { type LogRow, logRowOf, SELECT_HEAD } from './head.ts';
import { formatOf, requireKnown } from './migrations.ts';
import type { Ask } from './reads.ts';
import { raw, sql } from './sql.ts';

/** Conversations that are named one by one. */
const NAMED_MAX = 100;

/**
 * Reads the tables of one moment and says where they do not agree with each other. Writes nothing and holds nothing: a
 * running server may use the database.
 */
export const verifySqlStore = async (driver: Driver): Promise<CheckReport> => {
  const findings: CheckFinding[] = [];
  const tell = (severity: CheckFinding['severity'], message: string): void => {
    findings.push({ severity, file: driver.name, message });
  };
  let counts = NOTHING_COUNTED;
  try {
    if (await driver.exists()) counts = await verifyMoment(driver, tell);
    else tell('error', `There is no store in ${driver.name}.`);
  } catch (thrown) {
    const error = asGuichetError(thrown);
    tell('error', error.detail ?? (error.cause instanceof Error ? error.cause.message : error.message));
  } finally {
    await driver.close();
  }
  return { ok: findings.every(({ severity }) => severity === 'info'), findings, counts };
};

type Tell = (severity: CheckFinding['severity'], message: string) => void;

const verifyMoment = async (driver: Driver, tell: Tell): Promise<CheckReport['counts']> => {
  const moment = await driver.moment();
  try {
    const ask: Ask = (query) => moment.read(query);
    const format = await formatOf(driver, { query: ask });
    requireKnown(format, driver.name);
    if (format === undefined) {
      tell('error', `There is no store in ${driver.name}.`);
      return NOTHING_COUNTED;
    }
    for (const row of driver.integrity === undefined ? [] : await ask(driver.integrity)) {
      if (row.found !== 'ok') tell('error', `The file is damaged: ${row.found}`);
    }
    const head = logRowOf((await ask(SELECT_HEAD))[0]!);
    await verifyLog(ask, head, tell);
    await verifyThreads(ask, tell);
    const count = async (table: string, where = '') =>
      Number((await ask(raw(`SELECT count(*) AS found FROM ${table} ${where}`)))[0]!.found);
    return {
      ...NOTHING_COUNTED,
      position: head.position,
      conversations: await count('chat_conversations', 'WHERE position > 0'),
      messages: await count('chat_messages'),
      entries: await count('chat_entries'),
    };
  } finally {
    await moment.close();
  }
};

/** Above the floor every record is there, and nothing is ahead of the head. */
const verifyLog = async (ask: Ask, { position, floor }: LogRow, tell: Tell): Promise<void> => {
  const [row] = await ask(
    sql`SELECT count(*) AS found FROM chat_log WHERE position > ${floor} AND position <= ${position}`,
  );
  const missing = position - floor - Number(row!.found);
  if (missing > 0) tell('error', `${missing} records between ${floor} and ${position} are missing in chat_log.`);
  for (const table of ['chat_conversations', 'chat_messages', 'chat_reads', 'chat_entries', 'chat_log']) {
    const [ahead] = await ask(sql`SELECT count(*) AS found FROM ${raw(table)} WHERE position > ${position}`);
    if (Number(ahead!.found) > 0) tell('error', `${ahead!.found} rows of ${table} are ahead of the log's end.`);
  }
};

/** Every conversation counts the messages it has, without a gap. */
const verifyThreads = async (ask: Ask, tell: Tell): Promise<void> => {
  const [waiting] = await ask(sql`SELECT count(*) AS found FROM chat_conversations WHERE position = 0`);
  if (Number(waiting!.found) > 0) {
    tell('warn', 'Some messages are there and their conversation is not: this keeper is still being filled.');
  }
  const wrong = await ask(sql`
    SELECT c.id, c.last_seq, c.last_public_seq, COALESCE(m.found, 0) AS found, COALESCE(m.top, 0) AS top
    FROM chat_conversations c LEFT JOIN (
      SELECT conversation_id, count(*) AS found, max(seq) AS top,
        count(CASE WHEN kind = 'message' THEN 1 END) AS shown
      FROM chat_messages GROUP BY conversation_id
    ) m ON m.conversation_id = c.id
    WHERE COALESCE(m.found, 0) <> c.last_seq OR COALESCE(m.top, 0) <> c.last_seq
      OR COALESCE(m.shown, 0) <> c.last_public_seq
    LIMIT ${NAMED_MAX}`);
  for (const { id, last_seq: counted, found } of wrong) {
    tell('error', `Conversation ${JSON.stringify(id)} counts ${counted} messages and holds ${found}.`);
  }
  const [alone] = await ask(sql`SELECT count(*) AS found FROM chat_messages m
    WHERE NOT EXISTS (SELECT 1 FROM chat_conversations c WHERE c.id = m.conversation_id)`);
  if (Number(alone!.found) > 0) tell('error', `${alone!.found} messages belong to no conversation.`);
};
