import { GuichetError } from '../../../domain/errors.ts';
import { isSame } from '../../../domain/fill.ts';
import type { LogIdentity } from '../../../domain/model/log-identity.ts';
import type { LogRecord } from '../../../domain/model/record.ts';
import type { Counted, Remains, Remnant } from '../../../domain/repair/remains.ts';
import { type Claim, settle } from '../../../domain/repair/settle.ts';
import { isPossible } from '../../../domain/repair/shapes.ts';
import type { Driver } from '../dialect.ts';
import { recordOf } from '../feed.ts';
import { type LogRow, logRowOf, SELECT_HEAD } from '../head.ts';
import { requireKnown } from '../migrations.ts';
import { CONVERSATION_PART, ENTRY_PART, MESSAGE_PART, READ_PART, RECORD_PART } from '../parts.ts';
import type { Ask } from '../reads.ts';
import type { Sql, SqlRow } from '../sql.ts';
import { CONVERSATIONS, ENTRIES, LOG, MESSAGES, READS, type Table } from '../tables.ts';
import { readPastDamage, unlessDamaged } from './past-damage.ts';

const PER_REMNANT = 1000;
/** Beyond this the number of a log's last record is nonsense: a thousand a second for three years. */
const POSITION_MAX = 100_000_000_000;

/** Where entities are, each as its newest record. */
const STATE = [
  { table: CONVERSATIONS, alias: 'c', part: CONVERSATION_PART },
  { table: MESSAGES, alias: 'm', part: MESSAGE_PART },
  { table: READS, alias: 'r', part: READ_PART },
  { table: ENTRIES, alias: 'p', part: ENTRY_PART },
] as const;
const HISTORY = { table: LOG, alias: 'l', part: RECORD_PART } as const;

/** What is left of the log in a database; read beside it, without writing anything. */
export class SqlRemains implements Remains {
  /** `undefined` where the row of the log is gone, which alone says it. */
  readonly log: LogIdentity | undefined;
  readonly proven: number;
  readonly reach: readonly number[] = [];
  readonly counted: ReadonlyMap<string, Counted>;
  readonly lacking: { readonly entities: number; readonly through: number };
  readonly doubtful: readonly number[];
  readonly #floor: number;
  /** In order of position. */
  readonly #records: readonly LogRecord[];

  private constructor(found: Found) {
    this.log = found.head?.log;
    this.proven = found.proven;
    this.counted = found.counted;
    this.lacking = { entities: lackingIn(found), through: found.floor };
    this.doubtful = found.doubtful;
    this.#floor = found.floor;
    this.#records = found.records;
  }

  /**
   * Reads what can be read of a database, and holds it in memory. The driver is the caller's.
   * @throws GuichetError `refused` where there is no store, or somebody writes to it meanwhile
   */
  static async of(driver: Driver): Promise<SqlRemains> {
    const ask: Ask = (query) => driver.read(query);
    if (!(await isBegun(driver, ask))) throw new GuichetError('refused', `There is no store in ${driver.name}.`);
    const head = await headIn(ask);
    requireKnown(head?.format, driver.name);
    const found = await find(driver, ask, head);
    const now = await headIn(ask);
    if (head?.position !== now?.position || head?.epoch !== now?.epoch) {
      throw new GuichetError('refused', `A server writes to ${driver.name}. Stop it first.`);
    }
    return new SqlRemains(found);
  }

  /** A database keeps one state: the one that is damaged. */
  async at(): Promise<never> {
    throw new GuichetError('refused');
  }

  async *behind(position: number): AsyncGenerator<Remnant> {
    let at = position;
    let records: LogRecord[] = [];
    const cut = (through: number): Remnant => {
      const remnant = { after: at, through, records };
      [at, records] = [through, []];
      return remnant;
    };
    for (const record of this.#records) {
      if (record.position <= position) continue;
      const last = records.at(-1)?.position ?? at;
      // Above the floor every position has a record; below it only the newest of each entity is left.
      const reached = Math.max(last, this.#floor);
      if (record.position > reached + 1) {
        if (reached > at) yield cut(reached);
        at = record.position - 1;
      } else if (records.length === PER_REMNANT) yield cut(last);
      records.push(record);
    }
    const end = Math.max(records.at(-1)?.position ?? at, this.#floor);
    if (end > at) yield cut(end);
  }
}

interface Found {
  readonly head: LogRow | undefined;
  readonly proven: number;
  readonly floor: number;
  readonly counted: ReadonlyMap<string, Counted>;
  readonly records: readonly LogRecord[];
  readonly doubtful: readonly number[];
}

/** The row of the log; `undefined` where it is gone or damaged. */
const headIn = async (ask: Ask): Promise<LogRow | undefined> => {
  const [row] = (await unlessDamaged(ask(SELECT_HEAD))) ?? [];
  if (row === undefined) return undefined;
  const head = logRowOf(row);
  const { position, floor, time, log } = head;
  const isPossible =
    [floor, position - floor, time, log.rewinds].every((number) => Number.isSafeInteger(number) && number >= 0) &&
    position <= POSITION_MAX;
  return isPossible && typeof log.id === 'string' ? head : undefined;
};

const hasColumns = async (driver: Driver, ask: Ask, table: Table): Promise<boolean> => {
  const found = await driver.columns({ query: ask }, table.name);
  return table.columns.every(({ name }) => found.has(name));
};

/** Whether there is a table of ours, whichever is left. */
const isBegun = async (driver: Driver, ask: Ask): Promise<boolean> => {
  if (!(await driver.exists())) return false;
  for (const { table } of [HISTORY, ...STATE]) if (await hasColumns(driver, ask, table)) return true;
  return false;
};

const find = async (driver: Driver, ask: Ask, head: LogRow | undefined): Promise<Found> => {
  // Without the head: times as the entities say them.
  const now = head ?? { position: 0, time: Number.MAX_SAFE_INTEGER };
  const counted = new Map<string, Counted>();
  let [first, top] = [Number.POSITIVE_INFINITY, 0];
  const rows = async function* ({ table, alias, part }: { table: Table; alias: string; part: Sql }) {
    if (!(await hasColumns(driver, ask, table))) return;
    const size = head?.position ?? (top || undefined);
    yield* readPastDamage(ask, driver.dialect, { table: table.name, alias, part, size });
  };
  const claims = new Map<number, Claim>();
  for await (const row of rows(HISTORY)) {
    const record = recordIn(row, now);
    if (record === undefined) continue;
    claims.set(record.position, { records: [record], isAgreed: false });
    [first, top] = [Math.min(first, record.position), Math.max(top, record.position)];
  }
  // The head and the history are written together: a row of state that is ahead of both was put there by somebody else.
  const end = head === undefined ? Number.POSITIVE_INFINITY : Math.max(head.position, top);
  const known = new Set<string>();
  for (const place of STATE) {
    for await (const row of rows(place)) {
      const record = recordIn(row, now);
      if (place.table === CONVERSATIONS) noteCount(idIn(row, record), row, counted);
      if (record === undefined || record.position > end) continue;
      if (record.is('conversation')) known.add(record.value.id);
      claims.set(record.position, withWitness(claims.get(record.position), record));
    }
  }
  const { records, doubtful } = settle([...claims.values()], (id) => known.has(id));
  const proven = head === undefined ? (records.at(-1)?.position ?? 0) : end;
  // No conversation has more messages than the log has records.
  for (const [id, { seq }] of counted) if (seq > proven) counted.delete(id);
  return { head, proven, floor: Math.min(head?.floor ?? first - 1, proven), counted, records, doubtful };
};

/** @param record what the state says where the history may have said something before */
const withWitness = (claim: Claim | undefined, record: LogRecord): Claim => {
  if (claim === undefined) return { records: [record], isAgreed: false };
  return claim.records.some((said) => isSame(said, record))
    ? { ...claim, isAgreed: true }
    : { records: [...claim.records, record], isAgreed: false };
};

/** How many messages, conversations and contacts are missing that others of them speak of. */
const lackingIn = ({ records, counted }: Found): number => {
  const threads = new Map<string, Set<number>>();
  const [conversations, contacts, visitors] = [new Set<string>(), new Set<string>(), new Set<string>()];
  for (const record of records) {
    if (record.is('contact')) contacts.add(record.value.id);
    if (record.is('conversation')) {
      conversations.add(record.value.id);
      visitors.add(record.value.userId);
    }
    if (!record.is('message')) continue;
    const { conversationId, seq } = record.value;
    threads.set(conversationId, (threads.get(conversationId) ?? new Set()).add(seq));
  }
  let entities = visitors.difference(contacts).size + new Set(threads.keys()).difference(conversations).size;
  for (const [id, { seq }] of counted) entities += Math.max(0, seq - (threads.get(id)?.size ?? 0));
  return entities;
};

/** The record of a row, unless what is in the row cannot be one. */
const recordIn = (row: SqlRow, now: { position: number; time: number }): LogRecord | undefined => {
  try {
    const record = recordOf(row, now);
    return isPossible(record) ? record : undefined;
  } catch {
    return undefined;
  }
};

/** The id of a conversation: without its record the key, which is nearly always the same. */
const idIn = (row: SqlRow, record: LogRecord | undefined): string =>
  record?.is('conversation') ? record.value.id : (row.id as string);

const noteCount = (id: string, row: SqlRow, counted: Map<string, Counted>): void => {
  const { x: seq, y: publicSeq, e: updatedAt } = row;
  if (typeof seq !== 'number' || typeof publicSeq !== 'number' || typeof updatedAt !== 'string') return;
  if (publicSeq > seq || Number.isNaN(Date.parse(updatedAt))) return;
  counted.set(id, { seq, publicSeq, updatedAt });
};
